// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Connections that are over: counted, handed to the sinks, forgotten. So are wakes that have none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/state.h"

/*
 * So many connections stay after their end, for what comes late: the end of a walk that was overtaken
 * by the accept, or an epoll item that is put back for the last arrival it was offered. What comes even
 * later is told as what contradicts. tests/fuzz keeps few, as its recordings are short.
 */
#ifndef RECENT_MAX
#define RECENT_MAX 4096
#endif

/* ---- wakes ---- */

void model__drop_wake(struct model *m, struct model_wake *w)
{
	totals__add_unclaimed(&m->totals, w->what.cause);
	model__leave_wake(m, w);
}

/* ---- a connection as it is handed on ---- */

/* A task can sleep through several entries. */
static void count_waiters(struct model *m, const struct model_connection *c,
			  struct closed_connection *closed)
{
	uint64_t number = c->number + 1;

	for (size_t i = 0; i < c->waiters.cnt; i++) {
		uint64_t *waited = &m->marks.at[c->waiters.at[i]].waited;

		closed->listed += *waited != number;
		*waited = number;
	}
	/* Who waits here as well is no idle other. */
	for (size_t i = 0; i < c->elsewhere.cnt; i++) {
		struct model_marks *marks = &m->marks.at[c->elsewhere.at[i]];

		closed->group_idle += marks->waited != number && marks->waited_elsewhere != number;
		marks->waited_elsewhere = number;
	}
	closed->waiters = closed->listed + c->unlisted;
}

/* Copies the wakes and counts the tasks: one task can be woken twice. */
static int copy_wakes(struct model *m, const struct model_connection *c,
		      struct closed_connection *closed)
{
	uint32_t unseen = 0;

	m->scratch.cnt = 0;
	for (const struct model_wake *w = c->first; w; w = w->later) {
		struct closed_wake *slot = vector_add(&m->scratch);
		struct model_marks *marks = &m->marks.at[w->what.worker];

		if (!slot)
			return -ENOMEM;
		*slot = w->what;
		if (w->what.cause == CAUSE_LOCK || marks->woken == c->number + 1)
			continue;
		marks->woken = c->number + 1;
		closed->tasks++;
		unseen +=
			marks->waited != c->number + 1 && marks->waited_elsewhere != c->number + 1;
	}
	/*
	 * Who was woken had been asleep, whether or not it was seen in the queue (a ring is not). Where not all that
	 * were seen are listed, it may have been one of the others.
	 */
	closed->asleep = closed->waiters + closed->group_idle;
	closed->asleep += unseen > c->unlisted ? unseen - c->unlisted : 0;
	closed->wakes = m->scratch.at;
	closed->wake_cnt = m->scratch.cnt;
	return 0;
}

static int add_listed(struct model *m, const struct model_story *from, bool elsewhere)
{
	for (size_t i = 0; i < from->listed.cnt; i++) {
		struct closed_waiter *slot =
			from->listed.at[i].elsewhere == elsewhere ? vector_add(&m->listed) : NULL;

		if (slot)
			*slot = from->listed.at[i];
		else if (from->listed.at[i].elsewhere == elsewhere)
			return -ENOMEM;
	}
	return 0;
}

static int add_moments(struct model *m, const struct model_connection *c)
{
	for (const struct model_wake *w = c->first; w; w = w->later) {
		struct closed_moments *slot = vector_add(&m->moments);

		if (!slot)
			return -ENOMEM;
		*slot = *w->moments;
	}
	return 0;
}

/* Others of its group are told before its own queue. */
static int copy_story(struct model *m, const struct model_connection *c, struct closed_story *story)
{
	int err;

	m->listed.cnt = m->moments.cnt = 0;
	err = add_listed(m, c->story, false);
	err = err ? err : add_listed(m, c->story, true);
	err = err ? err : add_moments(m, c);
	*story = (struct closed_story){
		.syn_ns = c->story->syn_ns,
		.waiter_cnt = m->listed.cnt,
		.waiters = m->listed.at,
		.moments = m->moments.at,
	};
	return err;
}

