// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/pools.h"

#include <errno.h>
#include <stdlib.h>

struct pool_name {
	struct record_endpoint local;
	uint32_t pool;
	UT_hash_handle hh;
};

void pools__drop(struct pools *p)
{
	struct pool_member *member, *next_member;
	struct pool_name *name, *next_name;

	HASH_ITER(hh, p->members, member, next_member)
	{
		HASH_DEL(p->members, member);
		free(member);
	}
	HASH_ITER(hh, p->names, name, next_name)
	{
		HASH_DEL(p->names, name);
		free(name);
	}
	for (size_t i = 0; i < p->all.cnt; i++)
		free(p->all.at[i].stages.at);
	free(p->all.at);
	*p = (struct pools){0};
}

int64_t pools__new(struct pools *p, uint32_t listener)
{
	struct pool *pool = vector_add(&p->all);

	if (!pool)
		return -ENOMEM;
	pool->listener = listener;
	return (int64_t)p->all.cnt - 1;
}

int64_t pools__of_group(struct pools *p, const struct record_endpoint *local, uint32_t listener)
{
	struct pool_name *name;
	int64_t pool;

	HASH_FIND(hh, p->names, local, sizeof(*local), name);
	if (name)
		return name->pool;
	pool = pools__new(p, listener);
	name = pool < 0 ? NULL : calloc(1, sizeof(*name));
	if (!name)
		return -ENOMEM;
	name->local = *local;
	name->pool = pool;
	p->all.at[pool].group = true;
	HASH_ADD(hh, p->names, local, sizeof(name->local), name);
	if (name->hh.tbl)
		return pool;
	free(name);
	return -ENOMEM;
}

/* ---- members ---- */

static struct pool_member *add_member(struct pools *p, uint32_t pool, uint32_t worker)
{
	struct pool_member *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->key.pool = pool;
	m->key.worker = worker;
	m->until = STILL_THERE;
	HASH_ADD(hh, p->members, key, sizeof(m->key), m);
	if (m->hh.tbl)
		return m;
	free(m);
	return NULL;
}

static struct pool_member *find_member(const struct pools *p, uint32_t pool, uint32_t worker)
{
	struct pool_member *m, key = {.key = {.pool = pool, .worker = worker}};

	HASH_FIND(hh, p->members, &key.key, sizeof(key.key), m);
	return m;
}

/* Whoever is there since before the stage began has taken part in it, if nobody knew. */
static void join(struct pool *pool, const struct pool_member *m)
{
	pool->live++;
	if (pool->stages.cnt && pool->stages.at[pool->stages.cnt - 1].from < m->from)
		pool->stage_is_over = true;
}

/* One that was there before the trace has missed what others won until it is seen. */
static void begin_watching(const struct pool *pool, struct pool_member *m)
{
	m->is_watched = !m->from;
	m->missed_ns = m->is_watched && pool->draws ? pool->first_draw_ns : 0;
}

struct pool_member *pools__join(struct pools *p, uint32_t pool, uint32_t worker, uint64_t since,
				struct pool_member **first)
{
	struct pool_member *m = find_member(p, pool, worker);
	struct pool *of = &p->all.at[pool];

	if (m && m->until == STILL_THERE)
		return m;
	if (m) {
		m->until = STILL_THERE; /* it has executed something else, and goes on */
	} else {
		m = add_member(p, pool, worker);
		if (!m)
			return NULL;
		m->from = since;
		begin_watching(of, m);
		m->next_of_pool = of->members;
		of->members = m;
		m->next_of_worker = *first;
		*first = m;
	}
	join(of, m);
	return m;
}

/* ---- absences ---- */

static struct pool_absence absence_now(const struct pool *pool, const struct pool_member *m)
{
	if (!m->is_watched || !m->missed_ns)
		return (struct pool_absence){0};
	return (struct pool_absence){
		.ns = pool->last_draw_ns - m->missed_ns,
		.draws = pool->draws - m->shown,
	};
}

struct pool_absence pool_member__absence(const struct pool *pool, const struct pool_member *m)
{
	struct pool_absence now = absence_now(pool, m);

	return now.ns > m->absence.ns ? now : m->absence;
}

