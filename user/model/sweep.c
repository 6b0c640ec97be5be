// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A run of hours sees tasks and listeners come and go without end. From time to time all that is open is gone through:
 * what it does not name is forgotten, and the numbers of what stays are put right. When that happens depends
 * on the records only, and what verdicts rest on is forgotten whether or not there are rows.
 */
#include <errno.h>

#include "model/state.h"
#include "report/fold.h"

/* So many closed listeners stay known, for arrivals that are told late. */
#ifndef CLOSED_MAX
#define CLOSED_MAX 1024
#endif

/* By number: first whether it is needed, then where it has gone. */
struct places {
	uint32_t *workers, *listeners, *pools;
};

static void free_places(struct places *p)
{
	free(p->workers);
	free(p->listeners);
	free(p->pools);
}

static bool make_places(struct places *p, const struct model *m)
{
	p->workers = calloc(m->totals.worker_cnt + 1, sizeof(*p->workers));
	p->listeners = calloc(m->totals.listener_cnt + 1, sizeof(*p->listeners));
	p->pools = calloc(m->totals.pools.all.cnt + 1, sizeof(*p->pools));
	return p->workers && p->listeners && p->pools;
}

/* ---- what is needed ---- */

static void need_listener(struct places *p, const struct model *m, uint32_t index)
{
	uint32_t pool = m->totals.listeners[index].pool;

	p->listeners[index] = true;
	if (pool)
		p->pools[pool - 1] = true;
}

static void need_of_connection(struct places *p, const struct model *m,
			       const struct model_connection *c)
{
	need_listener(p, m, c->listener);
	if (c->migrated_from)
		need_listener(p, m, c->migrated_from - 1);
	if (c->accepted_by)
		p->workers[c->accepted_by - 1] = true;
	if (c->front)
		p->workers[c->front - 1] = true;
	for (size_t i = 0; i < c->waiters.cnt; i++)
		p->workers[c->waiters.at[i]] = true;
	for (size_t i = 0; i < c->elsewhere.cnt; i++)
		p->workers[c->elsewhere.at[i]] = true;
}

static void find_needed(struct places *p, const struct model *m)
{
	for (const struct model_connection *c = m->by_arrival; c; c = c->by_arrival.next)
		need_of_connection(p, m, c);
	for (const struct model_wake *w = m->wakes; w; w = w->next)
		p->workers[w->what.worker] = true;
	for (const struct model_task *t = m->tasks; t; t = t->hh.next)
		if (t->worker != NO_WORKER)
			p->workers[t->worker] = true;
	for (const struct model_listener *l = m->open_listeners; l; l = l->hh.next)
		need_listener(p, m, l->index);
	for (const struct model_listener *l = m->closed_listeners; l; l = l->hh.next)
		need_listener(p, m, l->index);
}

/* ---- what the model itself forgets ---- */

/* The oldest first, unless there is something in its queue. */
static void forget_closed(struct model *m)
{
	struct model_listener *l, *next;

	HASH_ITER(hh, m->closed_listeners, l, next)
	{
		if (HASH_COUNT(m->closed_listeners) <= CLOSED_MAX)
			return;
		if (l->queued)
			continue;
		HASH_DEL(m->closed_listeners, l);
		free(l);
	}
}

/* A hand-over finds a connection that had not come before it and is not accepted: how many stay. */
static size_t forget_orphans(struct model *m)
{
	uint64_t before = m->wake_cnt;
	size_t cnt = 0;

	for (const struct model_connection *c = m->by_arrival; c; c = c->by_arrival.next)
		if (!c->refused && c->end != CONNECTION_ACCEPTED && c->first_wake < before)
			before = c->first_wake;
	for (struct model_task *t = m->tasks; t; t = t->hh.next)
		cnt += model__release_old_orphans(m, t, before);
	return cnt;
}

/* On listeners that nothing can come to any more. */
static void forget_ties(struct model_task *t, const uint32_t *needed)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->ties.cnt; i++)
		if (needed[t->ties.at[i]])
			t->ties.at[kept++] = t->ties.at[i];
	if (kept < t->ties.cnt)
		t->oldest_tie = 0;
	t->ties.cnt = kept;
}

