// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "model/state.h"

#include <errno.h>
#include <string.h>

int vector__grow(void **at, size_t *cnt, size_t *capacity, size_t size)
{
	size_t room = *capacity ? *capacity * 2 : 16;
	void *larger;

	if (*cnt == *capacity) {
		larger = reallocarray(*at, room, size);
		if (!larger)
			return -ENOMEM;
		*at = larger;
		*capacity = room;
	}
	memset((char *)*at + *cnt * size, 0, size);
	return 0;
}

struct model *model__new(void)
{
	return calloc(1, sizeof(struct model));
}

static void free_tasks(struct model *m)
{
	struct model_task *t, *next;

	HASH_ITER(hh, m->tasks, t, next)
	{
		HASH_DEL(m->tasks, t);
		free(t);
	}
}

static void free_selections(struct model *m)
{
	struct model_selection *s, *next;

	HASH_ITER(hh, m->selections, s, next)
	{
		HASH_DEL(m->selections, s);
		free(s);
	}
}

static void free_aliases(struct model *m)
{
	struct model_alias *a, *next;

	HASH_ITER(hh, m->aliases, a, next)
	{
		HASH_DEL(m->aliases, a);
		free(a);
	}
}

void model__free(struct model *m)
{
	if (!m)
		return;
	free_tasks(m);
	free_selections(m);
	free_aliases(m);
	HASH_CLEAR(by_arrival, m->by_arrival);
	HASH_CLEAR(by_child, m->by_child);
	HASH_CLEAR(hh, m->open_listeners);
	for (size_t i = 0; i < m->listeners.cnt; i++)
		free(m->listeners.at[i]);
	for (size_t i = 0; i < m->connections.cnt; i++) {
		free(m->connections.at[i]->waiters.at);
		free(m->connections.at[i]->elsewhere.at);
		free(m->connections.at[i]);
	}
	for (size_t i = 0; i < m->hooks.cnt; i++) {
		free(m->hooks.at[i].function);
		free(m->hooks.at[i].how);
	}
	for (size_t i = 0; i < m->command.cnt; i++)
		free(m->command.at[i]);
	for (size_t i = 0; i < m->notes.cnt; i++)
		free(m->notes.at[i]);
	free(m->hooks.at);
	free(m->command.at);
	free(m->notes.at);
	free(m->listeners.at);
	free(m->workers.at);
	free(m->connections.at);
	free(m->wakes.at);
	free(m->release);
	free(m->arch);
	free(m->mode);
	free(m->server_exit);
	free(m);
}

/* ---- tasks and workers ---- */

struct model_task *model__find_task(struct model *m, uint32_t tid)
{
	struct model_task *t;

	HASH_FIND(hh, m->tasks, &tid, sizeof(tid), t);
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
	t->worker = t->open_wake = t->woken_for = t->orphans = t->evidence.connection = NONE;
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
	if (t->worker != NONE)
		memcpy(m->workers.at[t->worker].comm, t->comm, sizeof(t->comm));
}

/* Index of the task's row among the workers, made on first use; NONE when out of memory. */
size_t model__get_worker(struct model *m, struct model_task *t)
{
	struct model_worker *w;

	if (t->worker != NONE)
		return t->worker;
	w = vector_add(&m->workers);
	if (!w)
		return NONE;
	w->pid = t->tgid;
	w->tid = t->tid;
	memcpy(w->comm, t->comm, sizeof(w->comm));
	return t->worker = m->workers.cnt - 1;
}

/* ---- records, one function each ---- */

static char **meta_slot(struct model *m, enum meta_key key)
{
	switch (key) {
	case META_RELEASE: return &m->release;
	case META_ARCH: return &m->arch;
	case META_MODE: return &m->mode;
	case META_SERVER_EXIT: return &m->server_exit;
	case META_ARGUMENT: return vector_add(&m->command);
	case META_NOTE: return vector_add(&m->notes);
	default: return NULL;
	}
}

/* "FUNCTION HOW" */
static int add_hook(struct model *m, char *text)
{
	struct report_hook *hook = vector_add(&m->hooks);
	char *space = strrchr(text, ' ');

	if (!hook)
		return -ENOMEM;
	hook->how = strdup(space ? space + 1 : "");
	if (space)
		*space = '\0';
	hook->function = strdup(text);
	return hook->how && hook->function ? 0 : -ENOMEM;
}

