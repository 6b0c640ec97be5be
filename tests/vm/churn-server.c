// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * churn-server ROUNDS: opens and closes what herdtrace remembers in the kernel: listeners with connections that nobody
 * has accepted, epoll instances, tasks. Then it listens on some more ports, where the memory of closed listeners is
 * likely to be used again, and serves on the port of all servers until it is killed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT        8888 /* as every reference server */
#define CONNECTIONS 4    /* to a listener; one is accepted */
#define KEPT        32   /* listeners, in the end */

union address {
	struct sockaddr any;
	struct sockaddr_in inet;
	struct sockaddr_un local;
};

static socklen_t address_len(const union address *a)
{
	return a->any.sa_family == AF_UNIX ? sizeof(sa_family_t) + sizeof("#churn") - 1
					   : sizeof(a->inet);
}

static int make_listener(const union address *a)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, &a->any, address_len(a)) || listen(fd, 2 * CONNECTIONS))
		err(1, "cannot listen");
	return fd;
}

static int watch(int listener)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, listener, &event))
		err(1, "cannot watch");
	return fd;
}

/* They are in the queue when this returns. */
static void fill_queue(const union address *a, int clients[CONNECTIONS])
{
	for (int i = 0; i < CONNECTIONS; i++) {
		clients[i] = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (clients[i] < 0 || connect(clients[i], &a->any, address_len(a)))
			err(1, "cannot connect");
	}
}

static void churn(const union address *a)
{
	int listener = make_listener(a), epoll = watch(listener), clients[CONNECTIONS], fd;
	pid_t child;

	fill_queue(a, clients);
	fd = accept(listener, NULL, NULL);
	child = fork();
	if (fd < 0 || child < 0)
		err(1, "cannot accept, or fork");
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	close(fd);
	close(listener);
	close(epoll);
	for (int i = 0; i < CONNECTIONS; i++)
		close(clients[i]);
}

static void serve(const union address *a)
{
	int listener = make_listener(a), fd;

	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			close(fd);
	}
}

int main(int argc, char **argv)
{
	union address any_port = {.inet = {.sin_family = AF_INET}};
	union address local = {.local = {.sun_family = AF_UNIX}};
	union address port;

	any_port.inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	any_port.inet.sin_port = htons(PORT + 1);
	memcpy(local.local.sun_path, "\0churn", sizeof("#churn") - 1);
	port = any_port;
	for (int i = 0; argc > 1 && i < atoi(argv[1]); i++) {
		churn(&any_port);
		churn(&local);
	}
	for (int i = 0; i < KEPT; i++) {
		port.inet.sin_port = htons(PORT + 2 + i);
		make_listener(&port);
	}
	port.inet.sin_port = htons(PORT);
	serve(&port);
}
