// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "live_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "live.h"

#define STEP_MS  10
#define LIMIT_MS 30000

static void pause_ms(long ms)
{
	struct timespec ts = {.tv_nsec = ms * 1000000};

	nanosleep(&ts, NULL);
}

/* The connected socket, -1 while nobody listens. */
static int try_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LIVE_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int live__begin_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LIVE_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS))
		live__fail("cannot connect: %s", strerror(errno));
	return fd;
}

bool live__connect_once(void)
{
	int fd = try_connect();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool live__connect_when_ready(void)
{
	for (int waited_ms = 0; waited_ms < LIMIT_MS; waited_ms += STEP_MS) {
		if (live__connect_once())
			return true;
		pause_ms(STEP_MS);
	}
	return false;
}

int live__hold(void)
{
	int fd = try_connect();

	for (int waited_ms = 0; fd < 0 && waited_ms < LIMIT_MS; waited_ms += STEP_MS) {
		pause_ms(STEP_MS);
		fd = try_connect();
	}
	if (fd < 0)
		live__fail("nobody listens");
	return fd;
}

int live__open(void)
{
	int fd = live__hold();

	if (fd >= 0 && send(fd, "hello\n", 6, MSG_NOSIGNAL) != 6)
		live__fail("cannot send: %s", strerror(errno));
	return fd;
}

int live__listen(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(LIVE_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 10))
		live__fail("cannot listen: %s", strerror(errno));
	return fd;
}

int live__port_of(int fd)
{
	struct sockaddr_in own = {0};
	socklen_t len = sizeof(own);

	return getsockname(fd, (struct sockaddr *)&own, &len) ? -1 : ntohs(own.sin_port);
}

enum live_fate live__await_fate(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	enum live_fate fate = FATE_NONE;
	char byte;

	if (fd >= 0 && poll(&ready, 1, LIMIT_MS) == 1) {
		ssize_t got = read(fd, &byte, 1);

		if (got == 0)
			fate = FATE_SERVED;
		else if (got < 0 && errno == ECONNRESET)
			fate = FATE_RESET;
	}
	if (fate == FATE_NONE)
		live__fail("a connection is neither served nor reset");
	if (fd >= 0)
		close(fd);
	return fate;
}

void live__set_sysctl(const char *name, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	f = fopen(path, "we");
	if (!f || fputs(value, f) < 0 || fclose(f))
		live__fail("cannot set %s", name);
}
