/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The independent witness: counts the wakes of a server by the kernel's own trace event
 * sched_waking and tells them apart by the kernel stack of each. No BPF, nothing of herdtrace:
 * only tracefs.
 *
 * Functions that return int return 0 or a negative errno.
 */
#ifndef HERDTRACE_ORACLE_H
#define HERDTRACE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct oracle;

/* What one task was woken for. A task that was never woken has no entry. */
struct oracle_wakee {
	uint32_t tid; /* as the first PID namespace numbers it */
	uint64_t listener;
	uint64_t chain;
	uint64_t controlled; /* of chain */
	uint64_t lock;
	uint64_t other;
	uint64_t cut;
};

/* One wake. */
struct oracle_event {
	uint32_t tid;
	uint64_t time_ns;
	bool counts; /* it is in listener or chain */
};

/* Every event is in exactly one of listener, chain, lock, other, cut, error_cnt and lost. */
struct oracle_counts {
	uint64_t listener; /* by the walk over a listener's wait queue, for an arrival */
	uint64_t accept;   /* ... of them through the entry of a blocking accept */
	uint64_t epoll;    /* ... through ep_poll_callback, whatever comes behind it */
	uint64_t poll;     /* ... through select or poll */
	uint64_t io_uring; /* ... through io_uring's poll or accept */
	uint64_t signal;   /* ... by SIGIO, after the walk */
	uint64_t migrated; /* of listener, too: the connection came from a closing listener's
			      queue (tcp_migrate_req), so it has arrived before */

	uint64_t chain;      /* by a task that harvested an epoll and put items back on its list, or
			 * that added or re-armed one with epoll_ctl */
	uint64_t controlled; /* ... of them by epoll_ctl: for the item that it was about, which may
			      * be a connection's and no listener's */
	uint64_t lock;       /* by release_sock in inet_csk_accept */
	uint64_t other;      /* timers, signals, connected sockets, the server's own locks... */

	/*
	 * By the walk over some wait queue, but there a kretprobe ends the stack, as 5.10 cannot
	 * follow it any further: one of listener, chain, lock or other.
	 */
	uint64_t cut;

	/* Set by the caller before it is filled: leave out what is earlier or later on
	 * CLOCK_MONOTONIC. until_ns 0: no end. */
	uint64_t from_ns, until_ns;

	uint64_t error_cnt; /* not understood: unless 0, no other number is to be trusted */
	uint64_t lost;      /* events and stacks that did not fit into the buffer: likewise */

	struct oracle_wakee *wakees; /* in order of first wake, CPU after CPU */
	size_t wakee_cnt;
	struct oracle_event *events; /* likewise */
	size_t event_cnt;
};

/*
 * Makes a tracefs instance of its own: several oracles, and other tracers, do not disturb each
 * other. The caller owns it. NULL with errno: ENOENT where tracefs is not mounted, EACCES or
 * EPERM without root. A process killed with SIGKILL leaves its instance behind, running:
 * rmdir /sys/kernel/tracing/instances/herdtrace-oracle-*
 */
struct oracle *oracle__new(void);

/*
 * Counts from now on the wakes of the tasks with this comm, at the time of the wake: a worker
 * that still has its parent's name is counted under that. The kernel keeps 15 bytes of a name,
 * so the rest of comm is ignored; one with a * in it is a pattern. NULL: every task's. -EINVAL:
 * the kernel's filter cannot express this comm.
 */
int oracle__start(struct oracle *oracle, const char *comm);

/*
 * Ends the counting and adds what was seen to counts: to each of these cnt what lies in its time,
 * so that one oracle can watch many runs. The caller has zeroed them but for their times, or
 * filled them by an earlier call, and frees each with oracle_counts__free(), also after an error.
 */
int oracle__stop(struct oracle *oracle, struct oracle_counts counts[], size_t cnt);

/* Removes the instance. NULL is fine. */
void oracle__free(struct oracle *oracle);

/*
 * The part without a kernel: adds to counts, as oracle__stop() does, what a tracefs file "trace"
 * says, of one CPU or of all. Does not know of losses. -ENOMEM, or -EIO when in cannot be read;
 * what the text lacks or has too much is no error here, but in the error_cnt of all.
 */
int oracle__parse(FILE *in, struct oracle_counts counts[], size_t cnt);

/* Puts its events in order of time. */
void oracle_counts__sort(struct oracle_counts *counts);

/* Frees the wakees and the events, and zeroes the rest. */
void oracle_counts__free(struct oracle_counts *counts);

#endif
