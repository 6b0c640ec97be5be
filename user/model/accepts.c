// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Who takes a connection, and what else a waiting call returns: what a task has done since it was woken. */
#include <errno.h>

#include "model/state.h"

/*
 * A signal came in between, and the call begins anew once it has been dealt with (include/linux/errno.h:
 * ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK). User space does not hear of that,
 * unless it has a handler, whose call is a RETURN of its own.
 */
static bool is_restart(int64_t result)
{
	return (result <= -512 && result >= -514) || result == -516;
}

static void note_return(struct model_task *t, uint64_t time_ns)
{
	t->evidence.returned = true;
	if (!t->evidence.returned_ns)
		t->evidence.returned_ns = time_ns;
}

/* What the task did with the first connection since it was woken says what the wake was good for. */
static void note_accept(struct model_task *t, const struct model_connection *c, uint64_t time_ns)
{
	t->woken_for = NULL;
	if (!t->open_wake || t->evidence.accepted)
		return;
	t->evidence.accepted = true;
	t->evidence.accept_ns = time_ns;
	if (t->woken_by == CAUSE_ACCEPT && !t->evidence.returned_ns)
		t->evidence.returned_ns = time_ns;
	t->evidence.connection = c ? c->number + 1 : 0;
}

/*
 * A connection whose arrival was not told has arrived before the trace. Is that impossible for this one? Accepts
 * are told as they return: one that took something older may be told after one that did not, but only if it had
 * begun before, and so has told of nothing since. One that has begun before the trace does not name its listener.
 */
static bool is_late(const struct model_listener *l, const struct model_task *t,
		    const struct record_accept *r)
{
	if (!l)
		return r->listener || t->last_accept;
	return !l->was_there || (l->drained_by && t->last_accept >= l->drained_by);
}

static bool has_slept_for(const struct model_connection *c)
{
	if (c->waiters.cnt || c->elsewhere.cnt)
		return true;
	for (const struct model_wake *w = c->first; w; w = w->later)
		if (w->what.cause != CAUSE_LOCK)
			return true;
	return false;
}

/*
 * Was it anybody's? What a task that is awake takes in one go, while others sleep, it has drawn once. With
 * SO_REUSEPORT each SYN is drawn by itself, and when nobody slept, those that were awake have drawn.
 */
static bool is_drawn(const struct pool *pool, const struct model_task *t,
		     const struct model_connection *c, uint32_t number)
{
	if (pool->group && pool->open > 1)
		return true;
	return t->drains != number + 1 || !has_slept_for(c);
}

static int draw(struct model *m, struct model_task *t, struct model_connection *c)
{
	struct pool_member *member = model__join_pool(m, t, c->listener);
	struct pool *pool;

	if (!member)
		return -ENOMEM;
	pool = &m->totals.pools.all.at[member->key.pool];
	pool->connections++;
	c->drawn = is_drawn(pool, t, c, member->key.pool);
	t->drains = member->key.pool + 1;
	if (c->drawn)
		return pools__draw(&m->totals.pools, member, c->accept_ns);
	pools__show(&m->totals.pools, member);
	return 0;
}

static int accept_connection(struct model *m, struct model_task *t, const struct record_accept *r)
{
	struct model_connection *c = model__find_child(m, r->child);
	struct model_listener *l = model__find_listener(m, r->listener);

	if (c && l && !l->drained_by)
		l->drained_by = m->accepts_told + 1;
	model__adopt_orphans(m, t, c);
	if (c)
		c->by_woken = t->woken_by != 0;
	note_accept(t, c, r->header.time_ns);
	if (!c) {
		m->accepted_untracked++;
		m->late_untracked += is_late(l, t, r);
		return 0;
	}
	HASH_DELETE(by_child, m->by_child, c);
	c->has_child = false;
	if (c->refused) {
		m->contradictions++;
		return 0;
	}
	/* Its listener closed, and another one of the group took it over (tcp_migrate_req). */
	model__find_again(m, c);
	c->slept_through = model__was_slept_through(m, c, r->header.time_ns);
	model__dequeue(m, c);
	c->end = CONNECTION_ACCEPTED;
	c->accept_ns = r->header.time_ns;
	c->accepted_by = t->worker + 1;
	m->totals.workers[t->worker].accepted++;
	m->accepted++;
	if (draw(m, t, c))
		return -ENOMEM;
	model__settle(m, c);
	return 0;
}

/*
 * The peer's address could not be given to user space: by then the connection has left the queue, and is closed.
 * Only the system call fails so (__sys_accept4()): with kprobes, whose results it has, the child is not told.
 */
static bool has_taken(int error)
{
	return error == -EFAULT || error == -ECONNABORTED;
}

int model__add_accept(struct model *m, const struct record_accept *r)
{
	struct model_task *t = model__get_task(m, r->header.tid, r->tgid);
	const struct model_listener *l = model__find_listener(m, r->listener);
	int err = 0;

	if (!t || model__get_worker(m, t) == NO_WORKER)
		return -ENOMEM;
	model__run(m, t, r->header.time_ns);
	if (l && model__tie(m, t, l->index))
		return -ENOMEM;
	if (r->child)
		err = accept_connection(m, t, r);
	t->last_accept = ++m->accepts_told;
	if (r->child)
		return err;
	m->unknown_accepts += has_taken(r->error);
	model__release_orphans(m, t);
	t->drains = 0;
	if (!t->open_wake)
		return 0;
	/* A ring tries accept inside of the kernel, and waits again. */
	if (t->woken_by != CAUSE_IO_URING && !is_restart(r->error))
		note_return(t, r->header.time_ns);
	if (r->error == -EAGAIN && !t->evidence.accept_ns)
		t->evidence.accept_ns = r->header.time_ns;
	t->evidence.eagain |= r->error == -EAGAIN;
	return 0;
}

void model__add_return(struct model *m, const struct record_return *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (!t)
		return;
	model__run(m, t, r->header.time_ns);
	if (t->open_wake && !is_restart(r->result))
		note_return(t, r->header.time_ns);
}
