// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vector.h"
#include "report/rows.h"

static void free_strings(char **strings, size_t cnt)
{
	/* The count may be set before the array is there, when building one failed half-way. */
	for (size_t i = 0; strings && i < cnt; i++)
		free(strings[i]);
	free(strings);
}

static void free_hooks(struct report_hook *hooks, size_t cnt)
{
	for (size_t i = 0; hooks && i < cnt; i++) {
		free(hooks[i].function);
		free(hooks[i].how);
	}
	free(hooks);
}

static void free_row(struct report_connection *row)
{
	free(row->wakes);
	free(row->waiter_list);
}

static void free_stacks(struct report_stack *stacks, size_t cnt)
{
	for (size_t i = 0; stacks && i < cnt; i++)
		free(stacks[i].names);
	free(stacks);
}

static void free_connections(struct report_connection *connections, size_t cnt)
{
	for (size_t i = 0; connections && i < cnt; i++)
		free_row(&connections[i]);
	free(connections);
}

void verdicts__drop(struct verdicts *v)
{
	free(v->herd.reason);
	free(v->skew.reason);
	free(v->stranding.reason);
	free(v->advice);
	*v = (struct verdicts){0};
}

void report__free(struct report *report)
{
	if (!report)
		return;
	free(report->kernel_release);
	free(report->kernel_arch);
	free(report->attach_mode);
	free_hooks(report->hooks, report->hook_cnt);
	free_strings(report->command, report->command_cnt);
	free_strings(report->notes, report->note_cnt);
	free(report->server_exit);
	free(report->shortfall);
	free(report->version);
	free(report->host);
	free_stacks(report->stacks, report->stack_cnt);
	free_connections(report->connections, report->connection_cnt);
	rows__free(report->rows);
	totals__drop(&report->totals);
	free(report->loss.reason);
	verdicts__drop(&report->verdicts);
	free(report);
}

bool report__is_short(const struct report *report)
{
	return report->shortfall && *report->shortfall;
}

/* ---- rows ---- */

const struct report_connection *report__next(const struct report *report,
					     struct report_cursor *cursor, int *err)
{
	int got;

	*err = 0;
	if (report->connections)
		return cursor->at < report->connection_cnt ? &report->connections[cursor->at++]
							   : NULL;
	if (!report->rows)
		return NULL;
	got = rows__read(report->rows, &cursor->at, &cursor->row, &cursor->capacity);
	*err = got < 0 ? got : 0;
	return got > 0 ? &cursor->row : NULL;
}

void report_cursor__end(struct report_cursor *cursor)
{
	free_row(&cursor->row);
	*cursor = (struct report_cursor){0};
}

/* A row of its own for each: what a cursor has read is not read over. */
static struct report_connection *take_row(struct report_cursor *cursor,
					  struct report_connection *to)
{
	*to = cursor->row;
	cursor->row.wakes = NULL;
	cursor->row.waiter_list = NULL;
	cursor->capacity = (struct rows_capacity){0};
	return to;
}

int report__load(struct report *report)
{
	VECTOR(struct report_connection) all = {0};
	struct report_cursor cursor = {0};
	int err = 0;

	if (report->connections || !report->rows)
		return 0;
	while (!err && report__next(report, &cursor, &err)) {
		struct report_connection *slot = vector_add(&all);

		err = slot && take_row(&cursor, slot) ? 0 : -ENOMEM;
	}
	report_cursor__end(&cursor);
	report->connections = all.at ? all.at : calloc(1, sizeof(*all.at));
	report->connection_cnt = all.cnt;
	return err;
}

const char *verdict__name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_INCONCLUSIVE: return "inconclusive";
	case VERDICT_PROVED: return "proved";
	case VERDICT_REFUTED: return "refuted";
	}
	return "unknown";
}
