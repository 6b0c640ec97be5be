/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The CPUs that this process may run on. */
#ifndef HERDTRACE_LOAD_CPUS_H
#define HERDTRACE_LOAD_CPUS_H

#include <sched.h>
#include <stddef.h>

#define CPUS_MAX CPU_SETSIZE

struct cpus {
	cpu_set_t allowed;
	int list[CPUS_MAX]; /* in ascending order */
	size_t cnt;
};

/* Returns 0 or negative errno. */
int cpus__read(struct cpus *cpus);

/* Moves the calling thread to the index-th of them, and back to all of them. 0 or negative errno. */
int cpus__pin(const struct cpus *cpus, size_t index);
int cpus__unpin(const struct cpus *cpus);

#endif
