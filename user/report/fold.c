// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/fold.h"

#include <stdlib.h>
#include <string.h>

/* needed: not 0 for a row that stays; afterwards where each has gone. Returns how many stay. */
static size_t place(uint32_t *needed, size_t cnt)
{
	uint32_t kept = 0;

	for (size_t i = 0; i < cnt; i++)
		needed[i] = needed[i] ? kept++ : FOLD_GONE;
	return kept;
}

/* ---- members ---- */

static void unlink_of_worker(struct pool_member **at)
{
	while (*at)
		if ((*at)->is_gone)
			*at = (*at)->next_of_worker;
		else
			at = &(*at)->next_of_worker;
}

static void unlink_of_pool(struct pool_member **at)
{
	while (*at)
		if ((*at)->is_gone)
			*at = (*at)->next_of_pool;
		else
			at = &(*at)->next_of_pool;
}

/* Forgets the members that are marked. */
static void drop_members(struct totals *t)
{
	struct pool_member *m, *next;

	/* With rows of connections there may be very many workers that none of this concerns. */
	for (m = t->pools.members; m; m = m->hh.next)
		if (m->is_gone)
			unlink_of_worker(&t->workers[m->key.worker].pools);
	for (size_t i = 0; i < t->pools.all.cnt; i++)
		unlink_of_pool(&t->pools.all.at[i].members);
	HASH_ITER(hh, t->pools.members, m, next)
	{
		if (!m->is_gone)
			continue;
		HASH_DEL(t->pools.members, m);
		free(m);
	}
}

/* ---- pools ---- */

/* Who comes and goes from now on is counted; nothing more is to be known of this pool's draws. */
static void crowd(struct totals *t, struct pool *pool)
{
	pool->is_crowded = true;
	free(pool->stages.at);
	memset(&pool->stages, 0, sizeof(pool->stages));
	for (struct pool_member *m = pool->members; m; m = m->next_of_pool) {
		if (m->until == STILL_THERE)
			continue;
		m->is_gone = true;
		pool->left += totals__is_in_draw(t, m);
	}
}

static bool is_crowded(const struct totals *t, const struct pool *pool)
{
	size_t cnt = totals__members_in_draw(t, pool);

	return pool->is_crowded || cnt > FOLD_MEMBERS ||
	       (double)cnt * (double)pool->stages.cnt > POOL_TURNS_MAX;
}

/* It can matter to a verdict, or to the advice. */
static bool tells(const struct totals *t, const struct pool *pool)
{
	return (pool->draws && totals__members_in_draw(t, pool) > 1) || pool->herd.wasted;
}

static void forget_pool(struct pool *pool)
{
	for (struct pool_member *m = pool->members; m; m = m->next_of_pool)
		m->is_gone = true;
	pool->members = NULL;
	free(pool->stages.at);
	memset(&pool->stages, 0, sizeof(pool->stages));
}

/* Where most was woken for nothing the advice is for: it stays. */
static const struct pool *worst_of(const struct pools *p)
{
	const struct pool *worst = NULL;
	uint64_t most = 0;

	for (size_t i = 0; i < p->all.cnt; i++)
		if (p->all.at[i].herd.wasted > most) {
			worst = &p->all.at[i];
			most = worst->herd.wasted;
		}
	return worst;
}

/* The newest of closed ones stay, up to so many with so many members. */
static void choose_pools(struct totals *t, uint32_t *needed)
{
	const struct pool *worst = worst_of(&t->pools);
	size_t pools = 0, members = 0;

	for (size_t i = t->pools.all.cnt; i-- > 0;) {
		struct pool *pool = &t->pools.all.at[i];

		if (needed[i] || pool->open || pool->group || pool == worst) {
			needed[i] = true;
		} else if (tells(t, pool)) {
			members += totals__members_in_draw(t, pool);
			needed[i] = ++pools <= FOLD_POOLS && members <= FOLD_MEMBERS;
			t->pools.untold += !needed[i];
		}
		if (!needed[i])
			forget_pool(pool);
	}
}

int fold__pools(struct totals *t, uint32_t *needed)
{
	size_t cnt = t->pools.all.cnt;

	choose_pools(t, needed);
	for (size_t i = 0; i < cnt; i++)
		if (needed[i] && is_crowded(t, &t->pools.all.at[i]))
			crowd(t, &t->pools.all.at[i]);
	drop_members(t);
	t->pools.all.cnt = place(needed, cnt);
	for (size_t i = 0; i < cnt; i++)
		if (needed[i] != FOLD_GONE)
			t->pools.all.at[needed[i]] = t->pools.all.at[i];
	for (size_t i = 0; i < t->listener_cnt; i++) {
		uint32_t *pool = &t->listeners[i].pool;

		/* Whose is gone gets 0: FOLD_GONE + 1. */
		*pool = *pool ? needed[*pool - 1] + 1 : 0;
	}
	return pools__renumber(&t->pools, needed, NULL);
}

/* ---- rows ---- */

static void add_up(struct folded *f, const struct report_worker *w)
{
	f->workers++;
	f->never_waited += !w->waited && !w->accepted;
	f->sum.wakes += w->wakes;
	f->sum.lock_wakes += w->lock_wakes;
	for (int o = 0; o < OUTCOME_CNT; o++)
		f->sum.outcome[o] += w->outcome[o];
	f->sum.accepted += w->accepted;
	f->sum.wasted_cpu_ns += w->wasted_cpu_ns;
}

int fold__workers(struct totals *t, uint32_t *needed)
{
	size_t cnt = t->worker_cnt;

	for (const struct pool_member *m = t->pools.members; m; m = m->hh.next)
		needed[m->key.worker] = true;
	t->worker_cnt = place(needed, cnt);
	for (size_t i = 0; i < cnt; i++)
		if (needed[i] == FOLD_GONE) {
			add_up(&t->folded, &t->workers[i]);
			flow__free(t->workers[i].flow);
		} else {
			t->workers[needed[i]] = t->workers[i];
		}
	return pools__renumber(&t->pools, NULL, needed);
}

static void give_up_listener(struct totals *t, struct report_listener *l)
{
	t->folded.listeners++;
	t->folded.connections += l->connections;
	t->folded.accepted += l->accepted;
	flow__free(l->flow);
	free(l->address);
	free(l->protocol);
	free(l->epolls.at);
}

void fold__listeners(struct totals *t, uint32_t *needed)
{
	size_t cnt = t->listener_cnt;

	for (size_t i = 0; i < t->pools.all.cnt; i++)
		needed[t->pools.all.at[i].listener] = true;
	t->listener_cnt = place(needed, cnt);
	for (size_t i = 0; i < cnt; i++)
		if (needed[i] == FOLD_GONE)
			give_up_listener(t, &t->listeners[i]);
		else
			t->listeners[needed[i]] = t->listeners[i];
	for (size_t i = 0; i < t->pools.all.cnt; i++)
		t->pools.all.at[i].listener = needed[t->pools.all.at[i].listener];
}
