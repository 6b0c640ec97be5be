/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What all renderers say in the same words. */
#ifndef HERDTRACE_REPORT_WORDS_H
#define HERDTRACE_REPORT_WORDS_H

#include "report/row.h"

/* "accept", "epoll", ... */
const char *wake_cause__name(enum wake_cause cause);

/* "accepted", "eagain", "swallowed", ... */
const char *wake_outcome__name(enum wake_outcome outcome);

/* "accepted", "waiting", "lost" */
const char *connection_end__name(enum connection_end end);

/*
 * The name of the lowest of these flags of epoll_ctl(), which is taken out; NULL: none is left that has one.
 * EPOLLERR and EPOLLHUP have none: the kernel sets them always.
 */
const char *epoll_flags__take(uint32_t *events);

#define WORDS_CAUSES_SIZE 64

/* The causes of a connection's wakes, each once: "epoll+chain", "accept+lock", "" without a wake. */
void report_connection__causes(char to[WORDS_CAUSES_SIZE],
			       const struct report_connection *connection);

#define ENDPOINT_TEXT_SIZE REPORT_PEER_SIZE

/* "127.0.0.1:8888", "[::1]:8888"; of an AF_UNIX client, which has no address, "pid 712" or "pid ?". */
void endpoint__text(char to[ENDPOINT_TEXT_SIZE], const struct record_endpoint *endpoint);

#endif
