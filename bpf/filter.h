/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What hooks on calls and wakes of the whole machine look at before they look into a map: how many entries of the map
 * fall on the key's place. 0 says that it has none, and that is what nearly all of them learn. Counted up before
 * an entry is made and down once it is gone, so that a place is never 0 while the map has an entry there; where an
 * entry is replaced it may stay too high, which costs a look into the map. Both sides make entries of tasks.
 */
#ifndef HERDTRACE_FILTER_H
#define HERDTRACE_FILTER_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define FILTER_BITS   14
#define FILTER_PLACES (1 << FILTER_BITS)

struct filters {
	__u32 tasks[FILTER_PLACES]; /* of the map of that name */
	__u32 heads[FILTER_PLACES];
};

/* Thread ids are given out one after another. */
static inline __u64 filter__task_place(__u64 tid)
{
	return tid & (FILTER_PLACES - 1);
}

/* Of an address, its lower half: that is what a program can get of one that the verifier knows for a pointer. */
static inline __u64 filter__head_place(__u64 lower_half)
{
	/* 2^32 divided by the golden ratio: neighbours fall far apart. */
	return lower_half * 0x9e3779b1u >> (32 - FILTER_BITS) & (FILTER_PLACES - 1);
}

#endif
