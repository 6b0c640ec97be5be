/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry to and return from the calls in which tasks wait for a listener.
 *
 * These hooks run in process context with preemption on. While one of them is preempted (kernels
 * with PREEMPT or PREEMPT_LAZY, 7.2 by default), the kernel skips the same program for another
 * task on that CPU. There each of these hooks is attached three times: a call is missed only when
 * three other tasks are preempted, each in another copy. (With two copies that happened, on two busy
 * CPUs.) The bookkeeping here works with any copy alone, and notices when all were skipped.
 */
#ifndef HERDTRACE_CALLS_BPF_H
#define HERDTRACE_CALLS_BPF_H

#include "emit.bpf.h"

/* While the hooks are being detached, the entry's may be gone and the exit's still be there. */
static __always_inline void count_missed_call(void)
{
	if (!counters.stopped)
		count(&counters.missed_calls, 1);
}

static __always_inline void copies__enter(struct hook_copies *c, enum hook_copy copy)
{
	/* This copy has seen an entry already: the return was missed. */
	if (c->entered & copy) {
		count_missed_call();
		c->entered = 0;
	}
	c->entered &= ~COPY_ASSUMED;
	c->entered |= copy;
	c->left = 0;
}

/* True for the first copy of the exit hook that runs for a call: it has the work to do. */
static __always_inline bool copies__leave(struct hook_copies *c, enum hook_copy copy)
{
	bool first;

	/* This copy has seen an exit since the last entry that was seen: the entry was missed. */
	if (c->left & copy) {
		count_missed_call();
		c->left = 0;
	}
	first = !c->left;
	c->left |= copy;
	if (first)
		c->entered = 0;
	return first;
}

static __always_inline void call__enter(struct task_state *t, enum wait_call call, u64 object,
					enum hook_copy copy)
{
	if (!t->copies.entered)
		t->elsewhere = 0;
	copies__enter(&t->copies, copy);
	t->call = call;
	t->object = object;
}

static __always_inline bool call__leave(struct task_state *t, enum hook_copy copy)
{
	if (!copies__leave(&t->copies, copy))
		return false;
	t->call = CALL_NONE;
	t->object = 0;
	return true;
}

/* Is it for the hook on the system call's exit to say that this task returns? */
static __always_inline bool call__ends_with_syscall(const struct task_state *t)
{
	return t && t->call != CALL_NONE && (cfg.exit_by_syscall || !t->copies.entered);
}

/*
 * The programs of one waiting call: three copies of the hooks on its entry and its exit, and the
 * entry's kprobe, whose exit is the system call's. ENTER may use the call's first argument as
 * "first", EXIT all arguments and the result as "ctx"; both name their copy as "copy".
 */
#define CALL_EXIT_COPY(PREFIX, FUNCTION, EXIT, COPY) \
	SEC("fexit/" #FUNCTION)                      \
	int fexit##PREFIX##FUNCTION(u64 *ctx)        \
	{                                            \
		const enum hook_copy copy = COPY;    \
		return EXIT;                         \
	}

#define CALL_COPY(PREFIX, FUNCTION, TYPE, ENTER, EXIT, COPY) \
	SEC("fentry/" #FUNCTION)                             \
	int BPF_PROG(fentry##PREFIX##FUNCTION, TYPE first)   \
	{                                                    \
		const enum hook_copy copy = COPY;            \
		return ENTER;                                \
	}                                                    \
	CALL_EXIT_COPY(PREFIX, FUNCTION, EXIT, COPY)

#define CALL_PROGRAMS(FUNCTION, TYPE, ENTER, EXIT)                  \
	CALL_COPY(_, FUNCTION, TYPE, ENTER, EXIT, COPY_FIRST)       \
	CALL_COPY(_again_, FUNCTION, TYPE, ENTER, EXIT, COPY_AGAIN) \
	CALL_COPY(_third_, FUNCTION, TYPE, ENTER, EXIT, COPY_THIRD) \
	SEC("kprobe/" #FUNCTION)                                    \
	int BPF_KPROBE(kprobe_##FUNCTION, TYPE first)               \
	{                                                           \
		const enum hook_copy copy = COPY_FIRST;             \
		return ENTER;                                       \
	}

#endif
