/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The listeners of one generation of reuseport-server, one per worker, and by what the kernel
 * chooses between them. As in server.h, a call that fails ends the process with status 1.
 */
#ifndef HERDTRACE_REUSEPORT_GROUP_H
#define HERDTRACE_REUSEPORT_GROUP_H

#include "server.h"

struct group_options {
	bool cbpf;         /* listener i for CPU i, modulo the number of workers */
	bool incoming_cpu; /* listener i for the CPU of worker i */
};

/* The CPUs a process may run on. */
struct cpu_list {
	unsigned int cnt;
	int cpus[]; /* ascending */
};

/* The caller frees it. */
struct cpu_list *cpu_list__of_process(void);

/* The calling task is worker index from now on. Workers share if there are more than CPUs. */
void cpu_list__pin_worker(const struct cpu_list *list, unsigned int index);

/* Fills listeners, one per worker. They all listen when it returns. */
void group__listen(int *listeners, const struct server_options *options, unsigned int listen_flags,
		   const struct group_options *group, const struct cpu_list *cpus);

#endif
