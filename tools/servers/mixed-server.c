// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * mixed-server: two ways of waiting on one listener. The first half of the workers (rounded up)
 * sleeps in accept, the second half in epoll_wait, each on an epoll of its own.
 *
 * The epoll half only watches. O_NONBLOCK belongs to the open file description, and a socket has
 * one only (dup shares it, /proc/self/fd does not open sockets again): so either the accept half
 * would not block or the epoll half would, when another took the connection first. Hence the
 * listener is blocking, the accept half takes the connections, and the epoll half goes back to
 * epoll_wait: edge-triggered, for level-triggered it would not sleep while the queue is not empty.
 *
 * On the listener's wait queue the epolls stand at the head and do not end the walk, the accepts
 * stand at the tail and do: every connection wakes all of the epoll half and one of the accept half.
 */
#include "server.h"

static const char doc[] = "Mixed server: half the workers sleep in accept, half in epoll_wait.";

static void work_accept(struct worker *worker, int listener)
{
	for (;;)
		worker__handle(worker, worker__accept(listener));
}

static void work_watch(int listener)
{
	int epoll = epoll__watch(listener, EPOLLIN | EPOLLET);
	struct epoll_event event;

	for (;;)
		epoll__wait(epoll, &event, -1);
}

static void work(struct worker *worker, void *arg)
{
	const int listener = *(const int *)arg;

	if (worker->index < (worker->server->worker_cnt + 1) / 2)
		work_accept(worker, listener);
	else
		work_watch(listener);
}

int main(int argc, char **argv)
{
	struct server_options options;
	int listener;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	listener = server__listen(&options, 0);
	return server__run(&options, work, &listener);
}
