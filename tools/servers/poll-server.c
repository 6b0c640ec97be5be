// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * poll-server: workers in poll on one non-blocking listener.
 *
 * To the wait queue poll is the same as select: a plain entry at the head, which never ends the
 * walk. Every connection wakes all workers, one accepts, the others get EAGAIN.
 */
#include "server.h"

#include <errno.h>
#include <poll.h>

static const char doc[] = "poll server: every worker sleeps in poll on one listener.";

static void work(struct worker *worker, void *arg)
{
	struct pollfd listener = {.fd = *(const int *)arg, .events = POLLIN};

	for (;;) {
		int connection;

		if (poll(&listener, 1, -1) < 0) {
			if (errno != EINTR)
				err(1, "cannot wait with poll");
			continue;
		}
		connection = worker__accept(listener.fd);
		if (connection >= 0) /* else another worker was faster: EAGAIN */
			worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	struct server_options options;
	int listener;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	listener = server__listen(&options, LISTEN_NONBLOCK);
	return server__run(&options, work, &listener);
}
