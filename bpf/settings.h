/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the programs must know of the run and of the running kernel. Written by the loader before
 * they are loaded; the verifier then takes every field for the constant that it is, and drops what
 * can no longer be reached.
 */
#ifndef HERDTRACE_SETTINGS_H
#define HERDTRACE_SETTINGS_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

struct settings {
	__u64 handle_xor;  /* scrambles addresses into handles */
	__u64 handle_odd;  /* odd, so that multiplying loses nothing */
	__u64 ring_wakeup; /* bytes waiting from which the reader is woken while he is at work */

	/* Where the running kernel has them, from /proc/kallsyms; ~0 for one that it has not. */
	__u64 addr_ep_poll_callback;
	__u64 addr_pollwake;
	__u64 addr_autoremove_wake_function;
	__u64 addr_receiver_wake_function;
	__u64 addr_io_poll_wake;
	__u64 addr_default_wake_function;
	__u64 addr_socket_file_ops;
	__u64 addr_eventpoll_fops;

	__u8 switch_has_state; /* sched_switch passes prev_state (5.18) */
	__u8 stacks;           /* keep the kernel stack of each wake */
	/* Every return from a waiting call is taken at the system call's exit (kprobes). Otherwise
	 * only those from calls that began before the trace: the exit hook of a function does not
	 * see them. */
	__u8 exit_by_syscall;
	__u8 running;        /* tasks may be inside of calls that began before */
	__u8 traces_unix;    /* arrivals on AF_UNIX listeners can be traced */
	__u8 follows_cgroup; /* who comes to the cgroup in the map of them belongs to the tree */
	__u8 all_waiters;    /* list all of an arrival's waiters, however many */
	__u8 pad;
};

#endif
