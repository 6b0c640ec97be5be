/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Waiting for several things at once: a thin cover over epoll, with one deadline. One source is
 * served at a time, so that a callback may remove and close any other.
 */
#ifndef HERDTRACE_BASE_LOOP_H
#define HERDTRACE_BASE_LOOP_H

#include <stdint.h>

struct loop {
	int epoll_fd, timer_fd; /* -1: closed */
};

#define LOOP_CLOSED                            \
	{                                      \
		.epoll_fd = -1, .timer_fd = -1 \
	}

/* Owned by the caller, and at the same place as long as it is in a loop. */
struct loop_source {
	int fd;
	void (*ready)(void *arg); /* NULL: that loop__wait() returns is all that is wanted */
	void *arg;
};

/* Returns 0 or negative errno; the loop is closed then. */
int loop__open(struct loop *loop);

/* Closes nothing but what it opened: no source. */
void loop__close(struct loop *loop);

/* events: as for epoll_ctl(). Returns 0 or negative errno. */
int loop__add(struct loop *loop, struct loop_source *source, uint32_t events);

/* To be called before the descriptor is closed. */
void loop__remove(struct loop *loop, struct loop_source *source);

#define LOOP_NEVER UINT64_MAX

/*
 * Waits until a source is ready, which is served then, until the deadline (CLOCK_MONOTONIC;
 * LOOP_NEVER: none) or until a signal is caught. Returns 0 or negative errno.
 */
int loop__wait(struct loop *loop, uint64_t until_ns);

#endif
