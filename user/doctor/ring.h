/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The least of io_uring: to sleep in it until a listener has a connection. */
#ifndef HERDTRACE_DOCTOR_RING_H
#define HERDTRACE_DOCTOR_RING_H

#include <stddef.h>

struct ring {
	int fd;
	char *queues; /* mapped: heads and tails */
	void *requests;
	size_t queues_size, requests_size;
	size_t tail, array; /* of the submission queue: where they are in queues */
};

/* Returns 0 or negative errno. */
int ring__open(struct ring *ring);

/* Waits until fd is readable. Returns 0 or negative errno. */
int ring__await(struct ring *ring, int fd);

#endif
