// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Connections, from their arrival until somebody accepts them, and who waits for them. */
#include <errno.h>

#include "model/state.h"

int model__add_select(struct model *m, const struct record_select *r)
{
	struct model_listener *l = model__find_listener(m, r->listener);
	struct model_selection *s;

	if (!l)
		return 0;
	s = model__new_selection(m, l, &r->peer);
	if (!s)
		return -ENOMEM;
	s->what = (struct report_selection){
		.present = true,
		.hash = r->hash,
		.socks = r->socks,
		.index = r->index,
		.predicted = r->predicted,
		.program = r->program,
		.cpu = (int)r->cpu - 1,
	};
	s->time_ns = r->header.time_ns;
	return 0;
}

static struct model_alias *find_alias(struct model *m, uint64_t arrival)
{
	struct model_alias *alias;

	HASH_FIND(hh, m->aliases, &arrival, sizeof(arrival), alias);
	return alias;
}

struct model_connection *model__find_arrival(struct model *m, uint64_t arrival)
{
	struct model_connection *c = m->met_connection;
	struct model_alias *alias;

	/* The records of one arrival come one after the other. */
	if (c && c->arrival == arrival)
		return c;
	HASH_FIND(by_arrival, m->by_arrival, &arrival, sizeof(arrival), c);
	if (c)
		return m->met_connection = c;
	alias = find_alias(m, arrival);
	return alias ? alias->connection : NULL;
}

bool model__predates(struct model *m, uint64_t arrival)
{
	struct model_alias *alias = find_alias(m, arrival);

	return alias && !alias->connection;
}

struct model_connection *model__find_child(struct model *m, uint64_t child)
{
	struct model_connection *c;

	HASH_FIND(by_child, m->by_child, &child, sizeof(child), c);
	return c;
}

/* A socket's memory is used again: the newest connection has the handle. */
static int index_connection(struct model *m, struct model_connection *c)
{
	struct model_connection *old = model__find_child(m, c->child);

	if (model__find_arrival(m, c->arrival))
		m->contradictions++;
	if (old) {
		HASH_DELETE(by_child, m->by_child, old);
		old->has_child = false;
	}
	HASH_ADD(by_arrival, m->by_arrival, arrival, sizeof(c->arrival), c);
	if (!c->by_arrival.tbl)
		return -ENOMEM;
	HASH_ADD(by_child, m->by_child, child, sizeof(c->child), c);
	c->has_child = c->by_child.tbl;
	return c->has_child ? 0 : -ENOMEM;
}

/* Workers that are known by now; 0: who of them sleeps cannot be known. */
static uint32_t count_there(struct model *m, const struct model_listener *l)
{
	const struct pool *pool = totals__pool_of(&m->totals, l->index);

	/* Of another listener of a group only the first that waits is seen. */
	return pool && (pool->open < 2 || pool->live <= pool->open) ? pool->live : 0;
}

/* NULL when out of memory. */
static struct model_connection *new_connection(struct model *m, const struct record_arrival *r)
{
	struct model_connection *c = model__new_connection(m);

	if (!c)
		return NULL;
	c->number = m->arrivals;
	c->arrival = r->arrival;
	c->child = r->child;
	c->time_ns = r->header.time_ns;
	c->first_wake = m->wake_cnt;
	c->peer = r->peer;
	c->end = CONNECTION_WAITING;
	c->queued = m->arrivals + 1 - m->accepted - m->refused - m->lost;
	if (c->story)
		c->story->syn_ns = r->syn_ns;
	return c;
}

/* A listener that no LISTEN record announced is known by its first connection. */
int model__add_arrival(struct model *m, const struct record_arrival *r)
{
	struct model_listener *listener = model__get_listener(m, r->listener, &r->local);
	struct model_connection *c = listener ? new_connection(m, r) : NULL;
	int err;

	if (!c)
		return -ENOMEM;
	err = index_connection(m, c);
	if (err) {
		if (c->by_arrival.tbl)
			HASH_DELETE(by_arrival, m->by_arrival, c);
		model__leave_connection(m, c);
		return err;
	}
	c->tied = model__tied(m, listener->index);
	m->met_connection = c;
	model__enqueue(m, listener, c);
	model__take_selection(m, c);
	c->there = count_there(m, listener);
	m->arrivals++;
	return 0;
}

void model__add_refused(struct model *m, const struct record_refused *r)
{
	struct model_connection *c = model__find_arrival(m, r->arrival);

	if (!c && model__predates(m, r->arrival))
		return;
	if (!c || c->refused || c->end == CONNECTION_ACCEPTED) {
		m->contradictions++;
		return;
	}
	model__dequeue(m, c);
	/* The listener that it was moved to would not have it. */
	if (c->migrated_from) {
		model__lose(m, c);
		return;
	}
	/* Refused because its listener had closed: it never was in the queue. */
	model__find_again(m, c);
	c->refused = true;
	m->refused++;
	model__settle(m, c);
}

/* connection: NULL for one that had arrived before the trace. */
static int add_alias(struct model *m, uint64_t arrival, struct model_connection *connection)
{
	struct model_alias *alias = calloc(1, sizeof(*alias));

	if (!alias)
		return -ENOMEM;
	alias->arrival = arrival;
	alias->connection = connection;
	HASH_ADD(hh, m->aliases, arrival, sizeof(alias->arrival), alias);
	if (!alias->hh.tbl) {
		free(alias);
		return -ENOMEM;
	}
	if (connection)
		LL_PREPEND(connection->aliases, alias);
	return 0;
}

