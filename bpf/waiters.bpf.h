/* SPDX-License-Identifier: GPL-2.0 */
/* What the entries of a wait queue stand for. */
#ifndef HERDTRACE_WAITERS_BPF_H
#define HERDTRACE_WAITERS_BPF_H

#include "emit.bpf.h"

/* In a way that an event on a wait queue ends. */
static __always_inline bool task__is_asleep(const struct task_struct *task)
{
	return task && (task__state(task) & TASK_STATE_INTERRUPTIBLE);
}

/* The instance behind ep_poll_callback()'s entry, and the item through which it watches. */
static __always_inline struct eventpoll *entry__eventpoll(struct wait_queue_entry *entry,
							  struct epitem **item)
{
	struct eppoll_entry *pwq = container_of_core(entry, struct eppoll_entry, wait);

	*item = BPF_CORE_READ(pwq, base);
	return BPF_CORE_READ(*item, ep);
}

/*
 * What sock_def_readable() tells of (include/uapi/linux/eventpoll.h, asm-generic/poll.h: the same numbers). Who asked
 * for none of it is passed over, by ep_poll_callback() and pollwake(): a server that takes no connections for a while
 * keeps its listener in an instance, with no events (EPOLL_CTL_MOD, or EPOLLONESHOT until it is armed again).
 */
#define LISTENER_EVENTS (0x001 | 0x002 | 0x040 | 0x080) /* EPOLLIN, -PRI, -RDNORM, -RDBAND */

static __always_inline bool item__hears(struct epitem *item)
{
	return BPF_CORE_READ(item, event.events) & LISTENER_EVENTS;
}

/* The first entry of a queue, NULL when it is empty. */
static __always_inline struct wait_queue_entry *queue__first(struct wait_queue_head *head)
{
	struct list_head *list = &head->head, *first = BPF_CORE_READ(list, next);

	if (!first || first == list)
		return NULL;
	return container_of_core(first, struct wait_queue_entry, entry);
}

static __always_inline bool poll_entry__hears(struct wait_queue_entry *entry)
{
	struct poll_table_entry *poll = container_of_core(entry, struct poll_table_entry, wait);

	return (u32)BPF_CORE_READ(poll, key) & LISTENER_EVENTS;
}

/* The task of an entry in a listener's queue, and a copy of it: NULL for one that has none directly (epoll). */
static __always_inline struct task_struct *entry__task(struct wait_queue_entry *entry,
						       const struct wait_queue_entry *copy,
						       enum wake_cause *cause)
{
	u64 func = (u64)copy->func;
	void *private = copy->private;

	*cause = CAUSE_ACCEPT;
	if (func == cfg.addr_autoremove_wake_function || func == cfg.addr_default_wake_function ||
	    func == cfg.addr_receiver_wake_function)
		return private;
	*cause = CAUSE_IO_URING;
	if (func == cfg.addr_io_poll_wake)
		return request__task(private);
	*cause = CAUSE_POLL;
	if (func == cfg.addr_pollwake && poll_entry__hears(entry))
		return BPF_CORE_READ((struct poll_wqueues *)private, polling_task);
	return NULL;
}

/* The task of the first entry of a listener's queue, or of the epoll instance there. */
static __always_inline struct task_struct *listener__first_waiter(struct sock *sk,
								  enum wake_cause *cause)
{
	struct wait_queue_head *head = (struct wait_queue_head *)BPF_CORE_READ(sk, sk_wq);
	struct wait_queue_entry *entry = head ? queue__first(head) : NULL, copy;
	struct epitem *item;

	if (!entry)
		return NULL;
	bpf_probe_read_kernel(&copy, sizeof(copy), entry);
	if ((u64)copy.func != cfg.addr_ep_poll_callback)
		return entry__task(entry, &copy, cause);
	*cause = CAUSE_EPOLL;
	entry = queue__first(&entry__eventpoll(entry, &item)->wq);
	return entry && item__hears(item) ? BPF_CORE_READ(entry, private) : NULL;
}

/* Where a waiter was found: in this turn of a search, through this entry of the listener's queue with these flags. */
static __always_inline u64 waiter__place(u32 index, u64 entry_flags, u64 entry)
{
	return (u64)(index + 1) << 32 | WAITER_KNOWN |
	       (entry_flags & WAIT_ENTRY_EXCLUSIVE) * WAITER_EXCLUSIVE |
	       (1 + (entry & (WAITER_ENTRIES - 1))) * WAITER_ENTRY;
}

#define WAITER_UNPLACED  0
#define WAITER_ELSEWHERE (1ull << 63) /* on another listener of the group */

/*
 * Waiters are told several at a time: a record for each would be most of what one costs, in the lock of its queue.
 * A batch is filled by one program at a time: each CPU has one for the walk over a listener's queue and one for the
 * search through a group, and the kernel does not run a program again on a CPU where it has not ended.
 */
#define WAITERS_AT_ONCE 127 /* as the verifier likes it: one less than a power of two */

enum waiter_batch_key {
	BATCH_HERE,
	BATCH_ELSEWHERE,
	BATCH_CNT,
};

struct waiter_batch {
	struct record_waiters head;
	struct waiter_entry at[WAITERS_AT_ONCE + 1];
};

/*
 * Tells that a task waits for an arrival, if it does sleep. place: by waiter__place(), or one of these. Its
 * own program for the verifier, and so taken once and not for every turn of a search. 1: it sleeps, but whether
 * that is a wait for the arrival cannot be known.
 */
int emit_waiter(__u64 arrival, __u64 task_address, __u32 cause, __u64 place);

/* Tells what there is; nobody of it has been told before that. */
int emit_batch(__u32 key);

#endif
