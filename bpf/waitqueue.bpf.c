// SPDX-License-Identifier: GPL-2.0
/*
 * Wait queues (kernel/sched/wait.c): which walk over a wait queue belongs to which arrival, and which entries were
 * offered the event. Who was waiting when it began: snapshot.bpf.h.
 *
 * __wake_up_common() runs with the queue's lock held and interrupts off. So what happens in this
 * context between its entry and its exit is part of the walk, however deep it nests.
 */
#include "emit.bpf.h"
#include "files.bpf.h"
#include "listeners.bpf.h"
#include "snapshot.bpf.h"

/* ---- the walk ---- */

static __always_inline void frame__open(struct trace_context *c, enum frame_kind kind, u64 arrival,
					u64 object)
{
	c->frame = kind;
	c->frame_arrival = arrival;
	c->frame_object = object;
	c->cause = 0;
	c->last_entry = 0;
	c->called = 0;
	c->offers = 0;
	c->depth = 0;
	c->callbacks = 0;
	count(&counters.open_frames, 1);
}

static __always_inline void frame__close(struct trace_context *c)
{
	c->frame = FRAME_NONE;
	count(&counters.open_frames, -1);
	context__put(c);
}

/*
 * The arrival that this context carries out, NULL when the walk is not for one: the listener is
 * being shut down. A softirq on top of a task that makes one itself has one of its own.
 */
static __always_inline struct arrival_state *arrival_of(u64 wq, struct trace_context *c)
{
	u64 key = bpf_get_current_task();
	struct arrival_state *a;

	if (c && c->now.arrival)
		return c->now.wq == wq ? &c->now : NULL;
	a = bpf_map_lookup_elem(&task_arrivals, &key);
	return a && a->wq == wq ? a : NULL;
}

static __always_inline void enter_listener_walk(u64 wq, bool loops)
{
	struct trace_context *c = context__find();
	struct arrival_state *a = arrival_of(wq, c);

	if (a && !c)
		c = context__get();
	if (!a || !c)
		return;
	if (!a->snapshotted)
		snapshot_waiters(a, loops);
	frame__open(c, FRAME_ARRIVAL, a->arrival, a->listener);
	c->truncated = a->truncated;
	c->unlisted = a->unlisted;
	c->unlisted_exclusive = a->unlisted_exclusive;
}

/*
 * The arrival that an item on a ready list was offered for, 0 when it is no listener's. newest: the listener's
 * last one instead, which epoll_ctl() finds in its queue, maybe before it was offered.
 *
 * Does the item still watch a listener? Its memory may have become another item's since the listener was offered
 * to it. An epoll instance inside of another one is taken for granted.
 */
static __always_inline u64 item_arrival(struct list_head *rdllink, bool newest)
{
	struct epitem *item = container_of_core(rdllink, struct epitem, rdllink);
	u64 key = (u64)item, *offered = bpf_map_lookup_elem(&items, &key);
	struct listener_state *l;
	struct file *file;

	if (!offered)
		return 0;
	file = BPF_CORE_READ(item, ffd.file);
	key = (u64)file__sock(file);
	if (!key)
		return (u64)BPF_CORE_READ(file, f_op) == cfg.addr_eventpoll_fops ? *offered : 0;
	l = bpf_map_lookup_elem(&listeners, &key);
	if (!l)
		return 0;
	return newest || !*offered ? l->last_arrival : *offered;
}

/* Where a search through a ready list stands. */
struct ready_search {
	u64 at, end;
	u64 arrival;
	u64 complete;
};

static long ready_step(u32 index, struct ready_search *s)
{
	struct list_head *at = (struct list_head *)s->at;

	if (!at || s->at == s->end) {
		s->complete = 1;
		return 1;
	}
	s->arrival = item_arrival(at, false);
	s->at = (u64)BPF_CORE_READ(at, next);
	return s->arrival != 0;
}

/*
 * The same for the first listener's item on the ready list. One that is longer than can be searched may
 * have one further on: that is a loss.
 */
static __always_inline u64 ready_arrival(struct eventpoll *ep, bool loops)
{
	struct ready_search s, begin = {
				       .at = (u64)BPF_CORE_READ(ep, rdllist.next),
				       .end = (u64)&ep->rdllist,
			       };

	begin_search(&s, &begin);
	repeat(SHORT_SEARCH, ready_step, &s, loops);
	if (!s.arrival && !s.complete)
		count(&counters.long_lists, 1);
	return s.arrival;
}

/*
 * A wake-up on the queue of an epoll instance by a task of the tree, outside of any walk over
 * another queue. Inside of epoll_wait() the task has put a level-triggered item back and hands on
 * (ep_done_scan(), ep_scan_ready_list() before 5.12): it concerns us when a listener's item is
 * among what is ready. Elsewhere epoll_ctl() has just put an item at the end of the ready list
 * (ep_insert(), ep_modify()), as a server with EPOLLONESHOT has it do: it concerns us when that
 * one is a listener's.
 */
