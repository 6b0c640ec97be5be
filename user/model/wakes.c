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

/* Nobody needs the wake any more, but for its connection. */
static void release_wake(struct model *m, struct model_wake *w)
{
	if (w->is_open || w->is_orphan)
		return;
	if (w->connection)
		model__settle(m, w->connection);
	else
		model__drop_wake(m, w);
}

/* A time of the task after it was woken; what it did before has nothing to do with the wake. */
static uint64_t time_since(const struct model_wake *w, uint64_t time_ns)
{
	return time_ns >= w->time_ns ? time_ns : 0;
}

static void note_moments(const struct model_task *t, struct model_wake *w, uint64_t slept_ns)
{
	w->moments->returned_ns = time_since(w, t->evidence.returned_ns);
	w->moments->accept_ns = time_since(w, t->evidence.accept_ns);
	w->moments->slept_ns = time_since(w, slept_ns);
}

/* Ends an open wake of a task, linked from here. slept_ns: 0: it did not sleep, nor end. */
static void close_wake(struct model *m, struct model_task *t, struct model_wake **from,
		       enum wake_outcome outcome, uint64_t slept_ns)
{
	struct model_wake *w = *from;

	w->what.outcome = outcome;
	w->what.accepted = outcome == OUTCOME_ACCEPTED ? t->evidence.connection : 0;
	if (m->keeps_stories)
		note_moments(t, w, slept_ns);
	totals__add_wake(&m->totals, &w->what);
	*from = w->older_open;
	w->is_open = false;
	m->open_wakes--;
	if (w->connection)
		w->connection->open_wakes--;
	release_wake(m, w);
}

#define ALL_WAKES UINT64_MAX

/*
 * Decides the open wakes of a task up to a number. otherwise: the outcome where the task has shown
 * no sign of what it did. exec_ns: CPU time it has used by now, 0 unknown.
 */
static void close_wakes(struct model *m, struct model_task *t, uint64_t up_to,
			enum wake_outcome otherwise, uint64_t exec_ns)
{
	enum wake_outcome outcome = judge(&t->evidence, otherwise);
	struct model_wake **newest = &t->open_wake, *w;

	while (*newest && (*newest)->of_task > up_to)
		newest = &(*newest)->older_open;
	while ((w = *newest)) {
		if (exec_ns >= w->exec_ns && exec_ns)
			w->what.cpu_ns = elapsed_ns(w->exec_ns, exec_ns);
		close_wake(m, t, newest, outcome, m->now_ns);
	}
	if (t->open_wake)
		return;
	t->woken_for = NULL;
	t->woken_by = 0;
	t->evidence = (struct model_evidence){0};
}

/* The hand-overs of its making that have found no arrival by now never will. */
void model__release_orphans(struct model *m, struct model_task *t)
{
	while (t->orphans) {
		struct model_wake *w = t->orphans;

		t->orphans = w->older_orphan;
		w->is_orphan = false;
		release_wake(m, w);
	}
}

size_t model__release_old_orphans(struct model *m, struct model_task *t, uint64_t before)
{
	struct model_wake **from = &t->orphans, *old;
	size_t cnt = 0;

	for (; *from && (*from)->number >= before; from = &(*from)->older_orphan)
		cnt++;
	while ((old = *from)) {
		*from = old->older_orphan;
		old->is_orphan = false;
		release_wake(m, old);
	}
	return cnt;
}

void model__end_task(struct model *m, struct model_task *t)
{
	close_wakes(m, t, ALL_WAKES, OUTCOME_EXITED, 0);
	model__release_orphans(m, t);
	if (t->worker != NO_WORKER)
		pools__leave(&m->totals.pools, m->totals.workers[t->worker].pools);
	model__drop_task(m, t);
}

void model__close_open_wakes(struct model *m)
{
	for (struct model_task *t = m->tasks; t; t = t->hh.next)
		while (t->open_wake)
			close_wake(m, t, &t->open_wake,
				   t->evidence.accepted ? OUTCOME_ACCEPTED : OUTCOME_PENDING, 0);
	for (struct model_task *t = m->tasks; t; t = t->hh.next)
		model__release_orphans(m, t);
}

/* ---- records ---- */

/*
 * A thread that executes becomes the first one of its process, which has ended before: its own number is
 * nobody's from then on. A number that is another process' by now stays.
 */
