// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

static int add(const struct loop *loop, int fd, uint32_t events, struct loop_source *source)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int loop__open(struct loop *loop)
{
	int err;

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	err = loop->epoll_fd < 0 || loop->timer_fd < 0 ? -errno : 0;
	if (!err)
		err = add(loop, loop->timer_fd, EPOLLIN, NULL);
	if (err)
		loop__close(loop);
	return err;
}

void loop__close(struct loop *loop)
{
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	loop->epoll_fd = loop->timer_fd = -1;
}

int loop__add(struct loop *loop, struct loop_source *source, uint32_t events)
{
	return add(loop, source->fd, events, source);
}

void loop__remove(struct loop *loop, struct loop_source *source)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
}

/* Takes back what had expired: the timer is never read. A time of 0 would be no deadline at all. */
static int set_timer(const struct loop *loop, uint64_t until_ns)
{
	struct itimerspec at = {{0}, {0}};

	if (until_ns != LOOP_NEVER) {
		at.it_value.tv_sec = until_ns / NS_PER_SEC;
		at.it_value.tv_nsec = until_ns % NS_PER_SEC + !until_ns;
	}
	return timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) ? -errno : 0;
}

int loop__wait(struct loop *loop, uint64_t until_ns)
{
	int err = set_timer(loop, until_ns);
	const struct loop_source *source;
	struct epoll_event event;
	int got;

	if (err)
		return err;
	got = epoll_wait(loop->epoll_fd, &event, 1, -1);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	source = event.data.ptr;
	if (source && source->ready)
		source->ready(source->arg);
	return 0;
}
