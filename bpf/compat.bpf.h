/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels, each behind one accessor. Decided by what the running
 * kernel's types have (CO-RE), never by its version number: stable updates move things.
 */
#ifndef HERDTRACE_COMPAT_BPF_H
#define HERDTRACE_COMPAT_BPF_H

#include "state.bpf.h"

/* Values of task states that have been the same since 2.6. */
#define TASK_STATE_INTERRUPTIBLE 0x1
#define TASK_STATE_WAKING        0x200

/* WQ_FLAG_BOOKMARK: the marker that 4.14 to 6.5 put into a queue to give the lock up in between. */
#define WAIT_ENTRY_EXCLUSIVE 0x1
#define WAIT_ENTRY_BOOKMARK  0x4

/* container_of() with the member's place in the running kernel. */
#define container_of_core(pointer, type, member) \
	((type *)((void *)(pointer)-bpf_core_field_offset(type, member)))

/*
 * A member of what a program got as an argument, typed: the program may read it as it is. That is no call, and all
 * there is for fentry programs; the arguments of kprobes are numbers.
 */
#define ARG_READ(typed, argument, member) \
	((typed) ? (argument)->member : BPF_CORE_READ(argument, member))

/*
 * bpf_loop() came in 5.17 (e6f2dd0f8067). Before, a search is a loop that the verifier follows
 * through every turn, so it cannot be as long. Programs that search come in two versions: a call
 * with a function to call back is refused where it is unknown, even when it cannot be reached.
 */
#define TINY_SEARCH  16    /* turns, where a turn is long and what is not found does little harm */
#define SHORT_SEARCH 64    /* turns, where there are many programs or long turns */
#define LONG_SEARCH  384   /* turns, once in a program */
#define LOOP_TURNS   16384 /* turns of bpf_loop() */

/*
 * Sets the state of a search. Up to 6.6 the verifier takes the turns of bpf_loop() for one turn
 * (ab5cfac139ab): it would know the values that the state began with, and remove what cannot
 * happen in the first turn. What a helper has written it does not know.
 */
#define begin_search(state, begin) bpf_probe_read_kernel(state, sizeof(*(state)), begin)

#define repeat(turns, step, state, loops)                             \
	do {                                                          \
		if (loops) {                                          \
			bpf_loop(LOOP_TURNS, step, state, 0);         \
		} else {                                              \
			for (u32 turn_ = 0; turn_ < (turns); turn_++) \
				if (step(turn_, state))               \
					break;                        \
		}                                                     \
	} while (0)

/* task_struct.state became __state in 5.14 (2f064a59a11f). */
struct task_struct___pre_v514 {
	volatile long state;
} __attribute__((preserve_access_index));

static __always_inline u32 task__state(const struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state);
	const struct task_struct___pre_v514 *old = (const void *)task;
	return (u32)BPF_CORE_READ(old, state);
}

/* On the scheduler's clock, when it got its CPU; 0 where the kernel does not keep that (CONFIG_SCHED_INFO). */
static __always_inline u64 task__last_ran_ns(const struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sched_info))
		return 0;
	return BPF_CORE_READ(task, sched_info.last_arrival);
}

struct task_ids {
	u32 tid, tgid;
};

/* They are neighbours in every kernel, and so cost one call. */
static __always_inline struct task_ids task__ids(const struct task_struct *task)
{
	struct task_ids ids = {};

	if (bpf_core_field_offset(task->tgid) == bpf_core_field_offset(task->pid) + sizeof(u32))
		bpf_probe_read_kernel(&ids, sizeof(ids),
				      __builtin_preserve_access_index(&task->pid));
	else
		ids = (struct task_ids){BPF_CORE_READ(task, pid), BPF_CORE_READ(task, tgid)};
	return ids;
}

/* io_kiocb.task became .tctx->task (6.12 has the one, 7.2 the other). */
struct io_uring_task___later {
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct io_kiocb___later {
	struct io_uring_task___later *tctx;
} __attribute__((preserve_access_index));

/* The lowest bit of a poll entry's private marks a second entry of the same request. */
static __always_inline struct task_struct *request__task(void *private)
{
	const struct io_kiocb *request = (void *)((u64) private & ~1ull);
	const struct io_kiocb___later *later = (const void *)request;

	if (bpf_core_field_exists(request->task))
		return BPF_CORE_READ(request, task);
	return BPF_CORE_READ(later, tctx, task);
}

/* net/mptcp/protocol.h; not in every build. */
struct mptcp_sock___any {
	struct sock *first;
} __attribute__((preserve_access_index));

/*
 * An MPTCP socket listens through its first subflow, an ordinary TCP socket: that gets the connections, and
 * whoever waits on either sleeps on one queue (__mptcp_socket_create() gives the subflow the queue of its owner).
 */
static __always_inline struct sock *sock__subflow(struct sock *sk)
{
	const struct mptcp_sock___any *mptcp = (const void *)sk;

	if (!sk || !bpf_core_type_exists(struct mptcp_sock___any) ||
	    BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol) != IPPROTO_MPTCP)
		return sk;
	return BPF_CORE_READ(mptcp, first);
}

/* Is this the exit of accept() or accept4()? Numbers of the architecture. */
static __always_inline bool syscall__is_accept(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	u64 number = BPF_CORE_READ(regs, orig_ax);

	/* And for 32-bit tasks, socketcall() and accept4(), by numbers that are no call in which a
	 * 64-bit task could accept. */
	return number == 43 || number == 288 || number == 102 || number == 364;
#elif defined(__TARGET_ARCH_arm64)
	u64 number = BPF_CORE_READ((const struct user_pt_regs *)regs, regs[8]);

	return number == 202 || number == 242;
#endif
}

/*
 * inet_csk_accept(sk, flags, int *err, kern) became (sk, struct proto_accept_arg *) in 6.10
 * (92ef0fd55ac8). The error and the place of the return value moved with it.
 */
struct proto_accept_arg___v610 {
	int flags;
	int err;
} __attribute__((preserve_access_index));

static __always_inline bool accept__has_arg_struct(void)
{
	return bpf_core_type_exists(struct proto_accept_arg___v610);
}

/* Error of a finished inet_csk_accept(); arg1 and arg2 are its second and third argument. */
static __always_inline int accept__error(u64 arg1, u64 arg2)
{
	int error = 0;

	if (accept__has_arg_struct()) {
		const struct proto_accept_arg___v610 *arg = (const void *)arg1;

		return BPF_CORE_READ(arg, err);
	}
	bpf_probe_read_kernel(&error, sizeof(error), (const void *)arg2);
	return error;
}

#endif
