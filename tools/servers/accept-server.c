// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * accept-server: prefork. One listener, made before the workers; each sleeps in accept.
 *
 * A blocking accept waits as an exclusive entry at the tail of the listener's wait queue: the walk
 * ends at the first task it really wakes. One wake per connection, the workers in turn.
 */
#include "server.h"

static const char doc[] = "Prefork server: every worker sleeps in accept on one listener.";

static void work(struct worker *worker, void *arg)
{
	const int *listener = arg;

	for (;;)
		worker__handle(worker, worker__accept(*listener));
}

int main(int argc, char **argv)
{
	struct server_options options;
	int listener;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	listener = server__listen(&options, 0);
	return server__run(&options, work, &listener);
}
