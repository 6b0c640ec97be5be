// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * hold-server: four workers with one level-triggered epoll instance for everything, the listener and the connections,
 * which stay until the client closes them. A worker that harvests a connection puts it back and wakes the next one,
 * as it does with the listener.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listener.h"

#define WORKERS 4
#define EVENTS  16

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "cannot watch");
}

/* Each connection hears of it when it is accepted, and for each message that one of the threads has read. */
static void answer(int fd)
{
	if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		err(1, "cannot answer");
}

static void take(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	watch(epoll, fd);
	answer(fd);
}

/* Threads, for which a connection is the same descriptor. */
static void *work(void *arg)
{
	const int *fds = arg, epoll = fds[0], listener = fds[1];
	struct epoll_event events[EVENTS];
	char text[64];

	for (;;) {
		int cnt = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < cnt; i++) {
			int fd = events[i].data.fd;

			if (fd == listener)
				take(epoll, listener);
			else if (recv(fd, text, sizeof(text), 0) > 0)
				answer(fd);
		}
	}
	return NULL;
}

int main(void)
{
	int fds[] = {epoll_create1(0), make_listener(64)};
	pthread_t thread;

	watch(fds[0], fds[1]);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&thread, NULL, work, fds))
			errx(1, "cannot start a thread");
	for (;;)
		pause();
}
