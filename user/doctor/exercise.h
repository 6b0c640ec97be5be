/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A small server and client of our own that make the kernel run every hooked function. */
#ifndef HERDTRACE_DOCTOR_EXERCISE_H
#define HERDTRACE_DOCTOR_EXERCISE_H

#include <stddef.h>
#include <sys/types.h>

#include "bpf/record.h"

/* How its task sleeps when the connection comes. */
enum exercise_way {
	WAY_ACCEPT,
	WAY_EPOLL,
	WAY_POLL,
	WAY_SELECT,
	WAY_RING,
	WAY_UNIX, /* in accept on AF_UNIX, which is another queue */
	EXERCISE_WAYS,
};

/* What a way is called, and as what it must be recognised. */
struct exercise_kind {
	const char *name;
	enum wake_cause cause;
};

extern const struct exercise_kind exercise_kinds[EXERCISE_WAYS];

struct exercise {
	pid_t pid;   /* the server, held back until exercise__run() */
	int control; /* our end of the socket to it */
	/* Its connections in order: each came while the server slept in this way. */
	enum exercise_way made[EXERCISE_WAYS];
	size_t made_cnt;
	int errors[EXERCISE_WAYS]; /* negative errno: this way cannot be tried here */
};

/* Starts the server, held back. Returns 0 or negative errno. */
int exercise__start(struct exercise *exercise);

/*
 * Has it wait for one connection after another in accept, epoll_wait, poll, select and io_uring_enter,
 * on two SO_REUSEPORT listeners, and in accept on AF_UNIX, makes these connections, and ends it.
 * Returns 0, or negative errno when a step did not work.
 */
int exercise__run(struct exercise *exercise);

#endif
