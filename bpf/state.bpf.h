/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs remember between two hooks. The maps and counters are defined once, in
 * state.bpf.c; the programs of all files share them after linking.
 */
#ifndef HERDTRACE_STATE_BPF_H
#define HERDTRACE_STATE_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_endian.h>

#include "counters.h"
#include "filter.h"
#include "listener_state.h"
#include "reader.h"
#include "record.h"
#include "settings.h"
#include "task_state.h"

#define EEXIST 17 /* include/uapi/asm-generic/errno-base.h */

#define AF_UNIX  1
#define AF_INET  2
#define AF_INET6 10

/* ---- one task of the traced tree, by thread id ---- */

/*
 * How far the wakes of a task have come is told by numbers (task_state.h). A waker fires sched_waking
 * while its wakee may still be on the way through __schedule() on another CPU: the sched_switch that
 * follows then is the beginning of the sleep that the wake ends, no sleep after it. So a switch says
 * something of wakes up to .runnable only: sched_wakeup and sched_switch both happen under the run
 * queue's lock of the wakee (ttwu_do_wakeup(), __schedule()), and from sched_waking to sched_wakeup a
 * task takes no other wake (try_to_wake_up() holds its pi_lock, or it is in TASK_WAKING).
 */

/* Hooks on calls that wait are attached three times: calls.bpf.h. */
enum hook_copy {
	COPY_FIRST = 1,
	COPY_AGAIN = 2,
	COPY_THIRD = 4,
	/* None: a wake says that the task is in the call, since before the trace. */
	COPY_ASSUMED = COPY_ASSUMED_BIT,
};

struct tasks_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, struct task_state);
};
extern struct tasks_map tasks SEC(".maps");

/* ---- one execution context, by the task_struct it runs on ---- */

/*
 * Softirq runs on top of whatever task is current and is done before that task goes on; on
 * PREEMPT_RT it is a task of its own. So whatever a context remembers belongs to one arrival at a
 * time. All idle tasks have pid 0: the key is the pointer.
 */
enum frame_kind {
	FRAME_NONE,
	FRAME_ARRIVAL, /* the walk over a listener's queue for an arrival */
	FRAME_CHAIN,   /* a harvesting task wakes the next one of its epoll instance */
	FRAME_LOCK,    /* hand-over of a listener's socket lock */
	FRAME_SIGNAL,  /* the owners of a listener's file are signalled for an arrival */
	FRAME_FOREIGN, /* an epoll that watches a listener is woken by something else */
};

enum arrival_kind {
	ARRIVAL_NONE,
	ARRIVAL_HANDSHAKE, /* inet_csk_complete_hashdance(): ends with tcp_child_process() */
	ARRIVAL_REQUEST,   /* fast open: ends with tcp_conn_request(); SYN cookies: as above */
	ARRIVAL_CONNECT,   /* AF_UNIX: ends with unix_stream_connect() */
	ARRIVAL_MIGRATION, /* ends with the next one, or with inet_csk_listen_stop() */
};

/* An arrival that a context is carrying out. */
struct arrival_state {
	u64 arrival;
	u64 listener;
	u64 child;
	u64 wq;                           /* of the listener */
	u8 kind;                          /* enum arrival_kind */
	u8 expects_walk;                  /* the listener's queue was not empty at the arrival */
	u8 snapshotted;                   /* the waiters have been listed */
	u8 truncated;                     /* enum waiters_state: how that went */
	u16 unlisted, unlisted_exclusive; /* as in struct record_walk */
};

struct trace_context {
	struct arrival_state now; /* made by softirq */
	/* The walk in progress. Wait queue locks are held and interrupts are off all along, so
	 * everything that happens in the context meanwhile belongs to the walk. */
	u64 frame_arrival;
	u64 frame_object; /* struct eventpoll or listener of the entry being called */
	u64 last_entry;   /* wait queue entry of the last offer */
	u64 called;       /* the task that its function wakes, where that is one */
	u32 offers;
	u32 depth;     /* __wake_up_common() calls inside the walk */
	u32 callbacks; /* ep_poll_callback() calls inside a FOREIGN frame */
	u8 frame;      /* enum frame_kind */
	u8 cause;      /* enum wake_cause of the entry being called */
	u8 truncated;  /* and the next ones: as in struct arrival_state */
	u8 stays;      /* one of CONTEXTS_KEPT */
	/* Arguments kept for kretprobes. */
	u64 select_skb;
	u64 migrate_from;
	u64 migrate_child;
	u32 select_hash;
	u16 unlisted, unlisted_exclusive;
};