static void show(const struct pool *pool, struct pool_member *m)
{
	m->absence = pool_member__absence(pool, m);
	m->is_watched = m->is_spared = true;
	m->shown = pool->draws;
	m->missed_ns = 0;
}

void pools__show(struct pools *p, struct pool_member *m)
{
	show(&p->all.at[m->key.pool], m);
}

static void miss_one(const struct pool *pool, struct pool_member *m, uint64_t time_ns)
{
	if (m->is_spared)
		m->shown = pool->draws;
	else if (!m->missed_ns)
		m->missed_ns = time_ns;
	m->is_spared = false;
}

/* Those that came last come first: where many have left, those that live may be far behind, and are not watched. */
static void miss(struct pool *pool, uint64_t time_ns)
{
	int cnt = 0;

	if (pool->live > POOL_WATCHED)
		return;
	for (struct pool_member *m = pool->members; m && cnt++ < 2 * POOL_WATCHED;
	     m = m->next_of_pool)
		miss_one(pool, m, time_ns);
}

void pools__leave(struct pools *p, struct pool_member *first)
{
	for (struct pool_member *m = first; m; m = m->next_of_worker) {
		if (m->until != STILL_THERE)
			continue;
		m->until = p->draws;
		show(&p->all.at[m->key.pool], m);
		m->is_watched = false;
		p->all.at[m->key.pool].stage_is_over = true;
		p->all.at[m->key.pool].live--;
	}
}

void pools__close(struct pools *p)
{
	for (struct pool_member *m = p->members; m; m = m->hh.next)
		if (m->until == STILL_THERE && !m->holds && p->all.at[m->key.pool].holders)
			m->until = m->seen;
}

/* ---- draws ---- */

static struct pool_stage *stage_now(struct pools *p, struct pool *pool)
{
	struct pool_stage *stage;

	if (pool->stages.cnt && !pool->stage_is_over)
		return &pool->stages.at[pool->stages.cnt - 1];
	stage = vector_add(&pool->stages);
	if (!stage)
		return NULL;
	stage->from = p->draws;
	pool->stage_is_over = false;
	return stage;
}

int pools__draw(struct pools *p, struct pool_member *winner, uint64_t time_ns)
{
	struct pool *pool = &p->all.at[winner->key.pool];
	struct pool_stage *stage = pool->is_crowded ? NULL : stage_now(p, pool);

	if (!stage && !pool->is_crowded)
		return -ENOMEM;
	if (stage)
		stage->draws++;
	show(pool, winner);
	if (!pool->draws++)
		pool->first_draw_ns = time_ns;
	pool->last_draw_ns = time_ns;
	miss(pool, time_ns);
	winner->wins++;
	winner->seen = ++p->draws;
	return 0;
}

void pools__restrict(struct pools *p, const bool *kept)
{
	for (size_t i = 0; i < p->all.cnt; i++) {
		struct pool *pool = &p->all.at[i];

		pool->herd = (struct herd_sample){0};
		pool->all_busy = pool->alone = pool->ordered = pool->first = pool->by_program = 0;
		if (kept[i])
			continue;
		pool->draws = pool->connections = 0;
		pool->stages.cnt = 0;
	}
}

int pools__renumber(struct pools *p, const uint32_t *pool_places, const uint32_t *worker_places)
{
	struct pool_member *m, *next, *all = p->members;
	bool lost = false;

	for (struct pool_name *name = p->names; pool_places && name; name = name->hh.next)
		name->pool = pool_places[name->pool];
	p->members = NULL;
	HASH_ITER(hh, all, m, next)
	{
		HASH_DEL(all, m);
		m->key.pool = pool_places ? pool_places[m->key.pool] : m->key.pool;
		m->key.worker = worker_places ? worker_places[m->key.worker] : m->key.worker;
		HASH_ADD(hh, p->members, key, sizeof(m->key), m);
		lost |= !m->hh.tbl;
	}
	return lost ? -ENOMEM : 0;
}

/* Stages end where members go, and begin anew where members come: a stage has all of one or nothing. */
bool pool_member__was_in(const struct pool_member *m, const struct pool_stage *stage)
{
	return m->from <= stage->from && m->until > stage->from;
}
