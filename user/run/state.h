/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of a run: shared by run.c, which puts it together and concludes, watch.c and view.c. */
#ifndef HERDTRACE_RUN_STATE_H
#define HERDTRACE_RUN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "load/client.h"
#include "model/model.h"
#include "record/stream.h"
#include "run/run.h"
#include "run/shortfall.h"
#include "run/stacks.h"
#include "target/epolls.h"
#include "target/launch.h"
#include "target/places.h"
#include "target/targets.h"
#include "tracer/tracer.h"

struct run {
	const struct run_options *options;
	struct error *error; /* not owned: what went wrong */
	struct launch launch;
	struct targets targets; /* without a command */
	struct places places;
	struct epolls epolls;
	struct loop loop;
	struct loop_source ring, children, interrupt; /* in the loop */
	struct tracer *tracer;
	bool own_tracer;
	struct model *model;
	struct rows *rows; /* NULL: not kept */
	struct stream stream;
	struct client *client;
	struct stacks *stacks;
	uint64_t begun_ns;
	uint64_t overflows; /* overflows__count() by then */
	uint64_t first_ns;  /* when progress first saw a connection, 0: not yet */
	uint64_t look_ns;   /* when to look for records, LOOP_NEVER: the kernel side wakes us */
	/* When to ask for calls that began before the trace, LOOP_NEVER: none is left; how long after the last time. */
	uint64_t early_ns, early_wait_ns;
	uint64_t view_ns; /* when the view is due, LOOP_NEVER: there is none */
	bool has_news;    /* since progress was last shown */
	bool named; /* the listener that the report is to be about has been there, or it is about all */
	bool listened; /* decided once the server has been followed to its end */
	bool signalled;
	enum run_end end;
	bool server_gone;
	char shortfall
		[RUN_PROBLEM_SIZE]; /* why there is less than was asked for, "": there is not */
};

/* In seconds: how long the server may take until it listens; 0: not at all. INFINITY: no limit. */
double run__wait_sec(const struct run_options *options);

/* One of the processes that run already, 0: a command is traced. */
pid_t run__first_pid(const struct run *run);

/* Has everybody ended who could listen? */
bool run__server_is_gone(const struct run *run);

/* Shows a run to whoever looks on: when it begins, when a look is due, when it is over. 0, or negative errno and an error. */
int run__begin_view(struct run *run);
int run__look_if_due(struct run *run);
int run__look_last(struct run *run);

/* Does who looks on want more of it? */
bool run__view_goes_on(const struct run *run);

/*
 * Follows the server, which runs free from now on, until there is nothing left to wait for. Returns
 * 0, or negative errno and an error.
 */
int run__watch(struct run *run);

#endif
