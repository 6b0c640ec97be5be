/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The rows of connections, kept until the report is written: a row can be told only when the run is
 * over, because workers are numbered then, and rows go in order of arrival, in which connections do
 * not end. A few are kept in memory, many in an unlinked temporary file (base/spool.h).
 */
#ifndef HERDTRACE_REPORT_ROWS_H
#define HERDTRACE_REPORT_ROWS_H

#include "report/row.h"
#include "report/totals.h"

struct rows;

/* NULL: no memory. */
struct rows *rows__new(void);
void rows__free(struct rows *rows);

/* Keeps a connection: a sink of the model, whose arg is the rows. Returns 0 or negative errno. */
int rows__take(void *rows, const struct closed_connection *connection);

/*
 * The run is over. totals: with its workers in order, which must stay there; row_of: where each of them
 * went (totals__sort_workers()), taken over; marks_stranded: data is complete enough to say so.
 * Returns 0 or negative errno.
 */
int rows__finish(struct rows *rows, const struct totals *totals, uint32_t *row_of,
		 bool marks_stranded);

/* Hands on each connection, in the order in which they were kept and with the workers' places of now. */
int rows__each(const struct rows *rows, closed_sink take, void *arg);

/* From now on there are only those of listeners for whose index it says true. Taken over. */
void rows__restrict(struct rows *rows, bool *only, size_t cnt);

/* The workers of the totals have moved: where each of the cnt is now. */
void rows__move_workers(struct rows *rows, const uint32_t *moved, size_t cnt);

/* How much room there is in the arrays of a row. */
struct rows_capacity {
	size_t wakes, waiters;
};

/*
 * Reads the row at *at, in order of arrival and from 0, and moves *at to the next. row->wakes and row->waiter_list are
 * allocated or enlarged as needed: they begin as NULL, with no capacity, and are freed by the caller.
 * Returns 1, 0 past the last row, or negative errno.
 */
int rows__read(const struct rows *rows, uint64_t *at, struct report_connection *row,
	       struct rows_capacity *capacity);

#endif
