/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry to and return from the calls in which tasks wait for a listener.
 *
 * These hooks run in process context with preemption on. While one of them is preempted (kernels
 * with PREEMPT or PREEMPT_LAZY, 7.2 by default), the kernel skips the same program for another
 * task on that CPU. So each of these hooks is attached twice: a call is missed only when one task
 * is preempted in the first copy and another in the second. The bookkeeping here works with
 * either copy alone, and notices when both were skipped.
 */
#ifndef HERDTRACE_CALLS_BPF_H
#define HERDTRACE_CALLS_BPF_H

#include "emit.bpf.h"

enum hook_copy {
	COPY_FIRST = 1,
	COPY_AGAIN = 2,
};

static __always_inline void call__enter(struct task_state *t, enum wait_call call, u64 object,
					enum hook_copy copy)
{
	/* This copy has seen an entry already: the return was missed. */
	if (t->entered & copy) {
		count(&loss_missed_calls, 1);
		t->entered = 0;
	}
	t->entered |= copy;
	t->left = 0;
	t->call = call;
	t->object = object;
}

/* True for the first copy of the exit hook that runs for a call: it has the work to do. */
static __always_inline bool call__leave(struct task_state *t, enum hook_copy copy)
{
	bool first;

	/* This copy has seen an exit since the last entry that was seen: the entry was missed. */
	if (t->left & copy) {
		count(&loss_missed_calls, 1);
		t->left = 0;
	}
	first = !t->left;
	t->left |= copy;
	if (!first)
		return false;
	t->entered = 0;
	t->call = CALL_NONE;
	t->object = 0;
	return true;
}

/* Is it for the hook on the system call's exit to say that this task returns? */
static __always_inline bool call__ends_with_syscall(const struct task_state *t)
{
	return t && t->call != CALL_NONE && (cfg_exit_by_syscall || !t->entered);
}

#endif