static bool was_woken_for(const struct closed_connection *c, uint32_t worker)
{
	for (size_t i = 0; i < c->wake_cnt; i++)
		if (c->wakes[i].cause != CAUSE_LOCK && c->wakes[i].worker == worker)
			return true;
	return false;
}

/*
 * With IOSQE_ASYNC the woken task hands the accept to a thread of the kernel and waits on, which user space does
 * not see. That thread is called after the task (io_wq_worker(), io_uring/io-wq.c).
 */
static bool is_ring_worker(const struct report_worker *thread, const struct report_worker *of)
{
	char name[sizeof("iou-wrk-4294967295")];

	snprintf(name, sizeof(name), "iou-wrk-%u", of->tid);
	return !strcmp(thread->comm, name);
}

static bool can_hand_on(const struct closed_wake *w, const struct report_worker *from,
			const struct report_worker *to)
{
	if (w->cause == CAUSE_LOCK || from->pid != to->pid)
		return false;
	if (w->cause == CAUSE_IO_URING && w->outcome == OUTCOME_SWALLOWED)
		return is_ring_worker(to, from);
	return w->outcome == OUTCOME_IDLE;
}

/*
 * A wake may have been of use after all: its task returned to user space and did not accept, but a thread
 * of the same process did that no wake was for. One at most for a connection: one is enough to tell.
 */
static void find_handed_on(struct model *m, const struct model_connection *c,
			   struct closed_connection *closed)
{
	const struct report_worker *workers = m->totals.workers;
	uint32_t acceptor = c->accepted_by - 1;

	if (c->end != CONNECTION_ACCEPTED || c->by_woken || was_woken_for(closed, acceptor))
		return;
	for (size_t i = 0; i < closed->wake_cnt; i++) {
		struct closed_wake *w = &closed->wakes[i];

		if (!can_hand_on(w, &workers[w->worker], &workers[acceptor]))
			continue;
		totals__change_outcome(&m->totals, w, OUTCOME_HANDED_ON);
		return;
	}
}

/* Did somebody who could have taken it do something else when it came, or everybody? */
static bool was_busy(const struct model_connection *c, const struct closed_connection *closed)
{
	uint32_t asleep = closed->waiters + closed->group_idle;

	/* Nobody took it until its listener closed. */
	if (c->migrated_from)
		return true;
	if (c->truncated)
		return false;
	/* Who is woken slept, if in a way that is not listed. */
	return c->tied > asleep || (!asleep && !closed->tasks);
}

/* Was a task of its own kept from a CPU for most of the time? */
static bool waited_for_cpu(const struct closed_connection *closed)
{
	for (size_t i = 0; i < closed->wake_cnt; i++)
		if (closed->wakes[i].cause != CAUSE_LOCK &&
		    closed->wakes[i].run_ns > closed->waited_ns / 2)
			return true;
	return false;
}

static enum stranding_cause find_stranding(struct model *m, const struct model_connection *c,
					   const struct closed_connection *closed)
{
	bool slept_through = c->slept_through;

	if (c->end == CONNECTION_LOST)
		return STRANDING_LOST;
	if (c->end == CONNECTION_WAITING) {
		if (closed->waited_ns > STRANDED_NS && !model__tied(m, c->listener))
			return STRANDING_NOBODY;
		slept_through = model__was_slept_through(m, c, m->last_ns);
	}
	if (!slept_through)
		return STRANDING_NONE;
	if (waited_for_cpu(closed))
		return STRANDING_RUN;
	return closed->waiters || !m->totals.listeners[c->listener].reuseport ? STRANDING_LISTENER
									      : STRANDING_GROUP;
}

