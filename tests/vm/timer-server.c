// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * timer-server: four workers with an epoll instance each, for the listener and a timer that never rests. An interrupt
 * wakes them for the timer, in the midst of whatever the CPU does: of a connection's arrival, too.
 */
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "listener.h"

#define WORKERS   4
#define PERIOD_NS 1000000

static int make_timer(int worker)
{
	struct itimerspec spec = {.it_interval.tv_nsec = PERIOD_NS,
				  .it_value.tv_nsec = PERIOD_NS + worker * PERIOD_NS / WORKERS};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &spec, NULL))
		err(1, "cannot make a timer");
	return fd;
}

static void watch(int epoll, int fd, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "cannot watch");
}

static void take(int listener)
{
	int fd = accept4(listener, NULL, NULL, 0);
	char text[64];

	if (fd < 0)
		return;
	if (recv(fd, text, sizeof(text), 0) < 0)
		warn("cannot receive");
	close(fd);
}

static void work(int listener, int worker)
{
	int epoll = epoll_create1(0);
	struct epoll_event event;

	watch(epoll, listener, EPOLLIN);
	watch(epoll, make_timer(worker), EPOLLIN | EPOLLET);
	for (;;)
		if (epoll_wait(epoll, &event, 1, -1) == 1 && event.data.fd == listener)
			take(listener);
}

int main(void)
{
	int listener = make_listener(64);

	for (int i = 0; i < WORKERS; i++)
		if (!fork())
			work(listener, i);
	for (;;)
		pause();
}
