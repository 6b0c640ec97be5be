// SPDX-License-Identifier: GPL-2.0
/* Who waits for an arrival. */
#include "waiters.bpf.h"

/* In a way that an event on a wait queue ends. */
static __always_inline bool task__is_asleep(const struct task_struct *task)
{
	return task && (task__state(task) & TASK_STATE_INTERRUPTIBLE);
}

/* A ring goes on waiting while its task does something else. */
static __always_inline bool sleeps_elsewhere(const struct task_struct *task)
{
	struct task_state *t = cfg.running ? NULL : task__find(BPF_CORE_READ(task, pid));

	return t && !t->ring.entered;
}

__noinline int emit_waiter(__u64 arrival, __u64 task_address, __u32 cause, __u64 place)
{
	const struct task_struct *task = (const struct task_struct *)task_address;
	struct record_waiter *r;

	if (!task__is_asleep(task) || (cause == CAUSE_IO_URING && sleeps_elsewhere(task)))
		return 0;
	r = RECORD_RESERVE(RECORD_WAITER, waiter, BPF_CORE_READ(task, pid));
	if (!r)
		return 0;
	r->arrival = arrival;
	r->tgid = BPF_CORE_READ(task, tgid);
	r->cause = cause;
	r->elsewhere = place == WAITER_ELSEWHERE;
	r->place = r->elsewhere ? 0 : place >> 32;
	r->flags = (__u32)place;
	record__submit(r);
	return 0;
}
