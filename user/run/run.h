/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One traced run of a server: from its start to the finished report. */
#ifndef HERDTRACE_RUN_H
#define HERDTRACE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "load/client.h"
#include "report/report.h"
#include "target/whom.h"
#include "tracer/tracer.h"

struct recorder;
struct run_view;

struct run_options {
	char *const *command;    /* NULL-terminated; NULL: trace whom */
	const struct whom *whom; /* what runs already */
	const char *user;        /* run command as, NULL: as ours */
	int output_fd;           /* where the server's output goes; -1: our stderr */
	bool has_client;
	struct client_options client;
	int then_signal; /* sent to the server once the client's connections are made; 0: none */
	double duration_sec;         /* 0: no limit */
	double wait_sec;             /* until it listens; 0: as the manual says of --wait */
	struct recorder *recorder;   /* gets the records too, NULL: none; not owned */
	bool keeps_rows;             /* of the connections, for the report */
	bool keeps_stories;          /* of the connections (model__keep_stories()) */
	const char *listener;        /* report on it only, NULL: on all; it wants rows */
	const struct run_view *view; /* looks on meanwhile (run/view.h), NULL: nobody does */
	bool shows_progress;         /* on stderr, if that is a terminal */
	struct tracer_options tracer;
};

#define RUN_PROBLEM_SIZE 512

struct run_result {
	struct report *report;          /* with its verdicts; NULL where there is none */
	uint64_t begun_ns;              /* when the server ran free, on CLOCK_MONOTONIC; 0: never */
	int server_status;              /* its exit status, when it ended by itself; else -1 */
	char problem[RUN_PROBLEM_SIZE]; /* why it never listened, "" when it did */
	bool refused;                   /* ended at once, as what it was to be about is not there */
	bool too_late;                  /* it may still begin to: there was a limit */
	bool server_gone;               /* that ended the run */
	/* The one that was opened for this run, for the caller to free once the report is out: that detaches it, which
	 * takes longer than all the rest. NULL: none was. */
	struct tracer *tracer;
};

/*
 * Runs or attaches to a server, traces it, ends it. tracer: one that is open and rests, which then
 * rests again; NULL: opens one of its own.
 * Returns 0 and a report, which the caller owns, as the tracer in any case; or negative errno and an error: FAULT_INPUT where
 * something that was named is not there, FAULT_SYSTEM where this system cannot be traced, FAULT_DATA
 * where the trace is incomplete. A server that never listened has a report all the same, and a
 * problem.
 */
int run__trace(const struct run_options *options, struct tracer *tracer, struct run_result *result,
	       struct error *error);

/*
 * The finished report of a model, with its verdicts, owned by the caller; NULL and an error. rows: as
 * for model__finish(). listener: the name of the one that it is to be about; NULL: all.
 */
struct report *run__conclude(struct model *model, struct rows *rows, const char *listener,
			     struct error *error);

#endif