static __always_inline void enter_chain(u64 ep_address, bool loops)
{
	struct eventpoll *ep = (struct eventpoll *)ep_address;
	struct task_state *t = task__current();
	struct trace_context *c;
	u64 arrival;

	if (!t)
		return;
	if (t->call == CALL_EPOLL)
		arrival = ready_arrival(ep, loops);
	else
		arrival = item_arrival(BPF_CORE_READ(ep, rdllist.prev), true);
	if (!arrival)
		return;
	c = context__get();
	if (c)
		frame__open(c, FRAME_CHAIN, arrival, ep_address);
}

static __always_inline void enter_lock(u64 listener)
{
	struct trace_context *c = context__get();

	if (c)
		frame__open(c, FRAME_LOCK, 0, listener);
}

static __always_inline int handle_walk_enter(u64 wq, bool loops)
{
	struct head_state *head;

	if (counters.open_frames) {
		struct trace_context *c = context__find();

		if (c && c->frame) {
			c->depth++;
			return 0;
		}
	}
	head = head__find(wq);
	if (!head)
		return 0;
	/* An arrival that was reported is told to the end. */
	if (head->kind == HEAD_LISTENER)
		enter_listener_walk(wq, loops);
	else if (counters.stopped)
		return 0;
	else if (head->kind == HEAD_EPOLL)
		enter_chain(head->object, loops);
	else
		enter_lock(head->object);
	return 0;
}

/*
 * sock_def_readable() signals the owners of the listener's file after the walk, where there are any (O_ASYNC).
 * That is told to the end, as the walk is.
 */
static __always_inline int handle_signal_enter(u64 wq)
{
	struct trace_context *c = context__find();
	struct arrival_state *a = arrival_of(wq, c);

	if (a && !c)
		c = context__get();
	if (a && c && !c->frame)
		frame__open(c, FRAME_SIGNAL, a->arrival, a->listener);
	return 0;
}

static __always_inline int handle_signal_exit(void)
{
	struct trace_context *c = counters.open_frames ? context__find() : NULL;

	if (c && c->frame == FRAME_SIGNAL)
		frame__close(c);
	return 0;
}

static __always_inline int handle_walk_exit(void)
{
	struct trace_context *c;

	if (!counters.open_frames)
		return 0;
	c = context__find();
	if (!c || !c->frame)
		return 0;
	if (c->depth) {
		c->depth--;
		return 0;
	}
	if (c->frame == FRAME_FOREIGN || c->frame == FRAME_SIGNAL)
		return 0;
	if (c->frame == FRAME_ARRIVAL) {
		struct record_walk *r = RECORD_RESERVE(RECORD_WALK, walk, 0);

		if (r) {
			r->arrival = c->frame_arrival;
			r->offers = c->offers;
			r->truncated = c->truncated;
			r->unlisted = c->unlisted;
			r->unlisted_exclusive = c->unlisted_exclusive;
			record__submit(r);
		}
	}
	frame__close(c);
	return 0;
}

/* ---- the entries ---- */

/* An entry of the listener's own queue is called; wrappers of the same entry count once. */
static __always_inline void offer(struct trace_context *c, u64 entry, enum wake_cause cause)
{
	if (c->depth || c->last_entry == entry)
		return;
	c->last_entry = entry;
	c->cause = cause;
	c->offers++;
}

/* The context when an entry of the listener's own queue is called for an arrival in it, else NULL. */
static __always_inline struct trace_context *offering(void)
{
	struct trace_context *c = counters.open_frames ? context__find() : NULL;

	return c && c->frame == FRAME_ARRIVAL && !c->depth ? c : NULL;
}

/* An entry whose function wakes one task. What an entry has in .private, the caller knows how to read. */
static __always_inline int offer_to_task(struct trace_context *c, struct wait_queue_entry *entry,
					 enum wake_cause cause, u64 task)
{
	offer(c, (u64)entry, cause);
	c->called = task;
	return 0;
}

static __always_inline u64 polling_task(void *private)
{
	return (u64)BPF_CORE_READ((struct poll_wqueues *)private, polling_task);
}

/* Remembers an epoll instance that watches a listener, and the item it does so with. */
static __always_inline void learn_item(u64 ep, u64 item, const u64 *arrival)
{
	struct head_state *known, head = {.kind = HEAD_EPOLL, .object = ep};
	u64 wq = (u64) & ((struct eventpoll *)ep)->wq, *last = bpf_map_lookup_elem(&items, &item);

	if (last)
		*last = *arrival;
	else if (bpf_map_update_elem(&items, &item, arrival, BPF_ANY))
		count(&counters.map_full, 1);
	head.last_arrival = *arrival;
	known = head__find(wq);
	if (known)
		known->last_arrival = *arrival;
	else
		head__insert(wq, &head);
}

