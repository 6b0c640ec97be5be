/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An arrival from its beginning, when the connection is about to be queued, to its end, when the
 * listener has been told.
 *
 * One made by a task (connect() on AF_UNIX, close() that migrates) can be interrupted by softirqs,
 * which run on top of it and may carry out TCP arrivals: so a context keeps two, one inside of
 * the other. The inner one is done before the outer goes on.
 */
#ifndef HERDTRACE_ARRIVAL_BPF_H
#define HERDTRACE_ARRIVAL_BPF_H

#include "listeners.bpf.h"
#include "waiters.bpf.h"

static __always_inline bool arrival__is_by_task(const struct arrival_state *a)
{
	return a->kind == ARRIVAL_CONNECT || a->kind == ARRIVAL_MIGRATION;
}

static __always_inline void forget_arrival(struct trace_context *c)
{
	c->now = c->outer;
	__builtin_memset(&c->outer, 0, sizeof(c->outer));
	context__put(c);
}

/* Makes it the current one; NULL when it is so already, or its listener is not traced. */
static __always_inline struct trace_context *begin_arrival(struct sock *sk, u64 child,
							   enum arrival_kind kind)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);
	struct trace_context *c;

	if (!l || stopped)
		return NULL;
	c = context__get();
	/* inet_csk_reqsk_queue_add() inside of what has begun it: known already. */
	if (!c || c->now.child == child)
		return NULL;
	if (c->now.arrival && arrival__is_by_task(&c->now) && kind != ARRIVAL_CONNECT &&
	    kind != ARRIVAL_MIGRATION)
		c->outer = c->now;
	else if (c->now.arrival && c->now.kind != ARRIVAL_MIGRATION)
		count(&loss_unbalanced_frames, 1); /* the end of the one before was missed */
	/* Unique: one CPU makes no two arrivals in a nanosecond. */
	c->now.arrival = bpf_ktime_get_ns() << 8 | (bpf_get_smp_processor_id() & 0xff);
	c->now.listener = key;
	c->now.child = child;
	c->now.wq = l->wq;
	c->now.kind = kind;
	c->now.expects_walk = queue__first((struct wait_queue_head *)l->wq) != NULL;
	c->now.snapshotted = 0;
	c->now.truncated = 0;
	return c;
}

/* A new connection: counted, and recorded unless the ring is full (NULL). */
static __always_inline struct record_arrival *reserve_arrival(const struct trace_context *c)
{
	struct record_arrival *r;

	count(&total_arrivals, 1);
	r = RECORD_RESERVE(RECORD_ARRIVAL, arrival, 0);
	if (!r)
		return NULL;
	r->arrival = c->now.arrival;
	r->listener = handle(c->now.listener);
	r->child = handle(c->now.child);
	return r;
}

/* The current arrival did not take place. */
static __always_inline void refuse_arrival(struct trace_context *c)
{
	struct record_refused *r = RECORD_RESERVE(RECORD_REFUSED, refused, 0);

	if (r) {
		r->arrival = c->now.arrival;
		record__submit(r);
	}
	forget_arrival(c);
}

/* The listener has been told: what this context wakes from now on is not for the arrival. */
static __always_inline void end_arrival(struct trace_context *c)
{
	/* A walk that began and did not end: its exit was missed. */
	if (c->frame) {
		c->frame = FRAME_NONE;
		count(&open_frames, -1);
		count(&loss_unbalanced_frames, 1);
	}
	/* Somebody waited all along, and yet no walk was seen: its beginning was missed. */
	if (c->now.expects_walk && !c->now.snapshotted &&
	    queue__first((struct wait_queue_head *)c->now.wq))
		count(&loss_unbalanced_frames, 1);
	forget_arrival(c);
}

#endif
