/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A small server and client of our own that make the kernel run every hooked function. */
#ifndef HERDTRACE_DOCTOR_EXERCISE_H
#define HERDTRACE_DOCTOR_EXERCISE_H

#include <sys/types.h>

struct exercise {
	pid_t pid;   /* the server, held back until exercise__run() */
	int control; /* our end of the socket to it */
};

/* Starts the server, held back. Returns 0 or negative errno. */
int exercise__start(struct exercise *exercise);

/*
 * Has it wait for one connection after another in accept, epoll_wait, poll and select, on two
 * SO_REUSEPORT listeners, and in accept on AF_UNIX, makes these connections, and ends it. Returns 0, or negative errno when
 * a step did not work.
 */
int exercise__run(struct exercise *exercise);

#endif
