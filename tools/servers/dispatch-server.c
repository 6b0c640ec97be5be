// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * dispatch-server: some threads wait, others accept.
 *
 * --dispatchers threads sleep in epoll_wait, each with an epoll of its own, and never accept: they
 * pass the word to -w worker threads, which sleep on a condition variable and take what they find. A wake
 * of the one dispatcher is of use although it did not accept; with several of them, all but one are
 * woken for nothing. Edge-triggered, or a dispatcher would spin until somebody has accepted.
 */
#include "server.h"

static const char doc[] = "Dispatch server: threads in epoll_wait tell others to accept.";

struct dispatch {
	int listener;
	unsigned int dispatchers;
	pthread_mutex_t lock;
	pthread_cond_t told;
	unsigned int words; /* not taken up yet */
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	if (key != 'D')
		return ARGP_ERR_UNKNOWN;
	((struct dispatch *)state->input)->dispatchers = server__number(state, arg, 1, 4096);
	return 0;
}

static void tell(struct dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	d->words++;
	pthread_mutex_unlock(&d->lock);
	pthread_cond_signal(&d->told);
}

static void await_word(struct dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	while (!d->words)
		pthread_cond_wait(&d->told, &d->lock);
	d->words--;
	pthread_mutex_unlock(&d->lock);
}

static void work(struct worker *worker, void *arg)
{
	struct dispatch *d = arg;
	struct epoll_event event;
	int connection;

	if (worker->index >= worker->server->options->workers) { /* those after the workers */
		int epoll = epoll__watch(d->listener, EPOLLIN | EPOLLET);

		for (;;)
			if (epoll__wait(epoll, &event, -1))
				tell(d);
	}
	for (;;) {
		await_word(d);
		/* An edge tells of the queue, not of each connection: take all there are. */
		while ((connection = worker__accept(d->listener)) >= 0)
			worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option own_options[] = {
		{"dispatchers", 'D', "N", 0, "Threads in epoll_wait (default 1)", 0},
		{0},
	};
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct dispatch dispatch = {
		.dispatchers = 1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.told = PTHREAD_COND_INITIALIZER,
	};
	struct server_options options;
	struct server server;

	server__parse(&options, argc, argv, doc, &own, &dispatch);
	options.threads = true; /* the design decides, not --threads */
	dispatch.listener = server__listen(&options, LISTEN_NONBLOCK);
	server__start(&server, &options, options.workers + dispatch.dispatchers, work, &dispatch);
	while (server__wait(&server))
		;
	exit(server__finish(&server));
}
