/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What went through a listener, through a worker, and through all: for who looks at a run that goes on, and wants rates
 * from two looks. All of it is counted when a connection is over, so that what belongs together is there together;
 * worker rows of the totals are ahead of that. Kept where it was asked for only (totals.keeps_flows).
 */
#ifndef HERDTRACE_REPORT_FLOW_H
#define HERDTRACE_REPORT_FLOW_H

#include "report/closed.h"
#include "report/waits.h"

struct totals;

struct flow {
	uint64_t serial;        /* no other flow of these totals ever has it; from 1 */
	uint64_t connections;   /* of a listener: that came; of a worker: that it accepted */
	uint64_t wakes;         /* for them; of a worker: its own; without cause lock */
	uint64_t wasted;        /* of .wakes */
	uint64_t wasted_cpu_ns; /* of .wasted */
	struct waits waits;     /* of the accepted ones, from the arrival */
};

/* Counts a connection that is over, for its listener, its workers and in all. Returns 0 or -ENOMEM. */
int flow__count(struct totals *totals, const struct closed_connection *connection);

void flow__free(struct flow *flow);

#endif