static void leave_number(struct model *m, const struct record_task *r)
{
	struct model_task *t = model__find_task(m, r->parent_tid);

	if (t && t->tid != r->header.tid && t->tgid == r->tgid)
		model__end_task(m, t);
}

int model__add_task(struct model *m, const struct record_task *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);
	bool took_over = r->event == TASK_EXECED && r->parent_tid;

	/* A number that is used again is a new task. */
	if (t && (r->event == TASK_EXITED || r->event == TASK_FORKED))
		model__end_task(m, t);
	if (r->event == TASK_EXITED || (!t && r->event == TASK_RENAMED))
		return 0;
	if (took_over)
		leave_number(m, r);
	t = model__get_task(m, r->header.tid, r->tgid);
	if (!t)
		return -ENOMEM;
	if (r->event == TASK_FORKED)
		t->born = m->totals.pools.draws;
	if (took_over)
		model__resume_worker(m, t);
	model__set_comm(m, t, r->comm);
	return 0;
}

/*
 * Which connection is a wake for? The walk says so, but for a lock hand-over, which is for what
 * the waker is after, and a chain wake, which is for what the waker was woken for. Once the waker
 * has returned, it is a later call that hands on (epoll_ctl() with EPOLLONESHOT, say), and what
 * the item was last offered for counts.
 */
static struct model_connection *wake_connection(struct model *m, const struct record_wake *r,
						const struct model_task *waker)
{
	struct model_connection *own = waker ? waker->woken_for : NULL;

	if (r->cause == CAUSE_LOCK)
		return own;
	if (r->cause == CAUSE_CHAIN && own && !waker->evidence.returned)
		return own;
	return model__find_arrival(m, r->arrival);
}

/* It was asleep: what it accepts from now on it does not take in one go with what came before. */
static int note_awake(struct model *m, struct model_task *t, const struct model_connection *c)
{
	struct pool_member *member = c ? model__join_pool(m, t, c->listener) : NULL;

	t->drains = 0;
	m->totals.workers[t->worker].waited = true;
	if (!member)
		return c ? -ENOMEM : 0;
	member->seen = m->totals.pools.draws + 1;
	return 0;
}

static void count_wake(struct model *m, const struct model_wake *w)
{
	m->open_wakes++;
	if (w->what.cause == CAUSE_LOCK)
		return;
	m->herd_wakes++;
	if (!w->connection)
		m->contradictions++;
	if (w->what.cause == CAUSE_OTHER)
		m->unknown_causes++;
}

/* Puts a wake, whose number is the highest, behind the others of a connection. */
static void append_wake(struct model_connection *c, struct model_wake *w)
{
	w->later = NULL;
	if (c->last)
		c->last->later = w;
	else
		c->first = w;
	c->last = w;
}

/* It is this connection's from now on. */
static void claim_wake(struct model_connection *c, struct model_wake *w)
{
	w->connection = c;
	c->open_wakes += w->is_open;
}

static void begin_moments(struct model_wake *w, const struct record_wake *r)
{
	bool known = r->waker_context < WAKER_CONTEXT_CNT;

	*w->moments = (struct closed_moments){
		.woken_ns = r->header.time_ns,
		.waker_cpu = (int32_t)r->waker_cpu - 1,
		.stack_id = r->stack_id < 0 ? -1 : r->stack_id,
		.waker_context = known ? r->waker_context : WAKER_UNKNOWN,
	};
}

/* Adds a wake, the newest open one of its task; NULL when out of memory. */
static struct model_wake *open_wake(struct model *m, struct model_task *t,
				    struct model_connection *c, const struct record_wake *r)
{
	struct model_wake *w = model__new_wake(m);

	if (!w)
		return NULL;
	w->number = m->wake_cnt++;
	w->of_task = r->number;
	w->time_ns = r->header.time_ns;
	w->exec_ns = r->exec_ns;
	w->what = (struct closed_wake){
		.worker = t->worker,
		.waker_tid = r->waker_tid,
		.cause = r->cause,
		.outcome = OUTCOME_PENDING,
		.run_ns = REPORT_UNKNOWN_NS,
		.cpu_ns = REPORT_UNKNOWN_NS,
	};
	if (m->keeps_stories)
		begin_moments(w, r);
	w->is_open = true;
	w->older_open = t->open_wake;
	t->open_wake = w;
	DL_PREPEND(m->wakes, w);
	if (c) {
		claim_wake(c, w);
		append_wake(c, w);
	}
	return w;
}