/*
 * So many entries stay although they carry nothing, until their tasks end, for the next arrival that these carry out:
 * most are carried out by few (the idle tasks, whoever connects), and to make and to delete one is a tenth of what a
 * connection costs.
 */
#define CONTEXTS_KEPT 64

struct contexts_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct trace_context);
};
extern struct contexts_map contexts SEC(".maps");

/*
 * Arrivals that a task makes itself, by its task_struct. They have a place of their own because a
 * softirq can come in between at any time, even while a program changes them.
 */
struct task_arrivals_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct arrival_state);
};
extern struct task_arrivals_map task_arrivals SEC(".maps");

/* ---- listeners, and the wait queue heads whose walks matter ---- */

struct listeners_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64); /* struct sock */
	__type(value, struct listener_state);
};
extern struct listeners_map listeners SEC(".maps");

struct queued_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* struct sock */
	__type(value, struct queued_connection);
};
extern struct queued_map queued SEC(".maps");

enum head_kind {
	HEAD_LISTENER = 1,
	HEAD_LOCK,
	HEAD_EPOLL,
};

struct head_state {
	u32 kind; /* enum head_kind */
	u32 pad;
	u64 object;       /* struct sock or struct eventpoll */
	u64 last_arrival; /* of HEAD_EPOLL: as in items */
};

struct heads_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* struct wait_queue_head */
	__type(value, struct head_state);
};
extern struct heads_map heads SEC(".maps");

/* An epoll item that watches a listener: the last arrival it was offered for, or that was there when it was added (0: none). */
struct items_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* struct epitem */
	__type(value, u64);
};
extern struct items_map items SEC(".maps");

/* The one that is traced, where one is. */
struct cgroups_map {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
};
extern struct cgroups_map cgroups SEC(".maps");

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
};
extern struct ring_map ring SEC(".maps");

struct stacks_map {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 4096);
	__uint(key_size, sizeof(u32));
	__uint(value_size, 64 * sizeof(u64));
};
extern struct stacks_map stacks SEC(".maps");

/* ---- settings and counters ---- */

extern const volatile struct settings cfg;
extern struct counters counters;
extern struct filters filters;
extern struct reader reader;

static __always_inline void count(__u64 *counter, s64 amount)
{
	__sync_fetch_and_add(counter, amount); /* the result is unused: 5.10 has no other form */
}

/*
 * Puts a number for a kernel object into a record. The verifier allows no arithmetic on what it knows to be a
 * pointer; what comes back out of a record is a number.
 */
static __always_inline void put_handle(__u64 *field, u64 address)
{
	u64 number;

	*(volatile __u64 *)field = address;
	number = *(volatile __u64 *)field;
	*field = number ? (number ^ cfg.handle_xor) * cfg.handle_odd : 0;
}

/* The context of the current task, NULL when it remembers nothing. */
static __always_inline struct trace_context *context__find(void)
{
	u64 key = bpf_get_current_task();

	return bpf_map_lookup_elem(&contexts, &key);
}

/*
 * Makes one that was not there; NULL (counted as a loss) when the map is full. Where interrupts are on it must carry
 * something from the beginning: one may come in between, wake an epoll instance (a timerfd's does), and forget on its
 * way out what it finds empty.
 */
static __always_inline struct trace_context *context__make(struct trace_context *fresh)
{
	u64 key = bpf_get_current_task();

	fresh->stays = counters.kept_contexts < CONTEXTS_KEPT;
	/* On 6.1 the upper half of what an inlined call to a map returns is not set. */
	if ((int)bpf_map_update_elem(&contexts, &key, fresh, BPF_NOEXIST))
		count(&counters.map_full, 1);
	else if (fresh->stays)
		count(&counters.kept_contexts, 1);
	return bpf_map_lookup_elem(&contexts, &key);
}

