// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Who had a listener open when the trace ended: workers that never waited are known by that. */
#include <errno.h>

#include "model/state.h"

int model__add_holder(struct model *m, const struct record_holder *r)
{
	struct model_listener *l = model__find_listener(m, r->listener);
	struct model_holder *holder;

	if (!l)
		return 0;
	holder = vector_add(&m->holders);
	if (!holder || !totals__pool_of(&m->totals, l->index))
		return -ENOMEM;
	holder->pool = m->totals.listeners[l->index].pool - 1;
	holder->pid = r->header.tid;
	holder->parent = r->parent;
	return 0;
}

/* For qsort() and bsearch(). */
static int by_pid(const void *a, const void *b)
{
	const struct model_holder *left = a, *right = b;

	if (left->pool != right->pool)
		return left->pool > right->pool ? 1 : -1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* Those that take part come first of one parent. */
static int by_parent(const void *a, const void *b)
{
	const struct model_holder *left = a, *right = b;

	if (left->pool != right->pool)
		return left->pool > right->pool ? 1 : -1;
	if (left->parent != right->parent)
		return left->parent > right->parent ? 1 : -1;
	return right->takes_part - left->takes_part;
}

/* Several listeners of one group: held once. */
static void sort_holders(struct model *m)
{
	size_t kept = 0;

	qsort(m->holders.at, m->holders.cnt, sizeof(*m->holders.at), by_pid);
	for (size_t i = 0; i < m->holders.cnt; i++)
		if (!kept || by_pid(&m->holders.at[i], &m->holders.at[kept - 1]))
			m->holders.at[kept++] = m->holders.at[i];
	m->holders.cnt = kept;
}

/* A thread that is a worker, of whatever listener, and lives. */
struct resident {
	uint32_t pid, worker;
};

struct residents {
	VECTOR(struct resident) all; /* in order of pid, and then of worker */
};

/* For qsort(). */
static int by_process(const void *a, const void *b)
{
	const struct resident *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid > right->pid ? 1 : -1;
	return (left->worker > right->worker) - (left->worker < right->worker);
}

static int find_residents(const struct model *m, struct residents *found)
{
	struct resident *slot;

	for (struct pool_member *p = m->totals.pools.members; p; p = p->hh.next) {
		if (p->until != STILL_THERE)
			continue;
		slot = vector_add(&found->all);
		if (!slot)
			return -ENOMEM;
		*slot = (struct resident){m->totals.workers[p->key.worker].pid, p->key.worker};
	}
	if (found->all.cnt)
		qsort(found->all.at, found->all.cnt, sizeof(*found->all.at), by_process);
	return 0;
}

/* The first worker of a process, NO_WORKER: it has none. */
static uint32_t worker_of(const struct residents *residents, uint32_t pid)
{
	size_t low = 0, high = residents->all.cnt;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (residents->all.at[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == residents->all.cnt || residents->all.at[low].pid != pid)
		return NO_WORKER;
	return residents->all.at[low].worker;
}

static void mark_members(struct model *m)
{
	struct pools *pools = &m->totals.pools;

	sort_holders(m);
	for (size_t i = 0; i < m->holders.cnt; i++)
		pools->all.at[m->holders.at[i].pool].holders++;
	for (struct pool_member *member = pools->members; member; member = member->hh.next) {
		struct model_holder key = {.pool = member->key.pool,
					   .pid = m->totals.workers[member->key.worker].pid};
		struct model_holder *holder = bsearch(&key, m->holders.at, m->holders.cnt,
						      sizeof(*m->holders.at), by_pid);

		member->holds = holder;
		if (holder && member->until == STILL_THERE)
			holder->takes_part = true;
	}
}

/* The thread by which a process counts: one that is a worker of another listener, or else its first one. */
static struct model_task *speaker_of(struct model *m, const struct residents *residents,
				     uint32_t pid)
{
	uint32_t worker = worker_of(residents, pid);
	struct model_task *t = NULL;

	if (worker != NO_WORKER)
		t = model__find_task(m, m->totals.workers[worker].tid);
	return t && t->worker == worker ? t : model__get_task(m, pid, pid);
}

/* A process counts once: all its threads hold whatever it holds. */
static int add_worker(struct model *m, const struct residents *residents,
		      const struct model_holder *holder)
{
	struct model_task *t = speaker_of(m, residents, holder->pid);
	struct pool_member *member;

	if (!t || model__get_worker(m, t) == NO_WORKER)
		return -ENOMEM;
	member = pools__join(&m->totals.pools, holder->pool, t->worker, t->born,
			     &m->totals.workers[t->worker].pools);
	if (!member)
		return -ENOMEM;
	member->holds = true;
	return 0;
}

/* A worker's parent that holds the listener is its master; whoever has the same parent, its sibling. */
int model__add_never_waited(struct model *m)
{
	const struct model_holder *holder, *first = NULL;
	struct residents residents = {0};
	int err;

	if (!m->holders.cnt)
		return 0;
	err = find_residents(m, &residents);
	mark_members(m);
	qsort(m->holders.at, m->holders.cnt, sizeof(*m->holders.at), by_parent);
	for (size_t i = 0; !err && i < m->holders.cnt; i++) {
		holder = &m->holders.at[i];
		if (!first || first->pool != holder->pool || first->parent != holder->parent)
			first = holder;
		if (first->takes_part && !holder->takes_part)
			err = add_worker(m, &residents, holder);
	}
	free(residents.all.at);
	pools__close(&m->totals.pools);
	return err;
}
