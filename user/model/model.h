/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Turns records into connections, wakes, outcomes and workers. Pure: no libbpf, no I/O, no clock;
 * the same records always give the same report. It keeps what is open now: a connection that has been
 * accepted and whose wakes are decided goes into the totals and to the sinks, and is forgotten.
 *
 * What it relies on: the records of one context are in their causal order, ARRIVAL comes before
 * all that refers to it, and a SLEEP closes the wakes that came before it (see bpf/).
 */
#ifndef HERDTRACE_MODEL_H
#define HERDTRACE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "report/report.h"
#include "report/rows.h"

struct model;

#define MODEL_SINKS_MAX 4

/* A new, empty model, NULL when out of memory. */
struct model *model__new(void);
void model__free(struct model *model);

/* From now on the totals keep flows (report/flow.h). */
void model__keep_flows(struct model *model);

/*
 * It is kept who waited for each connection, and when what happened (closed_connection.story). For a model that has taken
 * nothing yet.
 */
void model__keep_stories(struct model *model);

/* Adds somebody who wants each connection that is over, MODEL_SINKS_MAX at most. arg is not owned. */
void model__add_sink(struct model *model, closed_sink take, void *arg);

/*
 * Sets the one who counts each connection that is over, when the totals have counted it. Numbers of rows are good
 * until it returns only, and so rows may go as if it was not there. arg is not owned.
 */
typedef int (*model_counter)(void *arg, const struct totals *totals,
			     const struct closed_connection *connection);
void model__set_counter(struct model *model, model_counter count, void *arg);

/* Takes one valid record: a sink of a stream, whose arg is the model. Returns 0, -ENOMEM, or
 * what a sink failed with. */
int model__take(void *model, const struct record_header *record);

/* Where a run stands, for whoever paces the load. */
struct model_progress {
	uint64_t arrivals;
	uint64_t accepted; /* of them */
	uint64_t refused;  /* of them: did not take place */
	uint64_t ended;    /* of them: accepted, refused or lost */
	uint64_t wakes;    /* without cause lock */
	size_t open_wakes; /* whose outcome is not known yet */
	size_t listeners;  /* open now */
	size_t live_tasks;
};

void model__progress(const struct model *model, struct model_progress *progress);

/* The address of the index-th listener that is open now, NULL past the last. Owned by the model. */
const struct record_endpoint *model__listener(const struct model *model, size_t index);

/* The name of an AF_UNIX listener ('@' begins an abstract one), "" of another. Likewise. */
const char *model__listener_path(const struct model *model, size_t index);

/* Has a listener of this name (report/restrict.h) become known, which may be closed by now? */
bool model__has_listener(const struct model *model, const char *name);

/* Calls visit for every live task; woken: it has a wake whose outcome is open. */
typedef void (*model_task_visitor)(void *arg, uint32_t tid, uint32_t pid, bool woken);
void model__each_task(const struct model *model, model_task_visitor visit, void *arg);

/* Calls visit for every live task that is a worker: its index in the totals. */
typedef void (*model_worker_visitor)(void *arg, uint32_t worker);
void model__each_worker(const struct model *model, model_worker_visitor visit, void *arg);

/* Calls visit for every listener that is open now: its index in the totals, connections in its queue. */
typedef void (*model_listener_visitor)(void *arg, uint32_t listener, size_t queued);
void model__each_listener(const struct model *model, model_listener_visitor visit, void *arg);

/*
 * The totals as they stand, for a look at a run that goes on: good until the next record is taken, without worker
 * numbers and without what is open. Connections that are over stay open for a time, some thousands of them, for what
 * may still be told of them: those that ended before before_ns (of the stream) are handed on now. NULL when out of
 * memory.
 */
const struct totals *model__look(struct model *model, uint64_t before_ns);

/* What is known to be lost so far; so_far: what the kernel side counted by now. The reason is not to be freed. */
void model__losses(const struct model *model, const struct record_end *so_far,
		   struct report_loss *loss);

/*
 * Closes the books: everything not decided by now is pending or waiting. Returns the finished
 * report, owned by the caller, without verdicts (verdicts__decide()); NULL when out of memory.
 * rows: a sink of this model, which the report takes over in any case; NULL: there are to be none.
 * The model takes no more records.
 */
struct report *model__finish(struct model *model, struct rows *rows);

#endif