static int tell(struct model *m, struct model_connection *c)
{
	uint64_t end_ns = c->end == CONNECTION_ACCEPTED ? c->accept_ns : m->last_ns;
	struct closed_story story;
	struct closed_connection closed = {
		.number = c->number,
		.time_ns = c->time_ns,
		.waited_ns = elapsed_ns(c->time_ns, end_ns),
		.listener = c->listener,
		.migrated_from = c->migrated_from,
		.accepted_by = c->accepted_by,
		.offers = c->offers,
		.there = c->there,
		.queued = c->queued,
		.first = c->front,
		.drawn = c->drawn,
		.waiters_truncated = c->truncated,
		.end = c->end,
		.peer = c->peer,
		.selection = c->selection,
		/* cppcheck-suppress uninitvar ; it is written below, by copy_story() */
		.story = c->story ? &story : NULL,
	};
	int err;

	count_waiters(m, c, &closed);
	err = copy_wakes(m, c, &closed);
	err = err || !c->story ? err : copy_story(m, c, &story);
	if (!err) {
		find_handed_on(m, c, &closed);
		closed.was_busy = was_busy(c, &closed);
		closed.stranding = find_stranding(m, c, &closed);
		totals__add_connection(&m->totals, &closed);
		err = m->totals.keeps_flows ? flow__count(&m->totals, &closed) : 0;
	}
	if (!err && m->counter.count)
		err = m->counter.count(m->counter.arg, &m->totals, &closed);
	for (size_t i = 0; !err && i < m->sink_cnt; i++)
		err = m->sinks[i].take(m->sinks[i].arg, &closed);
	return err;
}

/* ---- forgetting ---- */

void model__free_connection(struct model *m, struct model_connection *c)
{
	struct model_alias *alias, *next_alias;
	struct model_wake *w, *later;

	LL_FOREACH_SAFE(c->aliases, alias, next_alias)
	{
		HASH_DEL(m->aliases, alias);
		free(alias);
	}
	for (w = c->first; w; w = later) {
		later = w->later;
		model__leave_wake(m, w);
	}
	model__dequeue(m, c);
	model__give_up(m, c);
	if (c->has_child)
		HASH_DELETE(by_child, m->by_child, c);
	HASH_DELETE(by_arrival, m->by_arrival, c);
	if (m->met_connection == c)
		m->met_connection = NULL;
	model__leave_connection(m, c);
}

/* One that was refused never was in a queue: nobody's row has its wakes. */
void model__retire(struct model *m, struct model_connection *c)
{
	int err = 0;

	if (!c->refused)
		err = tell(m, c);
	for (const struct model_wake *w = c->refused ? c->first : NULL; w; w = w->later)
		totals__add_unclaimed(&m->totals, w->what.cause);
	if (err && !m->error)
		m->error = err;
	model__free_connection(m, c);
}

/* One that was lost may still be moved, refused or accepted, for a time. */
static bool is_over(const struct model_connection *c)
{
	return !c->open_wakes && (c->refused || c->end == CONNECTION_ACCEPTED ||
				  (c->end == CONNECTION_LOST && !c->may_move));
}

/* What was told of it since may have opened it again: then it settles once more. */
static void retire_oldest_recent(struct model *m)
{
	struct model_connection *c = m->oldest_recent;

	m->oldest_recent = c->next_recent;
	if (!m->oldest_recent)
		m->newest_recent = NULL;
	m->recent_cnt--;
	c->is_recent = false;
	if (is_over(c))
		model__retire(m, c);
}

void model__settle(struct model *m, struct model_connection *c)
{
	if (!is_over(c) || c->is_recent)
		return;
	c->is_recent = true;
	c->next_recent = NULL;
	c->settled_ns = m->last_ns;
	if (m->newest_recent)
		m->newest_recent->next_recent = c;
	else
		m->oldest_recent = c;
	m->newest_recent = c;
	if (++m->recent_cnt > RECENT_MAX)
		retire_oldest_recent(m);
}

void model__let_go(struct model *m, uint64_t before_ns)
{
	while (m->oldest_recent && m->oldest_recent->settled_ns < before_ns)
		retire_oldest_recent(m);
}
