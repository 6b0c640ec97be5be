/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The client of -n: opens connections to the listeners of the traced tree, one after another or
 * several at a time, and knows when the workers are asleep again.
 */
#ifndef HERDTRACE_LOAD_CLIENT_H
#define HERDTRACE_LOAD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "model/model.h"

struct client_options {
	unsigned connections;
	unsigned concurrency; /* in flight at once; 1: one after another */
	int gap_ms;           /* between two connections; -1: until the workers are asleep again */
	unsigned cpus;      /* connect from so many of our CPUs in turn; 0: from wherever we run */
	bool leaves_queued; /* done once the connections are made, accepted or not */
};

struct client;

/* Its sockets are waited for in the loop, which must stay open longer. NULL when out of memory. */
struct client *client__new(const struct client_options *options, struct loop *loop);
void client__free(struct client *client);

/*
 * Paths of AF_UNIX are those below this directory, links in them, too: /proc/PID/root, for a process that may be in a
 * container. Returns 0 or negative errno.
 */
int client__set_root(struct client *client, const char *root);

enum client_state {
	CLIENT_WAITS_FOR_LISTENER,
	CLIENT_WORKS,
	CLIENT_DONE,
};

/*
 * Does what can be done now, without blocking. To be called after each loop__wait(), with the model
 * up to date. now_ns: CLOCK_MONOTONIC.
 */
enum client_state client__step(struct client *client, const struct model *model, uint64_t now_ns);

/* When it wants to be called next, where it is not done and no record comes before. LOOP_NEVER: after one. */
uint64_t client__next_ns(const struct client *client, uint64_t now_ns);

/*
 * The server has been told to do something: client__step() says CLIENT_DONE again once every
 * connection has been accepted or lost and every task is asleep.
 */
void client__await_rest(struct client *client, uint64_t now_ns);

/* Connections that were opened, and attempts that failed, with the error of the last (0: none). */
unsigned client__opened(const struct client *client);
unsigned client__failed(const struct client *client, int *error);

/*
 * Connections that count: that were made, or reset, and no more than arrived at traced listeners since it
 * found one. Whose these were is not asked: somebody else's may hide that one of ours went elsewhere.
 */
unsigned client__arrived(const struct client *client, const struct model *model);

#endif
