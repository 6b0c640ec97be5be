/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of a run: shared by run.c, which puts it together and concludes, and watch.c. */
#ifndef HERDTRACE_RUN_STATE_H
#define HERDTRACE_RUN_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/loop.h"
#include "load/client.h"
#include "model/model.h"
#include "record/stream.h"
#include "run/run.h"
#include "run/stacks.h"
#include "target/launch.h"
#include "tracer/tracer.h"

/* A command that has not listened by then is not going to. */
#define LISTEN_LIMIT_SEC 10

struct run {
	const struct run_options *options;
	struct error *error; /* not owned: what went wrong */
	struct launch launch;
	struct loop loop;
	struct loop_source ring, children, interrupt; /* in the loop */
	struct tracer *tracer;
	bool own_tracer;
	struct model *model;
	struct rows *rows; /* NULL: not kept */
	struct stream stream;
	FILE *recording; /* NULL: none */
	struct client *client;
	struct stacks *stacks;
	uint64_t begun_ns;
	bool listened;
	bool signalled;
};

/*
 * Follows the server, which runs free from now on, until there is nothing left to wait for. Returns
 * 0, or negative errno and an error.
 */
int run__watch(struct run *run);

#endif
