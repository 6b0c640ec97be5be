// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const struct top_column_row top_columns[TOP_COLUMN_CNT] = {
	[TOP_LISTENER] = {"NO", 3, false, true, true, 6},
	[TOP_PID] = {"PID", 7, true, false, true, 0},
	[TOP_TID] = {"TID", 7, true, false, true, 7},
	[TOP_NAME] = {"", 8, true, true, true, 0},
	[TOP_CONNECTIONS] = {"CONN/S", 7, true, true, false, 0},
	[TOP_SHARE] = {"SHARE", 5, true, true, false, 2},
	[TOP_WAKES] = {"WAKES", 6, true, true, false, 1},
	[TOP_WASTED] = {"WASTED/S", 8, true, true, false, 0},
	[TOP_CPU] = {"CPU %", 5, true, true, false, 4},
	[TOP_P50] = {"P50", 7, true, true, false, 5},
	[TOP_P99] = {"P99", 7, true, true, false, 3},
	[TOP_QUEUE] = {"QUEUE", 9, false, true, false, 0},
};

bool columns__has(enum top_by by, enum top_column column)
{
	return by == TOP_WORKERS ? top_columns[column].for_workers
				 : top_columns[column].for_listeners;
}

/* ---- cells ---- */

void columns__rate(char to[TOP_CELL_SIZE], double per_sec)
{
	if (per_sec < 0)
		strcpy(to, "-");
	else if (per_sec >= 100e3)
		snprintf(to, TOP_CELL_SIZE, "%.0fk", per_sec / 1000);
	else
		snprintf(to, TOP_CELL_SIZE, per_sec && per_sec < 9.95 ? "%.1f" : "%.0f", per_sec);
}

static void print_ratio(char to[TOP_CELL_SIZE], double ratio, const char *format)
{
	if (ratio < 0)
		strcpy(to, "-");
	else
		snprintf(to, TOP_CELL_SIZE, format, ratio);
}

/* In percent of one CPU. */
static double cpu_percent(const struct top_counts *c, uint64_t span_ns)
{
	return 100 * numbers__ratio(c->wasted_cpu_ns, span_ns);
}

static double share(const struct top_row *row, const struct top_numbers *n, enum top_span span)
{
	return 100 * numbers__ratio(row->of[span].connections, n->all.of[span].connections);
}

/* How many wait, and how many may: the kernel lets in one more than listen() was told. */
static void print_queue(char to[TOP_CELL_SIZE], const struct top_row *row)
{
	if (row->backlog >= 0)
		snprintf(to, TOP_CELL_SIZE, "%zu/%" PRId64, row->queued, row->backlog);
	else
		snprintf(to, TOP_CELL_SIZE, "%zu", row->queued);
}

void columns__print(char to[TOP_CELL_SIZE], enum top_column column, const struct top_row *row,
		    const struct top_numbers *n, enum top_span span)
{
	const struct top_counts *c = &row->of[span];
	uint64_t ns = n->span_ns[span];

	*to = '\0';
	switch (column) {
	case TOP_LISTENER: snprintf(to, TOP_CELL_SIZE, "%u", row->id); break;
	case TOP_PID: snprintf(to, TOP_CELL_SIZE, "%u", row->pid); break;
	case TOP_TID: snprintf(to, TOP_CELL_SIZE, "%u", row->tid); break;
	case TOP_CONNECTIONS: columns__rate(to, numbers__per_sec(c->connections, ns)); break;
	case TOP_SHARE: print_ratio(to, share(row, n, span), "%.0f %%"); break;
	case TOP_WAKES: print_ratio(to, numbers__ratio(c->wakes, c->connections), "%.2f"); break;
	case TOP_WASTED: columns__rate(to, numbers__per_sec(c->wasted, ns)); break;
	case TOP_CPU: print_ratio(to, cpu_percent(c, ns), "%.1f"); break;
	case TOP_P50: text__duration(to, c->p50_ns); break;
	case TOP_P99: text__duration(to, c->p99_ns); break;
	case TOP_QUEUE: print_queue(to, row); break;
	case TOP_NAME:
	case TOP_COLUMN_CNT: break;
	}
}

/* ---- order ---- */

struct order {
	enum top_column column;
	enum top_span span;
	bool reversed;
};

static double sort_value(const struct top_row *row, const struct order *o)
{
	const struct top_counts *c = &row->of[o->span];

	switch (o->column) {
	case TOP_LISTENER: return row->id;
	case TOP_PID: return row->pid;
	case TOP_TID: return row->tid;
	case TOP_SHARE:
	case TOP_CONNECTIONS: return c->connections;
	case TOP_WAKES: return numbers__ratio(c->wakes, c->connections);
	case TOP_WASTED: return c->wasted;
	case TOP_CPU: return c->wasted_cpu_ns;
	case TOP_P50: return c->p50_ns;
	case TOP_P99: return c->p99_ns;
	case TOP_QUEUE: return row->queued;
	case TOP_NAME:
	case TOP_COLUMN_CNT: break;
	}
	return 0;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct top_row *left = *(struct top_row *const *)a,
			     *right = *(struct top_row *const *)b;
	const struct order *o = arg;
	double x = sort_value(left, o), y = sort_value(right, o);
	int order = o->column == TOP_NAME ? strcmp(left->name, right->name) : (x > y) - (x < y);

	if (!top_columns[o->column].is_text)
		order = -order;
	if (order)
		return o->reversed ? -order : order;
	return (left > right) - (left < right);
}

const struct top_row **columns__sort(const struct top_numbers *n, enum top_by by,
				     enum top_span span, enum top_column column, bool reversed,
				     size_t *cnt)
{
	const struct top_rows *rows = by == TOP_WORKERS ? &n->workers : &n->listeners;
	const struct top_row **sorted = calloc(rows->cnt + 1, sizeof(*sorted));
	struct order order = {column, span, reversed};

	*cnt = 0;
	for (size_t i = 0; sorted && i < rows->cnt; i++)
		if (top_row__is_shown(&rows->at[i]))
			sorted[(*cnt)++] = &rows->at[i];
	if (sorted)
		qsort_r(sorted, *cnt, sizeof(*sorted), compare, &order);
	return sorted;
}
