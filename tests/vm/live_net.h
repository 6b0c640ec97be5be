/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Connections to the reference servers that the live tests make themselves. */
#ifndef HERDTRACE_LIVE_NET_H
#define HERDTRACE_LIVE_NET_H

#include <stdbool.h>

#define LIVE_PORT 8888 /* of every reference server */

/* One connection that ends at once, refused while the server does not listen yet. */
bool live__connect_once(void);

/* The same until the server listens; false after a time in which it would have. */
bool live__connect_when_ready(void);

/*
 * A connection that says nothing: who accepts it waits for a second, or until the caller closes it. Waits
 * until the server listens; fails the test and returns -1 after a time in which it would.
 */
int live__hold(void);

/* The same with a message for the server. */
int live__open(void);

/* A listener of this process on LIVE_PORT; fails the test and returns -1 where it cannot be had. */
int live__listen(void);

/* The client's port. */
int live__port_of(int fd);

/* Begins one, without waiting for what becomes of it; the caller closes it. */
int live__begin_connect(void);

enum live_fate {
	FATE_SERVED, /* a server read the message and closed */
	FATE_RESET,
	FATE_NONE, /* neither, in a time in which it would: fails the test */
};

/* Waits for what becomes of the connection, and closes it. */
enum live_fate live__await_fate(int fd);

/* Sets net.ipv4.NAME. */
void live__set_sysctl(const char *name, const char *value);

#endif
