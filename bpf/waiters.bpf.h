/* SPDX-License-Identifier: GPL-2.0 */
/* What the entries of a wait queue stand for. */
#ifndef HERDTRACE_WAITERS_BPF_H
#define HERDTRACE_WAITERS_BPF_H

#include "emit.bpf.h"

/* The instance behind ep_poll_callback()'s entry, and the item through which it watches. */
static __always_inline struct eventpoll *entry__eventpoll(struct wait_queue_entry *entry,
							  struct epitem **item)
{
	struct eppoll_entry *pwq = container_of_core(entry, struct eppoll_entry, wait);

	*item = BPF_CORE_READ(pwq, base);
	return BPF_CORE_READ(*item, ep);
}

/* The first entry of a queue, NULL when it is empty. */
static __always_inline struct wait_queue_entry *queue__first(struct wait_queue_head *head)
{
	struct list_head *list = &head->head, *first = BPF_CORE_READ(list, next);

	if (!first || first == list)
		return NULL;
	return container_of_core(first, struct wait_queue_entry, entry);
}

/* The task of an entry in a listener's queue, NULL for one that has none directly (epoll). */
static __always_inline struct task_struct *entry__task(struct wait_queue_entry *entry, u64 func,
						       enum wake_cause *cause)
{
	void *private = BPF_CORE_READ(entry, private);

	*cause = CAUSE_ACCEPT;
	if (func == cfg.addr_autoremove_wake_function || func == cfg.addr_default_wake_function ||
	    func == cfg.addr_receiver_wake_function)
		return private;
	*cause = CAUSE_IO_URING;
	if (func == cfg.addr_io_poll_wake)
		return request__task(private);
	*cause = CAUSE_POLL;
	if (func == cfg.addr_pollwake)
		return BPF_CORE_READ((struct poll_wqueues *)private, polling_task);
	return NULL;
}

/* The task of the first entry of a listener's queue, or of the epoll instance there. */
static __always_inline struct task_struct *listener__first_waiter(struct sock *sk,
								  enum wake_cause *cause)
{
	struct wait_queue_head *head = (struct wait_queue_head *)BPF_CORE_READ(sk, sk_wq);
	struct wait_queue_entry *entry = head ? queue__first(head) : NULL;
	struct epitem *item;
	u64 func;

	if (!entry)
		return NULL;
	func = (u64)BPF_CORE_READ(entry, func);
	if (func != cfg.addr_ep_poll_callback)
		return entry__task(entry, func, cause);
	*cause = CAUSE_EPOLL;
	entry = queue__first(&entry__eventpoll(entry, &item)->wq);
	return entry ? BPF_CORE_READ(entry, private) : NULL;
}

/* Where a waiter was found: in this turn of a search, through an entry of the listener's queue with these flags. */
static __always_inline u64 waiter__place(u32 index, u64 entry_flags)
{
	return (u64)(index + 1) << 32 | WAITER_KNOWN |
	       (entry_flags & WAIT_ENTRY_EXCLUSIVE) * WAITER_EXCLUSIVE;
}

#define WAITER_UNPLACED  0
#define WAITER_ELSEWHERE (1ull << 63) /* on another listener of the group */

/*
 * Records that a task waits for an arrival, if it does sleep. place: by waiter__place(), or one of these. Its
 * own program for the verifier, and so taken once and not for every turn of a search.
 */
int emit_waiter(__u64 arrival, __u64 task_address, __u32 cause, __u64 place);

#endif
