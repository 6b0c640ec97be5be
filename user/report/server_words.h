/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Advice in the words of the server that was seen: which line of its configuration to change. A table, a row
 * for what was seen of a server; what no row is for gets advice in general words.
 */
#ifndef HERDTRACE_REPORT_SERVER_WORDS_H
#define HERDTRACE_REPORT_SERVER_WORDS_H

#include "report/totals.h"

/* What a pool suffers from. A row is for one or several. */
enum {
	SEEN_HERD_EPOLL = 1 << 0, /* by the cause of the wakes that were too many */
	SEEN_HERD_CHAIN = 1 << 1,
	SEEN_HERD_POLL = 1 << 2,
	SEEN_HERD_OTHER = 1 << 3,
	SEEN_SKEW_ALONE = 1 << 4, /* one waits at a time */
	SEEN_SKEW_ORDER = 1 << 5, /* the kernel's order among idle workers */
	SEEN_SKEW_STALL = 1 << 6, /* a worker was away for long */
	SEEN_STRANDED = 1 << 7,   /* behind a busy worker, while others of its group slept */
};

/* What a pool is like: one of each line. A row has those that it is for. */
enum {
	SHAPE_TCP = 1 << 0,
	SHAPE_UNIX = 1 << 1,
	SHAPE_PLAIN = 1 << 2, /* a listener without SO_REUSEPORT */
	SHAPE_ALONE = 1 << 3, /* one with it, which the workers have inherited: it has no effect */
	SHAPE_GROUP = 1 << 4, /* several with it */
	SHAPE_THREADS = 1 << 5, /* all workers are of one process */
	SHAPE_PROCESSES = 1 << 6,
};

struct server_words {
	const char *server;        /* as people call it */
	const char *comms;         /* what its workers are called: patterns, with | between */
	unsigned seen, shape;      /* for which it is */
	const char *change;        /* the line, or what to do */
	const char *price;         /* what that costs */
	const char *documentation; /* where its makers say so, by name */
};

/* The row for a pool of which one SEEN_... was seen. NULL: none, or one of its workers is called otherwise. */
const struct server_words *server_words__find(const struct totals *totals, const struct pool *pool,
					      unsigned seen);

/* The row with this number, from 0; NULL behind the last. */
const struct server_words *server_words__row(size_t number);

#endif
