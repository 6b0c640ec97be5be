/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels, each behind one accessor. Decided by what the running
 * kernel's types have (CO-RE), never by its version number: stable updates move things.
 */
#ifndef HERDTRACE_COMPAT_BPF_H
#define HERDTRACE_COMPAT_BPF_H

#include "state.bpf.h"

/* Values of task states that have been the same since 2.6. */
#define TASK_STATE_INTERRUPTIBLE   0x1
#define TASK_STATE_UNINTERRUPTIBLE 0x2
#define TASK_STATE_WAKING          0x200

/* WQ_FLAG_BOOKMARK: the marker that 4.14 to 6.5 put into a queue to give the lock up in between. */
#define WAIT_ENTRY_BOOKMARK 0x4

/* container_of() with the member's place in the running kernel. */
#define container_of_core(pointer, type, member) \
	((type *)((void *)(pointer)-bpf_core_field_offset(type, member)))

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
