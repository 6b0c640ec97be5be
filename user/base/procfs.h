/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What /proc tells about tasks. */
#ifndef HERDTRACE_BASE_PROCFS_H
#define HERDTRACE_BASE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All processes below root, zombies left out. *pids is freed by the caller. Returns how many. */
size_t procfs__descendants(pid_t root, pid_t **pids);

/* Calls visit for each thread of a process. Returns 0 or negative errno. */
int procfs__each_thread(pid_t pid, int (*visit)(void *arg, pid_t tid), void *arg);

enum task_rest {
	TASK_GONE,
	TASK_RUNS,   /* on a CPU, waiting for one, or in a sleep that is not for an event */
	TASK_NAPS,   /* in a timed sleep (nanosleep): it will go on by itself */
	TASK_SLEEPS, /* until something happens */
};

/* What a thread is doing. */
enum task_rest procfs__rest(pid_t pid, pid_t tid);

/* Does it run? The same for half the price, where a nap is as good as a sleep. */
bool procfs__runs(pid_t pid, pid_t tid);

#endif
