/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What all renderers say in the same words. */
#ifndef HERDTRACE_REPORT_WORDS_H
#define HERDTRACE_REPORT_WORDS_H

#include "report/report.h"

/* "accepted", "waiting", "lost" */
const char *connection_end__name(enum connection_end end);

#define RENDER_CAUSES_SIZE 64

/* The causes of a connection's wakes, each once: "epoll+chain", "accept+lock", "" without a wake. */
void render__causes(char to[RENDER_CAUSES_SIZE], const struct report_connection *connection);

/* The kernel chose the socket that the formula says. False when it is not known which it chose. */
bool render__as_predicted(const struct report_selection *selection);

#endif
