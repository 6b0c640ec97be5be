// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The tasks of the traced tree, and those that wait on its listeners: these are workers. */
#include <string.h>

#include "model/state.h"

/* Few tasks have most of the records. */
static struct model_task **met(struct model *m, uint32_t tid)
{
	return &m->met[tid % MODEL_TASKS_MET];
}

struct model_task *model__find_task(struct model *m, uint32_t tid)
{
	struct model_task *t = *met(m, tid);

	if (t && t->tid == tid)
		return t;
	HASH_FIND(hh, m->tasks, &tid, sizeof(tid), t);
	if (t)
		*met(m, tid) = t;
	return t;
}

struct model_task *model__get_task(struct model *m, uint32_t tid, uint32_t tgid)
{
	struct model_task *t = model__find_task(m, tid);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->tgid = tgid;
	t->worker = NO_WORKER;
	HASH_ADD(hh, m->tasks, tid, sizeof(t->tid), t);
	if (!t->hh.tbl) {
		free(t);
		return NULL;
	}
	return t;
}

void model__set_comm(struct model *m, struct model_task *t, const char *comm)
{
	memcpy(t->comm, comm, RECORD_COMM_LEN);
	t->comm[RECORD_COMM_LEN] = '\0';
	if (t->worker != NO_WORKER)
		memcpy(m->totals.workers[t->worker].comm, t->comm, sizeof(t->comm));
}

void model__place_worker(struct model *m, const struct model_task *t)
{
	struct report_worker *w;

	if (t->worker == NO_WORKER)
		return;
	w = &m->totals.workers[t->worker];
	w->ns_pid = t->ns_pid;
	w->ns_tid = t->ns_tid;
	w->place = t->place;
}

uint32_t model__get_worker(struct model *m, struct model_task *t)
{
	struct report_worker *w;
	struct model_marks *marks;

	if (t->worker != NO_WORKER)
		return t->worker;
	marks = vector_add(&m->marks);
	w = marks ? totals__add_worker(&m->totals, t->tgid, t->tid) : NULL;
	if (!w)
		return NO_WORKER;
	memcpy(w->comm, t->comm, sizeof(w->comm));
	m->came++;
	t->worker = m->totals.worker_cnt - 1;
	model__place_worker(m, t);
	return t->worker;
}

struct pool_member *model__join_pool(struct model *m, struct model_task *t, uint32_t listener)
{
	struct pool *pool = totals__pool_of(&m->totals, listener);
	uint32_t number = pool ? m->totals.listeners[listener].pool - 1 : 0;
	struct pool_member **first;

	if (!pool || model__get_worker(m, t) == NO_WORKER)
		return NULL;
	if (t->member && t->member->key.pool == number)
		return t->member;
	first = &m->totals.workers[t->worker].pools;
	return t->member = pools__join(&m->totals.pools, number, t->worker, t->born, first);
}

void model__resume_worker(const struct model *m, struct model_task *t)
{
	for (size_t i = m->totals.worker_cnt; t->worker == NO_WORKER && i-- > 0;)
		if (m->totals.workers[i].tid == t->tid && m->totals.workers[i].pid == t->tgid)
			t->worker = i;
}

void model__drop_task(struct model *m, struct model_task *t)
{
	model__forget_sleeps(m, t);
	if (*met(m, t->tid) == t)
		*met(m, t->tid) = NULL;
	HASH_DEL(m->tasks, t);
	free(t);
}
