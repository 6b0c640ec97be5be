/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What /proc tells about tasks. */
#ifndef HERDTRACE_BASE_PROCFS_H
#define HERDTRACE_BASE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Whose numbers does /proc show? In a PID namespace without a /proc of its own they are those of
 * others: to signal one would hit a stranger.
 */
enum procfs_view {
	PROCFS_NONE, /* it does not show us, for the reason in errno; ENOENT: not mounted, or foreign */
	PROCFS_FOREIGN, /* of a PID namespace above ours */
	PROCFS_OURS,
};

enum procfs_view procfs__view(void);

/* What a number stands for. */
struct procfs_process {
	pid_t pid; /* another number: it was that of a thread of this process */
	pid_t parent;
	bool is_kernel_thread, is_zombie;
};

/* Returns 0, or -ESRCH where /proc shows no such task. */
int procfs__look_up(pid_t pid, struct procfs_process *process);

/* The process that has this number in the innermost PID namespace that it is in, which is not ours; 0: there is none. */
pid_t procfs__find_inner(pid_t number);

/* Is a process below another one? */
bool procfs__is_below(pid_t pid, pid_t root);

/* All processes below root, zombies left out. *pids is freed by the caller. Returns how many. */
size_t procfs__descendants(pid_t root, pid_t **pids);

/*
 * The first of its threads that has not ended, whose number stands for the process where /proc is asked for what ends
 * with a thread: files, namespaces, memory. pid where there is none.
 */
pid_t procfs__living_thread(pid_t pid);

/* Calls visit for each thread of a process. Returns 0 or negative errno. */
int procfs__each_thread(pid_t pid, int (*visit)(void *arg, pid_t tid), void *arg);

/* Calls visit with the inode of each socket that a process has open. Who is gone, or hidden, has none. */
void procfs__each_socket(pid_t pid, void (*visit)(void *arg, unsigned long inode), void *arg);

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

#define PROCFS_NO_CALL  (-1) /* it sleeps elsewhere in the kernel, is gone, or hidden */
#define PROCFS_RUNS_NOW (-2) /* it runs: in a call or not */

/* The number of the system call in which a thread sleeps, of its own architecture's; or one of these. */
long procfs__call(pid_t pid, pid_t tid);

#endif