/* A hand-over that may be for what its maker accepts next. */
static void add_orphan(struct model *m, struct model_task *waker, struct model_wake *w)
{
	m->came++;
	w->is_orphan = true;
	w->older_orphan = waker->orphans;
	waker->orphans = w;
}

int model__add_wake(struct model *m, const struct record_wake *r)
{
	struct model_task *t = model__get_task(m, r->header.tid, r->tgid);
	struct model_task *waker = model__find_task(m, r->waker_tid);
	struct model_connection *c = wake_connection(m, r, waker);
	struct model_wake *w;

	if (!t)
		return -ENOMEM;
	if (!c && r->cause != CAUSE_LOCK && model__predates(m, r->arrival)) {
		m->untold_wakes++;
		return 0;
	}
	/* Wakes are numbered since sleeps are told that end none. */
	m->totals.stranding.is_old |= !r->number;
	model__set_comm(m, t, r->comm);
	if (model__get_worker(m, t) == NO_WORKER)
		return -ENOMEM;
	/* Woken again without a sleep in between that a switch would have shown: it was on its way
	 * to sleep. What it did until now is what came of the wake before. */
	if (r->cause != CAUSE_LOCK) {
		close_wakes(m, t, ALL_WAKES, OUTCOME_SWALLOWED, r->exec_ns);
		model__run(m, t, r->header.time_ns);
		if (note_awake(m, t, c))
			return -ENOMEM;
		t->woken_for = c;
		t->woken_by = r->cause;
		/* No call in which it would go on to wait without a word to user space. */
		t->evidence.returned = r->cause == CAUSE_SIGNAL;
	}
	w = open_wake(m, t, c, r);
	if (!w)
		return -ENOMEM;
	w->what.rearmed = r->cause == CAUSE_CHAIN && waker && waker->evidence.returned;
	if (r->cause == CAUSE_LOCK && !c && waker)
		add_orphan(m, waker, w);
	count_wake(m, w);
	return model__count_stack(m, r->stack_id, r->cause);
}

void model__add_run(struct model *m, const struct record_run *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (t)
		model__run(m, t, r->header.time_ns);
	/* Wakes older than one that has run have run, too. */
	for (struct model_wake *w = t ? t->open_wake : NULL; w && !w->ran; w = w->older_open) {
		w->ran = true;
		if (r->header.time_ns >= w->time_ns)
			w->what.run_ns = elapsed_ns(w->time_ns, r->header.time_ns);
	}
}

/* ---- hand-overs of the lock that find their connection ---- */

/* Merges wakes that are linked by .later, with ascending numbers, into those of a connection. */
static void merge_wakes(struct model_connection *c, struct model_wake *more)
{
	struct model_wake *own = c->first;

	c->first = c->last = NULL;
	while (own || more) {
		struct model_wake **from =
			!more || (own && own->number < more->number) ? &own : &more;
		struct model_wake *w = *from;

		*from = w->later;
		append_wake(c, w);
	}
}

/*
 * The hand-overs that this task made on its way to the connection are for it; not those that it
 * made before the connection came, when it went to sleep in accept.
 */
void model__adopt_orphans(struct model *m, struct model_task *t, struct model_connection *c)
{
	struct model_wake *adopted = NULL;

	while (c && t->orphans && t->orphans->number >= c->first_wake) {
		struct model_wake *w = t->orphans;

		t->orphans = w->older_orphan;
		w->is_orphan = false;
		claim_wake(c, w);
		w->later = adopted;
		adopted = w;
	}
	if (adopted)
		merge_wakes(c, adopted);
	model__release_orphans(m, t);
}

/* ---- sleeps ---- */

void model__add_sleep(struct model *m, const struct record_sleep *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);

	if (!t)
		return;
	/* A sleep that a wake has ended already may be told after it. */
	t->drains = 0;
	close_wakes(m, t, r->number ? r->number : ALL_WAKES, OUTCOME_SWALLOWED, r->exec_ns);
	if (!t->open_wake)
		model__fall_asleep(m, t, r->header.time_ns);
}

int model__add_standby(struct model *m, const struct record_standby *r)
{
	struct model_task *t = model__find_task(m, r->header.tid);
	const struct model_listener *l = model__find_listener(m, r->listener);

	if (!t)
		return 0;
	if (r->call == CALL_NONE)
		model__run(m, t, r->header.time_ns);
	else
		model__fall_asleep(m, t, r->header.time_ns);
	return l ? model__tie(m, t, l->index) : 0;
}
