// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * leaderless-server THREADS: a process whose first thread has ended. It listens, starts the threads, each with an epoll
 * instance of its own, and ends its first thread: /proc shows a zombie, which has no open files.
 */
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"

static int listener;

static void *serve(void *unused)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	if (epfd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &event))
		err(1, "cannot watch the listener");
	for (;;)
		if (epoll_wait(epfd, &event, 1, -1) == 1)
			close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return unused;
}

int main(int argc, char **argv)
{
	int threads = argc == 2 ? atoi(argv[1]) : 0;
	pthread_t thread;

	if (threads < 1)
		errx(2, "usage: leaderless-server THREADS");
	listener = make_listener(8);
	while (threads--)
		if (pthread_create(&thread, NULL, serve, NULL))
			err(1, "cannot start a thread");
	pthread_exit(NULL);
}
