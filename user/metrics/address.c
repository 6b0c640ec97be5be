// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/address.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64

static int refuse(const char *address, struct error *error)
{
	return error__set(
		error, FAULT_INPUT, -EINVAL,
		"--listen wants an address and a port, both in numbers, not '%s'; such as "
		"127.0.0.1:9435, [::1]:9435, or :9435 for all addresses",
		address);
}

static bool is_port(const char *text)
{
	return *text && strlen(text) <= 5 && strspn(text, "0123456789") == strlen(text) &&
	       atol(text) <= 65535;
}

/* Splits host (as large as the address) and port. */
static bool split(const char *address, char *host, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? colon - address : 0;
	bool bracketed = len > 2 && address[0] == '[' && address[len - 1] == ']';

	if (!colon || !is_port(colon + 1))
		return false;
	memcpy(host, address + bracketed, len - 2 * bracketed);
	host[len - 2 * bracketed] = '\0';
	*port = colon + 1;
	/* Without brackets nobody knows where an IPv6 address ends. */
	return bracketed || !strchr(host, ':');
}

static int listen_at(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;
	const int one = 1, zero = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* The port may have been 0: any. */
static void describe(int fd, char *url, size_t size)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char host[64] = "?", port[16] = "?";

	if (!getsockname(fd, (struct sockaddr *)&at, &len))
		getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
			    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(url, size,
		 at.ss_family == AF_INET6 ? "http://[%s]:%s/metrics" : "http://%s:%s/metrics", host,
		 port);
}

int address__listen(const char *address, char *url, size_t size, struct error *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	char host[strlen(address) + 1];
	struct addrinfo *found;
	const char *port;
	int fd;

	if (!split(address, host, &port))
		return refuse(address, error);
	/* One IPv6 socket is for both, where there is IPv6. */
	if (getaddrinfo(*host ? host : "::", port, &hints, &found))
		return refuse(address, error);
	fd = listen_at(found);
	freeaddrinfo(found);
	if (fd == -EAFNOSUPPORT && !*host && !getaddrinfo("0.0.0.0", port, &hints, &found)) {
		fd = listen_at(found);
		freeaddrinfo(found);
	}
	if (fd == -EADDRINUSE)
		return error__set(error, FAULT_INPUT, fd,
				  "cannot listen on %s: somebody listens there already; --listen "
				  "takes another port",
				  address);
	if (fd < 0)
		return error__set(error, FAULT_INPUT, fd, "cannot listen on %s: %s", address,
				  strerror(-fd));
	describe(fd, url, size);
	return fd;
}