/* The last arrival of what an item watches: a listener, or an instance that watches one. False: neither. */
static __always_inline bool watched_arrival(struct file *file, u64 wq, u64 *arrival)
{
	struct head_state *head = head__find(wq);
	struct listener_state *l;

	if (head && head->kind == HEAD_LISTENER) {
		l = bpf_map_lookup_elem(&listeners, &head->object);
		if (!l)
			return false;
		*arrival = l->last_arrival;
		return true;
	}
	if (!file || (u64)BPF_CORE_READ(file, f_op) != cfg.addr_eventpoll_fops)
		return false;
	wq = (u64) & ((struct eventpoll *)BPF_CORE_READ(file, private_data))->wq;
	head = head__find(wq);
	if (!head)
		return false;
	*arrival = head->last_arrival;
	return true;
}

/*
 * An item has been put into the queue of what it watches, and may be ready at once: ep_insert() wakes who sleeps
 * in the instance then, to which nothing was offered yet. It is for what has arrived last: told on return, as
 * what arrives from now on is offered. The item's memory may have been another one's, and the listener one that
 * was made elsewhere and handed to the server.
 */
static __always_inline int handle_item_queued(struct file *file, u64 wq,
					      struct poll_table_struct *table)
{
	struct epitem *item;
	u64 arrival;

	if (counters.stopped)
		return 0;
	if (task__current())
		watch_listener(file__sock(file));
	if (!watched_arrival(file, wq, &arrival))
		return 0;
	item = BPF_CORE_READ(container_of_core(table, struct ep_pqueue, pt), epi);
	learn_item((u64)BPF_CORE_READ(item, ep), (u64)item, &arrival);
	return 0;
}

/* A wake of an epoll instance that watches a listener, but not for an arrival. */
static __always_inline void enter_foreign(u64 ep)
{
	u64 wq = (u64) & ((struct eventpoll *)ep)->wq;
	struct trace_context *c;

	if (counters.stopped || !head__find(wq))
		return;
	c = context__get();
	if (!c)
		return;
	frame__open(c, FRAME_FOREIGN, 0, ep);
	c->callbacks = 1;
}

static __always_inline int handle_ep_poll_callback(struct wait_queue_entry *entry)
{
	struct trace_context *c = counters.open_frames ? context__find() : NULL;
	struct epitem *item;
	u64 ep = (u64)entry__eventpoll(entry, &item);

	if (!c || !c->frame) {
		enter_foreign(ep);
		return 0;
	}
	if (c->frame == FRAME_FOREIGN)
		c->callbacks++;
	if (c->frame == FRAME_ARRIVAL) {
		offer(c, (u64)entry, CAUSE_EPOLL);
		c->frame_object = ep;
		learn_item(ep, (u64)item, &c->frame_arrival);
	}
	return 0;
}

static __always_inline int handle_ep_poll_callback_exit(void)
{
	struct trace_context *c;

	if (!counters.open_frames)
		return 0;
	c = context__find();
	if (c && c->frame == FRAME_FOREIGN && --c->callbacks == 0)
		frame__close(c);
	return 0;
}

/* The instance is going away; its memory may become another one's. */
static __always_inline int handle_ep_release(struct file *file)
{
	struct eventpoll *ep = BPF_CORE_READ(file, private_data);
	u64 wq = (u64)&ep->wq;

	head__delete(wq);
	return 0;
}

/* ---- programs ---- */

SEC("fentry/__wake_up_common")
int BPF_PROG(fentry___wake_up_common, struct wait_queue_head *wq)
{
	return handle_walk_enter((u64)wq, false);
}

SEC("fentry/__wake_up_common")
int BPF_PROG(fentry_loop___wake_up_common, struct wait_queue_head *wq)
{
	return handle_walk_enter((u64)wq, true);
}

SEC("fexit/__wake_up_common")
int BPF_PROG(fexit___wake_up_common)
{
	return handle_walk_exit();
}

SEC("kprobe/__wake_up_common")
int BPF_KPROBE(kprobe___wake_up_common, struct wait_queue_head *wq)
{
	return handle_walk_enter((u64)wq, false);
}

SEC("kprobe/__wake_up_common")
int BPF_KPROBE(kprobe_loop___wake_up_common, struct wait_queue_head *wq)
{
	return handle_walk_enter((u64)wq, true);
}

SEC("kretprobe/__wake_up_common")
int BPF_KRETPROBE(kretprobe___wake_up_common)
{
	return handle_walk_exit();
}

