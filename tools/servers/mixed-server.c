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
 *
 * --polled: nobody sleeps in these epolls, but in poll, waiting for the own one to become readable.
 */
#include "server.h"

#include <poll.h>

static const char doc[] = "Mixed server: half the workers sleep in accept, half in epoll_wait.";

struct settings {
	int listener;
	bool polled;
};

static const struct argp_option own_options[] = {
	{"polled", 'P', NULL, 0, "The second half waits for its epoll in poll", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	(void)arg;
	if (key != 'P')
		return ARGP_ERR_UNKNOWN;
	settings->polled = true;
	return 0;
}

static void work_accept(struct worker *worker, int listener)
{
	for (;;)
		worker__handle(worker, worker__accept(listener));
}

static void work_watch(const struct settings *settings)
{
	int epoll = epoll__watch(settings->listener, EPOLLIN | EPOLLET);
	struct epoll_event event;

	for (;;) {
		if (settings->polled)
			poll(&(struct pollfd){.fd = epoll, .events = POLLIN}, 1, -1);
		epoll__wait(epoll, &event, settings->polled ? 0 : -1);
	}
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;

	if (worker->index < (worker->server->worker_cnt + 1) / 2)
		work_accept(worker, settings->listener);
	else
		work_watch(settings);
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {0};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	settings.listener = server__listen(&options, 0);
	return server__run(&options, work, &settings);
}