static int add_meta(struct model *m, const struct record_meta *r)
{
	char *text = strndup((const char *)(r + 1), r->text_len);
	char **slot;
	int err;

	if (!text)
		return -ENOMEM;
	if (r->key == META_HOOK) {
		err = add_hook(m, text);
		free(text);
		return err;
	}
	slot = meta_slot(m, r->key);
	if (!slot) {
		free(text);
		return -ENOMEM;
	}
	free(*slot);
	*slot = text;
	return 0;
}

static int add_task(struct model *m, const struct record_task *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (r->event == TASK_EXITED) {
		if (t)
			model__end_task(m, t);
		return 0;
	}
	/* A number that is used again is a new task. */
	if (t && r->event == TASK_FORKED)
		model__end_task(m, t);
	t = model__get_task(m, r->header.tid, r->tgid);
	if (!t)
		return -ENOMEM;
	model__set_comm(m, t, r->comm);
	return 0;
}

static int add_record(struct model *m, const union record_any *r)
{
	switch (r->header.type) {
	case RECORD_META: return add_meta(m, &r->meta);
	case RECORD_TASK: return add_task(m, &r->task);
	case RECORD_LISTEN: return model__add_listen(m, &r->listen);
	case RECORD_UNLISTEN: model__add_unlisten(m, &r->unlisten); return 0;
	case RECORD_SELECT: return model__add_select(m, &r->select);
	case RECORD_ARRIVAL: return model__add_arrival(m, &r->arrival);
	case RECORD_PATH: model__add_path(m, &r->path); return 0;
	case RECORD_MIGRATE: return model__add_migrate(m, &r->migrate);
	case RECORD_REFUSED: model__add_refused(m, &r->refused); return 0;
	case RECORD_WAITER: return model__add_waiter(m, &r->waiter);
	case RECORD_WALK: model__add_walk(m, &r->walk); return 0;
	case RECORD_WAKE: return model__add_wake(m, &r->wake);
	case RECORD_RUN: model__add_run(m, &r->run); return 0;
	case RECORD_ACCEPT: return model__add_accept(m, &r->accept);
	case RECORD_RETURN: model__add_return(m, &r->ret); return 0;
	case RECORD_SLEEP: model__add_sleep(m, &r->sleep); return 0;
	case RECORD_END:
		m->end = r->end;
		m->ended = true;
		return 0;
	default: return 0;
	}
}

int model__take(void *model, const struct record_header *record)
{
	struct model *m = model;

	if (record->time_ns > m->last_ns)
		m->last_ns = record->time_ns;
	return add_record(m, (const union record_any *)record);
}

/* ---- where it stands ---- */

void model__progress(const struct model *m, struct model_progress *p)
{
	*p = (struct model_progress){
		.arrivals = m->arrivals,
		.accepted = m->accepted,
		.ended = m->accepted + m->refused + m->lost,
		.wakes = m->herd_wakes,
		.open_wakes = m->open_wakes,
		.live_tasks = HASH_COUNT(m->tasks),
	};
	for (size_t i = 0; i < m->listeners.cnt; i++)
		p->listeners += !m->listeners.at[i]->closed;
}

static const struct model_listener *open_listener(const struct model *m, size_t index)
{
	for (size_t i = 0; i < m->listeners.cnt; i++)
		if (!m->listeners.at[i]->closed && index-- == 0)
			return m->listeners.at[i];
	return NULL;
}

const struct record_endpoint *model__listener(const struct model *m, size_t index)
{
	const struct model_listener *l = open_listener(m, index);

	return l ? &l->local : NULL;
}

const char *model__listener_path(const struct model *m, size_t index)
{
	const struct model_listener *l = open_listener(m, index);

	return l ? l->path : "";
}

void model__each_task(const struct model *m, model_task_visitor visit, void *arg)
{
	for (const struct model_task *t = m->tasks; t; t = t->hh.next)
		visit(arg, t->tid, t->tgid, t->open_wake != NONE);
}
