// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * poll-server: workers in poll on one non-blocking listener.
 *
 * To the wait queue poll is the same as select: a plain entry at the head, which never ends the
 * walk. Every connection wakes all workers, one accepts, the others get EAGAIN.
 *
 * --resolve: between the two a worker polls something else, as one does that asks a name server. It
 * sleeps there, but not for connections.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

static const char doc[] = "poll server: every worker sleeps in poll on one listener.";

struct settings {
	int listener;
	int resolve_ms; /* 0: not at all */
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	if (key != 'R')
		return ARGP_ERR_UNKNOWN;
	((struct settings *)state->input)->resolve_ms = server__number(state, arg, 1, 60000);
	return 0;
}

/* Polls a pipe into which nobody writes. */
static void resolve(int timeout_ms)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		err(1, "cannot make a pipe");
	poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, timeout_ms);
	close(ends[0]);
	close(ends[1]);
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;
	struct pollfd listener = {.fd = settings->listener, .events = POLLIN};

	for (;;) {
		int connection;

		if (poll(&listener, 1, -1) < 0) {
			if (errno != EINTR)
				err(1, "cannot wait with poll");
			continue;
		}
		if (settings->resolve_ms)
			resolve(settings->resolve_ms);
		connection = worker__accept(listener.fd);
		if (connection >= 0) /* else another worker was faster: EAGAIN */
			worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option own_options[] = {
		{"resolve", 'R', "MS", 0, "Poll something else for MS ms before the accept", 0},
		{0},
	};
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {0};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	settings.listener = server__listen(&options, LISTEN_NONBLOCK);
	return server__run(&options, work, &settings);
}
