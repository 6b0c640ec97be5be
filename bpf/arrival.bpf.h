/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An arrival from its beginning, when the connection is about to be queued, to its end, when the
 * listener has been told. TCP's are made by softirqs, others by a task: that connects on AF_UNIX,
 * or whose close() moves connections.
 */
#ifndef HERDTRACE_ARRIVAL_BPF_H
#define HERDTRACE_ARRIVAL_BPF_H

#include "listeners.bpf.h"
#include "waiters.bpf.h"

/*
 * Unique: one CPU makes no two arrivals in a nanosecond. Linux has 8192 CPUs at most (NR_CPUS on x86-64),
 * so 51 bits of the time are left: it begins anew after 26 days, when nothing is open that is as old.
 */
static __always_inline u64 new_arrival(void)
{
	return bpf_ktime_get_ns() << 13 | (bpf_get_smp_processor_id() & 0x1fff);
}

static __always_inline void fill_arrival(struct arrival_state *a, struct listener_state *l,
					 u64 listener, u64 child, enum arrival_kind kind)
{
	enqueue(l, listener, child);
	*a = (struct arrival_state){
		.arrival = new_arrival(),
		.listener = listener,
		.child = child,
		.wq = l->wq,
		.kind = kind,
		.expects_walk = queue__first((struct wait_queue_head *)l->wq) != NULL,
	};
}

/*
 * Once its record is in the ring: until then another CPU's epoll_ctl() that finds an older connection queued
 * must not put its wake down to this one, as that record would come first.
 *
 * One of TCP that is refused after this stays the last: its listener is closing, and nothing looks for that any more,
 * or (with tcp_migrate_req) there was no memory for its request. A wake that is put down to it then is no
 * connection's: the sums of tasks and connections differ by it, and the run is INCOMPLETE (test_wake_of_refused). To go
 * back to the one before would be worse: on another CPU a newer one may have been told meanwhile, and 5.10 has no
 * compare-and-swap for programs; an older one instead would be believed.
 */
static __always_inline void tell_arrival(struct listener_state *l, const struct arrival_state *a)
{
	l->last_arrival = a->arrival;
}

/* A new connection: counted, and recorded unless the ring is full (NULL). */
static __always_inline struct record_arrival *reserve_arrival(const struct arrival_state *a)
{
	struct record_arrival *r;

	count(&counters.arrivals, 1);
	r = RECORD_RESERVE(RECORD_ARRIVAL, arrival, 0);
	if (!r)
		return NULL;
	r->arrival = a->arrival;
	put_handle(&r->listener, a->listener);
	put_handle(&r->child, a->child);
	return r;
}

/* It did not take place. */
static __always_inline void emit_refused(const struct arrival_state *a)
{
	struct record_refused *r = RECORD_RESERVE(RECORD_REFUSED, refused, 0);

	if (r) {
		r->arrival = a->arrival;
		record__submit(r);
	}
	dequeue(a->child);
}

/* ---- by a task ---- */

static __always_inline struct arrival_state *task_arrival(enum arrival_kind kind)
{
	u64 key = bpf_get_current_task();
	struct arrival_state *a =
		counters.task_arrivals ? bpf_map_lookup_elem(&task_arrivals, &key) : NULL;

	return a && a->kind == kind ? a : NULL;
}

/* As tell_arrival(). */
static __always_inline void tell_task_arrival(const struct arrival_state *a)
{
	u64 listener = a->listener;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &listener);

	if (l)
		tell_arrival(l, a);
}

/* Begins one of the current task; NULL when its listener is not traced. */
static __always_inline struct arrival_state *begin_task_arrival(struct sock *sk, u64 child,
								enum arrival_kind kind)
{
	u64 listener = (u64)sk, key = bpf_get_current_task();
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &listener);
	struct arrival_state a;

	if (!l || counters.stopped)
		return NULL;
	/* One connect() has one: the end of the one before was missed. */
	if (kind == ARRIVAL_CONNECT && task_arrival(kind))
		count(&counters.unbalanced_frames, 1);
	fill_arrival(&a, l, listener, child, kind);
	count(&counters.task_arrivals, 1);
	if ((int)bpf_map_update_elem(&task_arrivals, &key, &a, BPF_ANY)) {
		count(&counters.task_arrivals, -1);
		count(&counters.map_full, 1);
	}
	return bpf_map_lookup_elem(&task_arrivals, &key);
}

static __always_inline void forget_task_arrival(void)
{
	u64 key = bpf_get_current_task();

	if (!(int)bpf_map_delete_elem(&task_arrivals, &key))
		count(&counters.task_arrivals, -1);
}

#endif
