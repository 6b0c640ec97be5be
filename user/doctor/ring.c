// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *map(int fd, size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	return at == MAP_FAILED ? NULL : at;
}

static void give_up(struct ring *ring)
{
	if (ring->queues)
		munmap(ring->queues, ring->queues_size);
	if (ring->requests)
		munmap(ring->requests, ring->requests_size);
	close(ring->fd);
}

int ring__open(struct ring *ring)
{
	struct io_uring_params params = {0};
	int err;

	*ring = (struct ring){.fd = syscall(SYS_io_uring_setup, 1, &params)};
	if (ring->fd < 0)
		return -errno;
	ring->tail = params.sq_off.tail;
	ring->array = params.sq_off.array;
	ring->queues_size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	ring->requests_size = params.sq_entries * sizeof(struct io_uring_sqe);
	ring->queues = map(ring->fd, ring->queues_size, IORING_OFF_SQ_RING);
	ring->requests = map(ring->fd, ring->requests_size, IORING_OFF_SQES);
	if (ring->queues && ring->requests)
		return 0;
	err = -errno;
	give_up(ring);
	return err;
}

/* The ring is new: its one request is the first. */
int ring__await(struct ring *ring, int fd)
{
	struct io_uring_sqe *request = ring->requests;
	uint32_t *tail = (uint32_t *)(ring->queues + ring->tail);

	*request = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD,
		.fd = fd,
		.poll32_events = POLLIN,
	};
	*(uint32_t *)(ring->queues + ring->array) = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1
		       ? 0
		       : -errno;
}
