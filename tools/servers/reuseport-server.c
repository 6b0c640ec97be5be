// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * reuseport-server: SO_REUSEPORT, a listener of its own for each worker.
 *
 * The kernel chooses a listener by the hash of the connection's addresses and ports and puts the
 * connection on that listener's queue, where only one worker waits: one wake per connection. The
 * price is skew (a hash is not a turn) and stranding (a busy worker's queue is nobody else's).
 */
#include "server.h"

static const char doc[] = "SO_REUSEPORT server: every worker sleeps on its own listener.";

struct settings {
	bool epoll;
	int *listeners; /* one per worker */
};

static const struct argp_option own_options[] = {
	{"epoll", 'e', NULL, 0, "Wait in epoll_wait, then accept without blocking", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	(void)arg;
	if (key != 'e')
		return ARGP_ERR_UNKNOWN;
	settings->epoll = true;
	return 0;
}

static void work_accept(struct worker *worker, int listener)
{
	for (;;)
		worker__handle(worker, worker__accept(listener));
}

static void work_epoll(struct worker *worker, int listener)
{
	int epoll = epoll__watch(listener, EPOLLIN);
	struct epoll_event event;

	for (;;) {
		int connection;

		if (!epoll__wait(epoll, &event, -1))
			continue;
		connection = worker__accept(listener);
		if (connection >= 0)
			worker__handle(worker, connection);
	}
}

/* A listener with an owner must go when its owner dies, or connections go on to be queued there. */
static void close_others(const struct server_options *options, const int *listeners, int keep)
{
	for (unsigned int i = 0; i < options->workers; i++)
		if (!options->threads && listeners[i] != keep)
			close(listeners[i]);
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;

	worker->own_fd = settings->listeners[worker->index];
	close_others(worker->server->options, settings->listeners, worker->own_fd);
	if (settings->epoll)
		work_epoll(worker, worker->own_fd);
	else
		work_accept(worker, worker->own_fd);
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {0};
	struct server_options options;
	struct server server;
	unsigned int flags;

	server__parse(&options, argc, argv, doc, &own, &settings);
	flags = LISTEN_REUSEPORT | (settings.epoll ? LISTEN_NONBLOCK : 0);
	settings.listeners = calloc(options.workers, sizeof(*settings.listeners));
	if (!settings.listeners)
		err(1, "cannot make %u listeners", options.workers);
	for (unsigned int i = 0; i < options.workers; i++)
		settings.listeners[i] = server__listen(&options, flags);
	server__start(&server, &options, options.workers, work, &settings);
	close_others(&options, settings.listeners, -1);
	while (server__wait(&server))
		;
	exit(server__finish(&server));
}
