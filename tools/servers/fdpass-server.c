// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * fdpass-server: one task accepts and hands each connection, in turn, to a worker.
 *
 * Only the acceptor waits on the listener: no herd, no skew. The descriptor travels as SCM_RIGHTS
 * over a socket pair, whose wait queue wakes the worker: one more wake per connection, but a useful
 * one. The acceptor is one task more than the workers of -w.
 */
#include "server.h"

#include <errno.h>
#include <string.h>

static const char doc[] = "Descriptor-passing server: one acceptor deals connections to workers.";

struct pair {
	int acceptor_end;
	int worker_end;
};

struct deal {
	int listener;
	unsigned int worker_cnt;
	struct pair *pairs; /* one per worker */
};

union control {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(sizeof(int))];
};

/* Returns false if the worker is gone. */
static bool send_fd(int channel, int fd)
{
	char byte = 0;
	struct iovec iov = {&byte, 1};
	union control control = {
		.header = {CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS},
	};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(channel, &message, MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EPIPE && errno != ECONNRESET)
		err(1, "cannot pass a connection on");
	return false;
}

static int receive_fd(int channel)
{
	char byte;
	struct iovec iov = {&byte, 1};
	union control control;
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t n;
	int fd;

	while ((n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (n < 0)
		err(1, "cannot receive a connection");
	if (!n)
		errx(1, "cannot receive a connection: the acceptor is gone");
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void deal_connections(const struct deal *deal)
{
	unsigned int next = 0;

	for (;;) {
		int connection = worker__accept(deal->listener);
		unsigned int gone_cnt = 0;

		while (!send_fd(deal->pairs[next++ % deal->worker_cnt].acceptor_end, connection))
			if (++gone_cnt == deal->worker_cnt)
				errx(1, "cannot pass a connection on: no worker is left");
		close(connection);
	}
}

/* A task that keeps another's end open would hide from the rest that the other is gone. */
static void keep(const struct deal *deal, bool acceptor_ends, int worker_end)
{
	if (!acceptor_ends)
		close(deal->listener);
	for (unsigned int i = 0; i < deal->worker_cnt; i++) {
		if (!acceptor_ends)
			close(deal->pairs[i].acceptor_end);
		if (deal->pairs[i].worker_end != worker_end)
			close(deal->pairs[i].worker_end);
	}
}

static void work(struct worker *worker, void *arg)
{
	const struct deal *deal = arg;
	bool acceptor = worker->index == deal->worker_cnt;

	if (!acceptor)
		worker->own_fd = deal->pairs[worker->index].worker_end;
	if (!worker->server->options->threads)
		keep(deal, acceptor, worker->own_fd);
	if (acceptor)
		deal_connections(deal);
	for (;;)
		worker__handle(worker, receive_fd(worker->own_fd));
}

int main(int argc, char **argv)
{
	struct server_options options;
	struct server server;
	struct deal deal;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	deal.listener = server__listen(&options, 0);
	deal.worker_cnt = options.workers;
	deal.pairs = calloc(deal.worker_cnt, sizeof(*deal.pairs));
	for (unsigned int i = 0; i < deal.worker_cnt; i++) {
		int ends[2];

		if (!deal.pairs || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
			err(1, "cannot make %u socket pairs", deal.worker_cnt);
		deal.pairs[i] = (struct pair){ends[0], ends[1]};
	}
	server__start(&server, &options, deal.worker_cnt + 1, work, &deal);
	if (!options.threads)
		keep(&deal, false, -1);
	while (server__wait(&server))
		;
	exit(server__finish(&server));
}
