// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * watcher-server: lighttpd's way. A watcher process makes the listener, starts the workers and
 * starts each again that dies; it never waits for a connection itself.
 *
 * Each worker has its own level-triggered epoll on the shared listener and takes EAGAIN for an
 * answer: every connection wakes all workers, as with epoll-server --own.
 */
#include "server.h"

static const char doc[] = "Watcher server: an epoll per worker; dead workers are replaced.";

static void work(struct worker *worker, void *arg)
{
	const int listener = *(const int *)arg;
	int epoll = epoll__watch(listener, EPOLLIN);
	struct epoll_event event;

	for (;;) {
		int connection;

		if (!epoll__wait(epoll, &event, -1))
			continue;
		connection = worker__accept(listener);
		if (connection >= 0) /* else another worker was faster: EAGAIN */
			worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	struct server_options options;
	struct server server;
	struct worker *dead;
	int listener;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	if (options.threads)
		errx(2, "--threads is not for this server: a watcher minds processes");
	listener = server__listen(&options, LISTEN_NONBLOCK);
	server__start(&server, &options, options.workers, work, &listener);
	while ((dead = server__wait(&server)))
		server__start_worker(dead);
	return server__finish(&server);
}
