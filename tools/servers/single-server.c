// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * single-server: one task waits on the listener, so there can be no herd.
 *
 * By default one process with one epoll does all (Redis' way): when the listener is ready it
 * accepts until EAGAIN, and each connection is handled when it is readable. -w means nothing.
 *
 * --queue: one thread sleeps in accept and queues connections for -w worker threads, which sleep on
 * a condition variable: one wake per connection by the listener, one by the queue.
 */
#include "server.h"

#include <signal.h>
#include <sys/signalfd.h>

#define QUEUE_LEN 128

static const char doc[] = "Single-acceptor server: one task with one epoll, or with a queue.";

struct queue {
	int listener;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t room;
	unsigned int first; /* both only grow; taken modulo QUEUE_LEN */
	unsigned int end;
	int connections[QUEUE_LEN];
};

static const struct argp_option own_options[] = {
	{"queue", 'Q', NULL, 0, "An acceptor thread queues for worker threads", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != 'Q')
		return ARGP_ERR_UNKNOWN;
	*(bool *)state->input = true;
	return 0;
}

static void push(struct queue *queue, int connection)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->end - queue->first == QUEUE_LEN)
		pthread_cond_wait(&queue->room, &queue->lock);
	queue->connections[queue->end++ % QUEUE_LEN] = connection;
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_signal(&queue->filled);
}

static int pop(struct queue *queue)
{
	int connection;

	pthread_mutex_lock(&queue->lock);
	while (queue->end == queue->first)
		pthread_cond_wait(&queue->filled, &queue->lock);
	connection = queue->connections[queue->first++ % QUEUE_LEN];
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_signal(&queue->room);
	return connection;
}

static void work(struct worker *worker, void *arg)
{
	struct queue *queue = arg;

	while (worker->index == worker->server->options->workers) /* the one after the last */
		push(queue, worker__accept(queue->listener));
	for (;;)
		worker__handle(worker, pop(queue));
}

static int run_queue(const struct server_options *options)
{
	struct queue queue = {
		.listener = server__listen(options, 0),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.filled = PTHREAD_COND_INITIALIZER,
		.room = PTHREAD_COND_INITIALIZER,
	};
	struct server server;

	server__start(&server, options, options->workers + 1, work, &queue);
	while (server__wait(&server))
		;
	exit(server__finish(&server));
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "cannot watch a file with epoll");
}

/* The signals that end the server, blocked by server__parse(), as one more thing to wait for. */
static int end_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (fd < 0)
		err(1, "cannot wait for signals");
	return fd;
}

static int run_loop(const struct server_options *options)
{
	int listener = server__listen(options, LISTEN_NONBLOCK);
	int epoll = epoll__watch(listener, EPOLLIN);
	int signals = end_signals();
	struct server server = {.options = options};
	struct worker self = {.server = &server};
	struct epoll_event event;
	int connection;

	server__be_late(options);
	watch(epoll, signals);
	for (;;) {
		if (!epoll__wait(epoll, &event, -1))
			continue;
		if (event.data.fd == signals)
			return 0;
		if (event.data.fd != listener)
			worker__handle(&self, event.data.fd);
		else
			while ((connection = worker__accept(listener)) >= 0)
				watch(epoll, connection);
	}
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct server_options options;
	bool queue = false;

	server__parse(&options, argc, argv, doc, &own, &queue);
	options.threads = queue; /* the design decides, not --threads */
	return queue ? run_queue(&options) : run_loop(&options);
}
