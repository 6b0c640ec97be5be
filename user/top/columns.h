/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The columns of the rows: what stands there, how wide, in which order they sort. */
#ifndef HERDTRACE_TOP_COLUMNS_H
#define HERDTRACE_TOP_COLUMNS_H

#include "top/numbers.h"

enum top_by {
	TOP_WORKERS,
	TOP_LISTENERS,
};

/* From left to right. */
enum top_column {
	TOP_LISTENER,
	TOP_PID,
	TOP_TID,
	TOP_NAME,
	TOP_CONNECTIONS,
	TOP_SHARE,
	TOP_WAKES,
	TOP_WASTED,
	TOP_CPU,
	TOP_P50,
	TOP_P99,
	TOP_QUEUE,
	TOP_COLUMN_CNT,
};

#define TOP_CELL_SIZE 32

struct top_column_row {
	const char *name;
	unsigned width; /* cells; of the name: the least */
	bool for_workers, for_listeners;
	bool is_text;       /* at the left; others at the right, and sort with the largest first */
	unsigned leaves_at; /* where there is no room, the greatest goes first; 0: it never does */
};

extern const struct top_column_row top_columns[TOP_COLUMN_CNT];

bool columns__has(enum top_by by, enum top_column column);

/* What stands in a cell; a name is not for this. all: the row of all. */
void columns__print(char to[TOP_CELL_SIZE], enum top_column column, const struct top_row *row,
		    const struct top_numbers *numbers, enum top_span span);

/*
 * Pointers to the rows that are shown, sorted; freed by the caller. NULL: out of memory. At the end of equal ones stands
 * what came later.
 */
const struct top_row **columns__sort(const struct top_numbers *numbers, enum top_by by,
				     enum top_span span, enum top_column column, bool reversed,
				     size_t *cnt);

/* "3.2", "1204", "120k"; "-" of what is not known */
void columns__rate(char to[TOP_CELL_SIZE], double per_sec);

#endif