/* The UNLISTEN of the closing listener has come before, and counted it as lost. */
int model__add_migrate(struct model *m, const struct record_migrate *r)
{
	struct model_connection *c = model__find_child(m, r->child);
	struct model_listener *to = model__find_listener(m, r->to);
	int err;

	if (model__find_arrival(m, r->arrival) || find_alias(m, r->arrival) ||
	    (c && (!to || c->refused || c->end == CONNECTION_ACCEPTED))) {
		m->contradictions++;
		return 0;
	}
	err = add_alias(m, r->arrival, c);
	m->queued += !c;
	if (err || !c)
		return err;
	model__find_again(m, c);
	c->migrated_from = c->listener + 1;
	if (c->story)
		c->story->listed.cnt = 0; /* that was another one's queue */
	model__enqueue(m, to, c);
	return 0;
}

/* Those that wait exclusively, and who is first, are known from version 2 on. */
static int note_waiter(struct model *m, struct model_task *t, struct model_connection *c,
		       const struct waiter_entry *w)
{
	struct pool_member *member = model__join_pool(m, t, c->listener);
	struct pool *pool;

	if (!member)
		return -ENOMEM;
	t->drains = 0;
	member->seen = m->totals.pools.draws + 1;
	pools__show(&m->totals.pools, member);
	m->totals.workers[t->worker].waited = true;
	pool = &m->totals.pools.all.at[member->key.pool];
	if (w->flags & WAITER_KNOWN) {
		pool->exclusive += (w->flags & WAITER_EXCLUSIVE) != 0;
		pool->shared_wait += !(w->flags & WAITER_EXCLUSIVE);
	}
	if (w->place && !w->elsewhere && (!c->front || w->place < c->front_place)) {
		c->front = t->worker + 1;
		c->front_place = w->place;
	}
	return 0;
}

static int list_waiter(struct model_story *story, uint32_t worker, const struct waiter_entry *w)
{
	struct closed_waiter *slot = vector_add(&story->listed);

	if (!slot)
		return -ENOMEM;
	*slot = (struct closed_waiter){
		.worker = worker,
		.place = w->place,
		.cause = w->cause,
		.flags = w->flags,
		.elsewhere = w->elsewhere,
	};
	return 0;
}

/* c: NULL when its arrival was not told. */
static int add_waiter(struct model *m, struct model_connection *c, uint64_t asleep_ns,
		      const struct waiter_entry *w)
{
	struct model_task *t = model__get_task(m, w->tid, w->tgid);
	uint32_t worker = t ? model__get_worker(m, t) : NO_WORKER, *slot;

	if (worker == NO_WORKER)
		return -ENOMEM;
	if (!c)
		return 0;
	slot = w->elsewhere ? vector_add(&c->elsewhere) : vector_add(&c->waiters);
	if (!slot || (c->story && list_waiter(c->story, worker, w)))
		return -ENOMEM;
	*slot = worker;
	model__fall_asleep(m, t, asleep_ns);
	if (model__tie(m, t, c->listener))
		return -ENOMEM;
	return note_waiter(m, t, c, w);
}

static int add_waiters(struct model *m, uint64_t arrival, uint64_t time_ns,
		       const struct waiter_entry *at, size_t cnt)
{
	struct model_connection *c = model__find_arrival(m, arrival);
	/* One that is moved is no arrival: who sleeps then may have slept for no longer. */
	uint64_t asleep_ns = c && arrival == c->arrival ? c->time_ns : time_ns;
	int err = 0;

	if (!c && !model__predates(m, arrival))
		m->contradictions += cnt;
	for (size_t i = 0; i < cnt && !err; i++)
		err = add_waiter(m, c, asleep_ns, &at[i]);
	return err;
}

int model__add_waiter(struct model *m, const struct record_waiter *r)
{
	const struct waiter_entry w = {
		.tid = r->header.tid,
		.tgid = r->tgid,
		.place = r->place,
		.cause = r->cause,
		.elsewhere = r->elsewhere != 0,
		.flags = r->flags,
	};

	return add_waiters(m, r->arrival, r->header.time_ns, &w, 1);
}

int model__add_waiters(struct model *m, const struct record_waiters *r)
{
	return add_waiters(m, r->arrival, r->header.time_ns, (const struct waiter_entry *)(r + 1),
			   r->cnt);
}

/* Those that no list has: how they wait, they do as members of the listener's pool. */
static void note_unlisted(struct model *m, struct model_connection *c, const struct record_walk *r)
{
	struct pool *pool = totals__pool_of(&m->totals, c->listener);

	c->unlisted = r->unlisted;
	if (!pool)
		return;
	pool->exclusive += r->unlisted_exclusive;
	pool->shared_wait += r->unlisted - r->unlisted_exclusive;
}

/* A long queue is walked in several calls up to 6.5: one arrival all the same. */
void model__add_walk(struct model *m, const struct record_walk *r)
{
	struct model_connection *c = model__find_arrival(m, r->arrival);
	struct pool *pool;

	if (!c) {
		m->contradictions += !model__predates(m, r->arrival);
		return;
	}
	c->offers += r->offers;
	c->truncated |= (r->truncated & WAITERS_MAY_BE_MORE) != 0;
	pool = r->truncated ? totals__pool_of(&m->totals, c->listener) : NULL;
	if (pool)
		pool->is_cut = true;
	if (r->unlisted && !c->unlisted)
		note_unlisted(m, c, r);
}
