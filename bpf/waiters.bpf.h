/* SPDX-License-Identifier: GPL-2.0 */
/* What the entries of a wait queue stand for. */
#ifndef HERDTRACE_WAITERS_BPF_H
#define HERDTRACE_WAITERS_BPF_H

#include "emit.bpf.h"

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

/* The task of an entry in a listener's queue, NULL for one that has none directly (epoll). */
static __always_inline struct task_struct *entry__task(struct wait_queue_entry *entry, u64 func,
						       enum wake_cause *cause)
{
	void *private = BPF_CORE_READ(entry, private);

	*cause = CAUSE_ACCEPT;
	if (func == addr_autoremove_wake_function || func == addr_default_wake_function ||
	    func == addr_receiver_wake_function)
		return private;
	*cause = CAUSE_IO_URING;
	if (func == addr_io_poll_wake)
		return request__task(private);
	*cause = CAUSE_POLL;
	if (func == addr_pollwake)
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
	if (func != addr_ep_poll_callback)
		return entry__task(entry, func, cause);
	*cause = CAUSE_EPOLL;
	entry = queue__first(&entry__eventpoll(entry, &item)->wq);
	return entry ? BPF_CORE_READ(entry, private) : NULL;
}

/* A ring goes on waiting while its task does something else. */
static __always_inline bool sleeps_elsewhere(const struct task_struct *task)
{
	struct task_state *t = cfg_running ? NULL : task__find(BPF_CORE_READ(task, pid));

	return t && !t->ring.entered;
}

static __always_inline void emit_waiter(u64 arrival, struct task_struct *task,
					enum wake_cause cause, bool elsewhere)
{
	struct record_waiter *r;

	if (!task__is_asleep(task) || (cause == CAUSE_IO_URING && sleeps_elsewhere(task)))
		return;
	r = RECORD_RESERVE(RECORD_WAITER, waiter, BPF_CORE_READ(task, pid));
	if (!r)
		return;
	r->arrival = arrival;
	r->tgid = BPF_CORE_READ(task, tgid);
	r->cause = cause;
	r->elsewhere = elsewhere;
	record__submit(r);
}

#endif
