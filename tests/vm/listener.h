/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The listener of the servers that only the live tests have. */
#ifndef HERDTRACE_VM_LISTENER_H
#define HERDTRACE_VM_LISTENER_H

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define PORT 8888 /* as every reference server */

/* One that does not block; ends the program where it cannot be had. */
static inline int make_listener(int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, backlog))
		err(1, "cannot listen");
	return fd;
}

#endif