/* Finds it, or makes an empty one: for where interrupts are off. */
static __always_inline struct trace_context *context__get(void)
{
	struct trace_context *c = context__find();

	if (c)
		return c;
	struct trace_context zero = {};
	return context__make(&zero);
}

/*
 * Forgets the context once it carries neither arrival nor walk, nor arguments, unless it stays. Which one does is
 * settled when it is made: who has found it empty may be interrupted by who is about to leave it so.
 */
static __always_inline void context__put(struct trace_context *c)
{
	u64 key = bpf_get_current_task();

	if (!c->stays && !c->now.arrival && !c->frame && !c->select_skb && !c->migrate_child)
		bpf_map_delete_elem(&contexts, &key);
}

/* The current task ends. */
static __always_inline void context__drop(void)
{
	struct trace_context *c = counters.kept_contexts ? context__find() : NULL;
	u64 key = bpf_get_current_task();

	if (c && c->stays && !(int)bpf_map_delete_elem(&contexts, &key))
		count(&counters.kept_contexts, -1);
}

/* ---- tasks and heads: the filter first, in every look ---- */

static __always_inline void filter__add(__u32 *place)
{
	__sync_fetch_and_add(place, 1);
}

static __always_inline void filter__remove(__u32 *place)
{
	__sync_fetch_and_add(place, -1);
}

/* The state of a task that is followed, NULL for others. */
static __always_inline struct task_state *task__find(u32 tid)
{
	if (!filters.tasks[filter__task_place(tid)])
		return NULL;
	return bpf_map_lookup_elem(&tasks, &tid);
}

static __always_inline struct task_state *task__current(void)
{
	return task__find((u32)bpf_get_current_pid_tgid());
}

/* 0, or negative errno: -EEXIST when it must be new and is not. */
static __always_inline int task__insert(u32 tid, const struct task_state *state, u64 flags)
{
	__u32 *place = &filters.tasks[filter__task_place(tid)];
	int err;

	filter__add(place);
	/* On 6.1 the upper half of what an inlined call to a map returns is not set. */
	err = (int)bpf_map_update_elem(&tasks, &tid, state, flags);
	if (err)
		filter__remove(place);
	return err;
}

static __always_inline void task__delete(u32 tid)
{
	if (!(int)bpf_map_delete_elem(&tasks, &tid))
		filter__remove(&filters.tasks[filter__task_place(tid)]);
}

/* The lower half of what may be a pointer for the verifier: a 32-bit move makes a number of it. */
static __always_inline u64 lower_half(u64 address)
{
	register u64 half asm("r1") = address;

	asm volatile("w1 = w1" : "+r"(half));
	return half;
}

static __always_inline __u32 *head__place(u64 wq)
{
	return &filters.heads[filter__head_place(lower_half(wq))];
}

/* NULL for a queue whose walks do not matter. */
static __always_inline struct head_state *head__find(u64 wq)
{
	return *head__place(wq) ? bpf_map_lookup_elem(&heads, &wq) : NULL;
}

/* A full map is counted as a loss. */
static __always_inline void head__insert(u64 wq, const struct head_state *head)
{
	__u32 *place = head__place(wq);

	filter__add(place);
	if (!(int)bpf_map_update_elem(&heads, &wq, head, BPF_ANY))
		return;
	filter__remove(place);
	count(&counters.map_full, 1);
}

static __always_inline void head__delete(u64 wq)
{
	__u32 *place = head__place(wq);

	if (*place && !(int)bpf_map_delete_elem(&heads, &wq))
		filter__remove(place);
}

static __always_inline bool task__has_open_wake(const struct task_state *t)
{
	return t->waking != t->done;
}

/* Ends the bookkeeping of its wakes up to this number. */
static __always_inline void task__wakes_done(struct task_state *t, u32 number)
{
	u32 ended = number - t->done;

	t->done = number;
	/* An add of what may be 0 becomes an atomic or, which 5.10 does not know. */
	if (ended)
		count(&counters.open_wakes, -(s64)ended);
}

#endif
