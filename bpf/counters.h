/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the programs of all CPUs add up, read by the loader. */
#ifndef HERDTRACE_COUNTERS_H
#define HERDTRACE_COUNTERS_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define ON_ITS_OWN __attribute__((aligned(64)))

struct counters {
	__u64 arrivals;
	__u64 wakes;
	__u64 accepts;
	__u64 ring_drops;
	__u64 map_full;
	__u64 unbalanced_frames; /* walks whose beginning or end was missed */
	__u64 missed_calls;
	__u64 long_lists; /* ready lists that may hold a listener beyond what could be searched */
	__u64 early_calls; /* wakes from such as began before the trace, when nobody sees their return any more */
	/* Set by the loader: no hook is left that sees the return from a call which began before the trace. */
	__u64 no_exits;
	__u64 followed_ns; /* on the scheduler's clock: everything was attached by then */
	/* Set by the loader before it detaches: nothing new is taken up, and what is undecided
	 * stays so. */
	__u64 stopped;
	/* Frames open on any CPU, wakes after which their task has not slept yet: while one of them is
	 * 0, the hooks on every wake and every switch of the system have nothing to look up. All CPUs
	 * read them then, so each has a cache line of its own. */
	__u64 open_frames ON_ITS_OWN;
	__u64 open_wakes ON_ITS_OWN;
	__u64 queued ON_ITS_OWN; /* connections that were told and that nobody has accepted */
	/* Entries of task_arrivals: at least so many as there are; and of contexts, those that stay. */
	__u64 task_arrivals ON_ITS_OWN;
	__u64 kept_contexts;
};

#endif
