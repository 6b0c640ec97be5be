// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * select-server: workers in select on one non-blocking listener.
 *
 * select waits as a plain entry at the head of the listener's wait queue. A plain entry never ends
 * the walk: every connection wakes all workers, one accepts, the others get EAGAIN.
 */
#include "server.h"

#include <errno.h>
#include <sys/select.h>

static const char doc[] = "select server: every worker sleeps in select on one listener.";

static void work(struct worker *worker, void *arg)
{
	const int listener = *(const int *)arg;

	for (;;) {
		fd_set readable;
		int connection;

		FD_ZERO(&readable);
		FD_SET(listener, &readable);
		if (select(listener + 1, &readable, NULL, NULL, NULL) < 0) {
			if (errno != EINTR)
				err(1, "cannot wait with select");
			continue;
		}
		connection = worker__accept(listener);
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
	if (listener >= FD_SETSIZE)
		errx(1, "cannot wait with select: more than %d open files", FD_SETSIZE);
	return server__run(&options, work, &listener);
}
