// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Records about wakes and what came of them: from WAKE to the outcome. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

/* ---- closing wakes ---- */

static enum wake_outcome judge(const struct model_evidence *e, enum wake_outcome otherwise)
{
	if (e->accepted)
		return OUTCOME_ACCEPTED;
	if (e->eagain && e->returned)
		return OUTCOME_EAGAIN;
	if (otherwise == OUTCOME_SWALLOWED && e->returned)
		return OUTCOME_IDLE;
	return otherwise;
}

/*
 * Decides all open wakes of a task. otherwise: the outcome where the task has shown no sign of
 * what it did. exec_ns: CPU time it has used by now, 0 unknown.
 */
static void close_wakes(struct model *m, struct model_task *t, enum wake_outcome otherwise,
			uint64_t exec_ns)
{
	enum wake_outcome outcome = judge(&t->evidence, otherwise);

	while (t->open_wake != NONE) {
		struct model_wake *w = &m->wakes.at[t->open_wake];

		w->outcome = outcome;
		w->accepted = outcome == OUTCOME_ACCEPTED ? t->evidence.connection : NONE;
		if (exec_ns >= w->exec_ns && exec_ns)
			w->cpu_ns = elapsed_ns(w->exec_ns, exec_ns);
		t->open_wake = w->older_open;
		m->open_wakes--;
	}
	t->woken_for = NONE;
	t->evidence = (struct model_evidence){.connection = NONE};
}

void model__end_task(struct model *m, struct model_task *t)
{
	close_wakes(m, t, OUTCOME_EXITED, 0);
	HASH_DEL(m->tasks, t);
	free(t);
}

/* ---- records ---- */

/*
 * Which connection is a wake for? The walk says so, but for a lock hand-over, which is for what
 * the waker is after, and a chain wake, which is for what the waker was woken for. Once the waker
 * has returned, it is a later call that hands on (epoll_ctl() with EPOLLONESHOT, say), and what
 * the item was last offered for counts.
 */
static size_t wake_connection(struct model *m, const struct record_wake *r,
			      const struct model_task *waker)
{
	size_t own = waker ? waker->woken_for : NONE;
	struct model_connection *c;

	if (r->cause == CAUSE_LOCK)
		return own;
	if (r->cause == CAUSE_CHAIN && own != NONE && !waker->evidence.returned)
		return own;
	c = model__find_arrival(m, r->arrival);
	return c ? c->index : NONE;
}

static void count_wake(struct model *m, const struct model_wake *w)
{
	m->open_wakes++;
	if (w->cause == CAUSE_LOCK)
		return;
	m->herd_wakes++;
	if (w->connection == NONE)
		m->contradictions++;
	if (w->cause == CAUSE_OTHER)
		m->unknown_causes++;
}

/* Adds a wake, the newest open one of its task; NULL when out of memory. */
static struct model_wake *open_wake(struct model *m, struct model_task *t, size_t connection,
				    const struct record_wake *r)
{
	struct model_wake *w = vector_add(&m->wakes);

	if (!w)
		return NULL;
	w->connection = connection;
	w->worker = t->worker;
	w->waker_tid = r->waker_tid;
	w->cause = r->cause;
	w->outcome = OUTCOME_PENDING;
	w->accepted = NONE;
	w->time_ns = r->header.time_ns;
	w->exec_ns = r->exec_ns;
	w->run_ns = w->cpu_ns = REPORT_UNKNOWN_NS;
	w->older_open = t->open_wake;
	w->older_orphan = NONE;
	t->open_wake = m->wakes.cnt - 1;
	return w;
}