SEC("fentry/ep_poll_callback")
int BPF_PROG(fentry_ep_poll_callback, struct wait_queue_entry *entry)
{
	return handle_ep_poll_callback(entry);
}

SEC("fexit/ep_poll_callback")
int BPF_PROG(fexit_ep_poll_callback)
{
	return handle_ep_poll_callback_exit();
}

SEC("kprobe/ep_poll_callback")
int BPF_KPROBE(kprobe_ep_poll_callback, struct wait_queue_entry *entry)
{
	return handle_ep_poll_callback(entry);
}

SEC("kretprobe/ep_poll_callback")
int BPF_KRETPROBE(kretprobe_ep_poll_callback)
{
	return handle_ep_poll_callback_exit();
}

/*
 * Entry hooks on the functions of wait queue entries. TASK is the one that "private" stands for. Not on what all of
 * them call in the end (default_wake_function()), which every wake of the machine would pay for: whom an entry
 * wakes whose function is none of these, entry__cause() tells.
 */
#define WAKE_FUNCTION(FUNCTION, CAUSE, TASK)                              \
	SEC("fentry/" #FUNCTION)                                          \
	int BPF_PROG(fentry_##FUNCTION, struct wait_queue_entry *entry)   \
	{                                                                 \
		struct trace_context *c = offering();                     \
		void *private = c ? entry->private : NULL;                \
		return c ? offer_to_task(c, entry, CAUSE, TASK) : 0;      \
	}                                                                 \
	SEC("kprobe/" #FUNCTION)                                          \
	int BPF_KPROBE(kprobe_##FUNCTION, struct wait_queue_entry *entry) \
	{                                                                 \
		struct trace_context *c = offering();                     \
		void *private = c ? BPF_CORE_READ(entry, private) : NULL; \
		return c ? offer_to_task(c, entry, CAUSE, TASK) : 0;      \
	}

WAKE_FUNCTION(autoremove_wake_function, CAUSE_ACCEPT, (u64) private)
WAKE_FUNCTION(pollwake, CAUSE_POLL, polling_task(private))
/* Whoever a ring has do the work. */
WAKE_FUNCTION(io_poll_wake, CAUSE_IO_URING, (u64) private)
WAKE_FUNCTION(io_async_wake, CAUSE_IO_URING, (u64) private)

/* sock_wake_async(wq, how, band): the queue's head is the first member of struct socket_wq. */
SEC("fentry/sock_wake_async")
int BPF_PROG(fentry_sock_wake_async, struct socket_wq *wq)
{
	return handle_signal_enter((u64)wq);
}

SEC("fexit/sock_wake_async")
int BPF_PROG(fexit_sock_wake_async)
{
	return handle_signal_exit();
}

SEC("kprobe/sock_wake_async")
int BPF_KPROBE(kprobe_sock_wake_async, struct socket_wq *wq)
{
	return handle_signal_enter((u64)wq);
}

SEC("kretprobe/sock_wake_async")
int BPF_KRETPROBE(kretprobe_sock_wake_async)
{
	return handle_signal_exit();
}

/* In epoll_ctl(), by a task that can be preempted: in three copies, see calls.bpf.h. */
#define EP_QUEUE_COPY(PREFIX)                                                     \
	SEC("fexit/ep_ptable_queue_proc")                                         \
	int BPF_PROG(fexit##PREFIX##ep_ptable_queue_proc, struct file *file,      \
		     struct wait_queue_head *wq, struct poll_table_struct *table) \
	{                                                                         \
		return handle_item_queued(file, (u64)wq, table);                  \
	}

EP_QUEUE_COPY(_)
EP_QUEUE_COPY(_again_)
EP_QUEUE_COPY(_third_)

/* A kretprobe does not see the arguments: what arrives before the item is queued is missed. */
SEC("kprobe/ep_ptable_queue_proc")
int BPF_KPROBE(kprobe_ep_ptable_queue_proc, struct file *file, struct wait_queue_head *wq,
	       struct poll_table_struct *table)
{
	return handle_item_queued(file, (u64)wq, table);
}

/* In close(), by a task that can be preempted: in three copies, see calls.bpf.h. */
#define EP_RELEASE_COPY(PREFIX)                                                                    \
	SEC("fentry/ep_eventpoll_release")                                                         \
	int BPF_PROG(fentry##PREFIX##ep_eventpoll_release, struct inode *inode, struct file *file) \
	{                                                                                          \
		return handle_ep_release(file);                                                    \
	}

EP_RELEASE_COPY(_)
EP_RELEASE_COPY(_again_)
EP_RELEASE_COPY(_third_)

SEC("kprobe/ep_eventpoll_release")
int BPF_KPROBE(kprobe_ep_eventpoll_release, struct inode *inode, struct file *file)
{
	return handle_ep_release(file);
}