/* ---- new numbers ---- */

static int fold_pools(struct model *m, uint32_t *places)
{
	int err = fold__pools(&m->totals, places);
	size_t kept = 0;

	for (struct model_task *t = m->tasks; t; t = t->hh.next) {
		t->member = NULL;
		/* What is gone gets 0: FOLD_GONE + 1. */
		t->drains = t->drains ? places[t->drains - 1] + 1 : 0;
	}
	for (size_t i = 0; i < m->holders.cnt; i++) {
		m->holders.at[i].pool = places[m->holders.at[i].pool];
		if (m->holders.at[i].pool != FOLD_GONE)
			m->holders.at[kept++] = m->holders.at[i];
	}
	m->holders.cnt = kept;
	return err;
}

/* 1 + index, 0: none */
static void move(uint32_t *number, const uint32_t *places)
{
	*number = *number ? places[*number - 1] + 1 : 0;
}

static int fold_workers(struct model *m, uint32_t *places)
{
	size_t cnt = m->totals.worker_cnt;
	int err = fold__workers(&m->totals, places);

	for (struct model_connection *c = m->by_arrival; c; c = c->by_arrival.next) {
		move(&c->accepted_by, places);
		move(&c->front, places);
		for (size_t i = 0; i < c->waiters.cnt; i++)
			c->waiters.at[i] = places[c->waiters.at[i]];
		for (size_t i = 0; i < c->elsewhere.cnt; i++)
			c->elsewhere.at[i] = places[c->elsewhere.at[i]];
		for (size_t i = 0; c->story && i < c->story->listed.cnt; i++)
			c->story->listed.at[i].worker = places[c->story->listed.at[i].worker];
	}
	for (struct model_wake *w = m->wakes; w; w = w->next)
		w->what.worker = places[w->what.worker];
	for (struct model_task *t = m->tasks; t; t = t->hh.next)
		if (t->worker != NO_WORKER)
			t->worker = places[t->worker];
	for (size_t i = 0; i < cnt; i++)
		if (places[i] != FOLD_GONE)
			m->marks.at[places[i]] = m->marks.at[i];
	m->marks.cnt = m->totals.worker_cnt;
	return err;
}

static void fold_listeners(struct model *m, uint32_t *places)
{
	size_t cnt = m->queue_states.cnt;

	fold__listeners(&m->totals, places);
	m->queue_states.cnt = 0;
	for (size_t i = 0; i < cnt; i++)
		if (places[i] != FOLD_GONE) {
			m->queue_states.at[places[i]] = m->queue_states.at[i];
			m->queue_states.cnt = places[i] + 1;
		}
	for (struct model_connection *c = m->by_arrival; c; c = c->by_arrival.next) {
		c->listener = places[c->listener];
		move(&c->migrated_from, places);
	}
	for (struct model_listener *l = m->open_listeners; l; l = l->hh.next)
		l->index = places[l->index];
	for (struct model_listener *l = m->closed_listeners; l; l = l->hh.next)
		l->index = places[l->index];
	for (struct model_task *t = m->tasks; t; t = t->hh.next)
		for (size_t i = 0; i < t->ties.cnt; i++)
			t->ties.at[i] = places[t->ties.at[i]];
}

/* ---- together ---- */

/* As much again must come as is open now: so the time for it stays in proportion. */
int model__sweep(struct model *m)
{
	struct places p = {0};
	size_t orphans;
	int err = -ENOMEM;

	forget_closed(m);
	orphans = forget_orphans(m);
	if (make_places(&p, m)) {
		find_needed(&p, m);
		for (struct model_task *t = m->tasks; t; t = t->hh.next)
			forget_ties(t, p.listeners);
		err = fold_pools(m, p.pools);
		/* Rows of connections name workers and listeners. */
		if (!err && !m->sink_cnt) {
			fold_listeners(m, p.listeners);
			err = fold_workers(m, p.workers);
		}
	}
	free_places(&p);
	m->came = 0;
	m->sweep_after = SWEEP_MIN + HASH_CNT(by_arrival, m->by_arrival) + HASH_COUNT(m->tasks) +
			 HASH_COUNT(m->totals.pools.members) + orphans;
	return err;
}