int model__add_wake(struct model *m, const struct record_wake *r)
{
	struct model_task *t = model__get_task(m, r->header.tid, r->tgid);
	struct model_task *waker = model__find_task(m, r->waker_tid);
	size_t connection = wake_connection(m, r, waker);
	struct model_wake *w;

	if (!t)
		return -ENOMEM;
	if (connection == NONE && r->cause != CAUSE_LOCK && model__predates(m, r->arrival)) {
		m->untold_wakes++;
		return 0;
	}
	model__set_comm(m, t, r->comm);
	if (model__get_worker(m, t) == NONE)
		return -ENOMEM;
	/* Woken again without a sleep in between that a switch would have shown: it was on its way
	 * to sleep. What it did until now is what came of the wake before. */
	if (r->cause != CAUSE_LOCK) {
		close_wakes(m, t, OUTCOME_SWALLOWED, r->exec_ns);
		t->woken_for = connection;
	}
	w = open_wake(m, t, connection, r);
	if (!w)
		return -ENOMEM;
	if (w->cause == CAUSE_LOCK && connection == NONE && waker) {
		w->older_orphan = waker->orphans;
		waker->orphans = m->wakes.cnt - 1;
	}
	count_wake(m, w);
	return 0;
}

void model__add_run(struct model *m, const struct record_run *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);
	size_t at = t ? t->open_wake : NONE;

	/* Wakes older than one that has run have run, too. */
	while (at != NONE && !m->wakes.at[at].ran) {
		struct model_wake *w = &m->wakes.at[at];

		w->ran = true;
		if (r->header.time_ns >= w->time_ns)
			w->run_ns = elapsed_ns(w->time_ns, r->header.time_ns);
		at = w->older_open;
	}
}

/*
 * The hand-overs that this task made on its way to the connection are for it; not those that it
 * made before the connection came, when it went to sleep in accept.
 */
static void adopt_orphans(struct model *m, struct model_task *t, const struct model_connection *c)
{
	size_t at = c ? t->orphans : NONE;

	while (at != NONE && at >= c->first_wake) {
		m->wakes.at[at].connection = c->index;
		at = m->wakes.at[at].older_orphan;
	}
	t->orphans = NONE;
}

static void accept_connection(struct model *m, struct model_task *t, const struct record_accept *r)
{
	struct model_connection *c;

	HASH_FIND(by_child, m->by_child, &r->child, sizeof(r->child), c);
	adopt_orphans(m, t, c);
	t->woken_for = NONE;
	if (t->open_wake != NONE && !t->evidence.accepted) {
		t->evidence.accepted = true;
		t->evidence.connection = c ? c->index : NONE;
	}
	if (!c) {
		m->accepted_untracked++;
		return;
	}
	HASH_DELETE(by_child, m->by_child, c);
	if (c->refused) {
		m->contradictions++;
		return;
	}
	/* Its listener closed, and another one of the group took it over (tcp_migrate_req). */
	m->lost -= c->end == CONNECTION_LOST;
	c->end = CONNECTION_ACCEPTED;
	c->accept_ns = r->header.time_ns;
	c->accepted_by = t->worker;
	m->workers.at[t->worker].accepted++;
	m->accepted++;
}

static bool woken_in_ring(const struct model *m, const struct model_task *t)
{
	size_t at = t->open_wake;

	/* Hand-overs of a lock may have come after. */
	while (at != NONE && m->wakes.at[at].cause == CAUSE_LOCK)
		at = m->wakes.at[at].older_open;
	return at != NONE && m->wakes.at[at].cause == CAUSE_IO_URING;
}

int model__add_accept(struct model *m, const struct record_accept *r)
{
	struct model_task *t = model__get_task(m, r->header.tid, r->tgid);

	if (!t || model__get_worker(m, t) == NONE)
		return -ENOMEM;
	if (r->child) {
		accept_connection(m, t, r);
		return 0;
	}
	t->orphans = NONE;
	if (t->open_wake == NONE)
		return 0;
	/* A ring tries accept inside of the kernel, and waits again. */
	t->evidence.returned |= !woken_in_ring(m, t);
	t->evidence.eagain |= r->error == -EAGAIN;
	return 0;
}

void model__add_return(struct model *m, const struct record_return *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (t && t->open_wake != NONE)
		t->evidence.returned = true;
}

void model__add_sleep(struct model *m, const struct record_sleep *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (t)
		close_wakes(m, t, OUTCOME_SWALLOWED, r->exec_ns);
}
