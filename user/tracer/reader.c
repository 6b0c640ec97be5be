// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Reading the ring: all that is there, and to be woken when there is something. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracer/purge.h"
#include "tracer/state.h"

/* Its two positions lie at the beginning of its first two pages. */
static int map_positions(struct tracer *t, int fd)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, fd, 0);

	if (pages == MAP_FAILED)
		return -errno;
	t->positions[0] = (void *)pages;
	t->positions[1] = (void *)(pages + page);
	return 0;
}

static void unmap_positions(struct tracer *t)
{
	if (t->positions[0])
		munmap((void *)t->positions[0], 2 * sysconf(_SC_PAGESIZE));
	t->positions[0] = NULL;
}

static int receive(void *arg, void *data, size_t size)
{
	struct tracer *t = arg;

	t->has_orphans |= purge__is_due(data, size);
	return t->sink ? t->sink(t->sink_arg, data, size) : 0;
}

/* As long as there is something it is looked for: no record of this burst needs to wake anybody. */
static void stay_awake(struct tracer *t)
{
	__atomic_store_n(&t->skel->bss->reader.wake_at, t->skel->rodata->cfg.ring_wakeup,
			 __ATOMIC_RELAXED);
}

void tracer__read_here(struct tracer *t)
{
	t->skel->bss->reader.tgid = getpid();
	stay_awake(t);
}

int tracer__open_ring(struct tracer *t)
{
	int fd = bpf_map__fd(t->skel->maps.ring);

	t->ring = ring_buffer__new(fd, receive, t, NULL);
	if (!t->ring)
		return -errno;
	tracer__read_here(t);
	return map_positions(t, fd);
}

void tracer__close_ring(struct tracer *t)
{
	unmap_positions(t);
	ring_buffer__free(t->ring);
	t->ring = NULL;
}

int tracer__fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

static void purge(struct tracer *t)
{
	const struct bpf_map *queued = t->skel->maps.queued;

	if (!t->has_orphans)
		return;
	t->has_orphans = false;
	purge__orphans(bpf_map__fd(queued), bpf_map__fd(t->skel->maps.listeners),
		       bpf_map__max_entries(queued));
}

int tracer__drain(struct tracer *t)
{
	int polled = ring_buffer__poll(t->ring, 0), got;

	if (polled < 0 && polled != -EINTR)
		return polled;
	/* The kernel side does not wake us for each record. */
	got = ring_buffer__consume(t->ring);
	purge(t);
	if (got >= 0 && polled > 0)
		got += polled;
	if (got > 0)
		stay_awake(t);
	return got;
}

/* No record waits, nor is one being written. */
static bool is_empty(const struct tracer *t)
{
	return __atomic_load_n(t->positions[0], __ATOMIC_ACQUIRE) ==
	       __atomic_load_n(t->positions[1], __ATOMIC_ACQUIRE);
}

/*
 * Who writes a record has taken its place in the ring before he looks whether we sleep. He may have looked before we
 * said so, and then does not wake us: but the next look, later than any CPU can take to show what it has
 * written, finds his record, or its place.
 */
bool tracer__may_sleep(struct tracer *t)
{
	uint64_t *wake_at = (uint64_t *)&t->skel->bss->reader.wake_at;

	return is_empty(t) && !__atomic_exchange_n(wake_at, 0, __ATOMIC_SEQ_CST);
}
