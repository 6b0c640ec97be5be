/* SPDX-License-Identifier: GPL-2.0 */
/* What the entries of a wait queue stand for. */
#ifndef HERDTRACE_WAITERS_BPF_H
#define HERDTRACE_WAITERS_BPF_H

#include "compat.bpf.h"

/* Asleep in a way that an event on a wait queue ends. */
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

/* The first entry of a queue, NULL when it is empty. */
static __always_inline struct wait_queue_entry *queue__first(struct wait_queue_head *head)
{
	struct list_head *list = &head->head, *first = BPF_CORE_READ(list, next);

	if (!first || first == list)
		return NULL;
	return container_of_core(first, struct wait_queue_entry, entry);
}

/* Does a task sleep on this listener, going by the first entry of its queue? */
static __always_inline bool listener__is_idle(struct sock *sk)
{
	struct wait_queue_head *head = (struct wait_queue_head *)BPF_CORE_READ(sk, sk_wq);
	struct wait_queue_entry *entry = head ? queue__first(head) : NULL;
	u64 func;

	if (!entry)
		return false;
	func = (u64)BPF_CORE_READ(entry, func);
	if (func == addr_ep_poll_callback) {
		struct epitem *item;
		struct eventpoll *ep = entry__eventpoll(entry, &item);

		entry = queue__first(&ep->wq);
		return entry && task__is_asleep(BPF_CORE_READ(entry, private));
	}
	if (func == addr_pollwake) {
		struct poll_wqueues *pwq = BPF_CORE_READ(entry, private);

		return task__is_asleep(BPF_CORE_READ(pwq, polling_task));
	}
	return func == addr_autoremove_wake_function &&
	       task__is_asleep(BPF_CORE_READ(entry, private));
}

#endif
