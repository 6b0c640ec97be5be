/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whoever looks at a run while it goes on: a full screen, lines for a log, an endpoint. */
#ifndef HERDTRACE_RUN_VIEW_H
#define HERDTRACE_RUN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "model/model.h"

/* How the run stands: good for as long as the call that it is handed to. */
struct run_moment {
	uint64_t begun_ns, now_ns; /* on CLOCK_MONOTONIC: when the server ran free; now */
	const struct totals *totals;
	const struct report_loss *loss; /* so far */
	const struct model *model;      /* for its progress and queues */
};

struct run_view {
	uint64_t period_ns; /* between two looks */
	bool wants_flows;   /* in the totals (report/flow.h) */
	model_counter
		count; /* counts connections that are over (model__set_counter()). NULL: nobody does */
	/* Adds what it waits for to the loop, where it stays until the run is over. NULL: nothing. */
	int (*begin)(void *arg, struct loop *loop, struct error *error);
	/*
	 * Called once when the run begins, each period, and once when it is over. Returns 0, or negative errno with an
	 * error, which breaks the run off.
	 */
	int (*look)(void *arg, const struct run_moment *moment, struct error *error);
	/* Asked after everything that happens: false ends the run as Ctrl-C does. NULL: it goes on. */
	bool (*goes_on)(void *arg);
	/* Asked likewise: is a look wanted now, whenever the last one was? NULL: never. */
	bool (*is_due)(void *arg);
	void *arg;
};

#endif
