// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * signal-server: workers that are told of connections by SIGIO.
 *
 * The listener belongs to the process group of all workers (F_SETOWN) and signals it for each connection
 * (O_ASYNC). They wait in sigwaitinfo(), not in the listener's wait queue, and all of them are woken. A signal
 * that is pending already is not sent again, so each takes all that there is.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

static const char doc[] = "Signal server: every worker waits for SIGIO of one listener.";

static void work(struct worker *worker, void *arg)
{
	const int listener = *(const int *)arg;
	sigset_t io;
	int connection;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	for (;;) {
		if (sigwaitinfo(&io, NULL) < 0 && errno != EINTR)
			err(1, "cannot wait for a signal");
		while ((connection = worker__accept(listener)) >= 0)
			worker__handle(worker, connection);
	}
}

/* Before the workers are there: none of them may die of it. */
static void block_signal(void)
{
	sigset_t io;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	sigprocmask(SIG_BLOCK, &io, NULL);
}

int main(int argc, char **argv)
{
	struct server_options options;
	int listener;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	block_signal();
	listener = server__listen(&options, LISTEN_NONBLOCK);
	if (fcntl(listener, F_SETOWN, -getpgrp()) ||
	    fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_ASYNC))
		err(1, "cannot be signalled for connections");
	return server__run(&options, work, &listener);
}
