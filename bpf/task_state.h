/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What is known of one task of the traced tree. Both sides include this file: the loader makes the
 * entries of the tasks that are there before anything is traced.
 */
#ifndef HERDTRACE_TASK_STATE_H
#define HERDTRACE_TASK_STATE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* Which copies of the hooks on a call (calls.bpf.h) have seen it: bits of enum hook_copy. */
struct hook_copies {
	__u8 entered; /* the entry, until the exit */
	__u8 left;    /* the exit, until the next entry */
};

struct task_state {
	__u32 tgid;
	__u8 call;      /* enum wait_call that it is inside of, but for io_uring_enter() */
	__u8 elsewhere; /* that call is a poll that watches none of our listeners */
	__u8 signalled; /* the newest wake is by a signal: whatever it waited in */
	__u8 preempted; /* it left its CPU while a connection waited, but does not sleep */
	struct hook_copies copies;
	struct hook_copies ring; /* of io_uring_enter(), inside of which accept is called */
	/* Its wakes are numbered from 1. Each of these is written in one place only, and says up to
	 * which wake ... */
	__u32 waking;   /* ... sched_waking was seen: by wakers, one at a time */
	__u32 runnable; /* ... sched_wakeup was seen */
	__u32 ran;      /* ... it got a CPU since */
	__u32 done;     /* ... it has slept since */
	__u8 has_left; /* some system call, since it is followed: it is in none that began before */
	__u8 pad[3];
	__u64 object; /* struct eventpoll or listener it waits on, 0 unknown */
	__u64 accept_sk;
	__u64 listen_sk; /* argument of a function whose exit hook cannot see it (kretprobe) */
};

/* Copies of hooks whose entry was not seen, but follows from a wake: a bit beside those of enum hook_copy. */
#define COPY_ASSUMED_BIT 8

/*
 * Is it known to be in no call that began before it was followed? By what the hooks on calls have seen, or by an exit
 * from any system call.
 */
static inline int task_state__is_known(const struct task_state *t)
{
	return t->has_left || (t->copies.entered & ~COPY_ASSUMED_BIT) || t->copies.left ||
	       (t->ring.entered & ~COPY_ASSUMED_BIT) || t->ring.left;
}

#endif
