// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/lines.h"

#include <inttypes.h>

#include "base/clock.h"

static const char *const verdict_keys[TOP_VERDICT_CNT] = {"herd", "skew", "stranding"};

static void print_time(FILE *out, time_t when)
{
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&when, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	fputs(text, out);
}

/* number: negative where it is not known. */
static void print_number(FILE *out, const char *key, double number, int digits)
{
	if (number < 0)
		fprintf(out, " %s=-", key);
	else
		fprintf(out, " %s=%.*f", key, digits, number);
}

static void print_wait(FILE *out, const char *key, int64_t ns)
{
	print_number(out, key, ns < 0 ? -1 : (double)ns / 1000, 0);
}

/* Harmless already; what would end it is written as text__take() writes what is harmful. */
static void print_quoted(FILE *out, const char *key, const char *text)
{
	fprintf(out, " %s=\"", key);
	for (; *text; text++)
		if (*text == '"')
			fputs("\\x22", out);
		else
			fputc(*text, out);
	fputc('"', out);
}

static void print_counts(FILE *out, const struct top_counts *c, uint64_t span_ns)
{
	fprintf(out, " connections=%" PRIu64, c->connections);
	print_number(out, "connections_per_sec", numbers__per_sec(c->connections, span_ns), 1);
	fprintf(out, " wakes=%" PRIu64, c->wakes);
	print_number(out, "wakes_per_connection", numbers__ratio(c->wakes, c->connections), 2);
	fprintf(out, " wasted=%" PRIu64, c->wasted);
	print_number(out, "wasted_per_sec", numbers__per_sec(c->wasted, span_ns), 1);
	print_number(out, "wasted_cpu_percent", 100 * numbers__ratio(c->wasted_cpu_ns, span_ns), 2);
	print_wait(out, "wait_p50_us", c->p50_ns);
	print_wait(out, "wait_p99_us", c->p99_ns);
}

static void print_all(FILE *out, const struct top_numbers *n, time_t when)
{
	print_time(out, when);
	print_counts(out, &n->all.of[TOP_PERIOD], n->span_ns[TOP_PERIOD]);
	print_number(out, "queue", n->is_over ? -1 : (double)n->all.queued, 0);
	print_number(out, "workers", n->is_over ? -1 : (double)n->workers_here, 0);
	print_number(out, "share_max", n->workers_here ? n->most[TOP_PERIOD] : -1, 3);
	print_number(out, "share_min", n->workers_here ? n->least[TOP_PERIOD] : -1, 3);
	for (int i = 0; i < TOP_VERDICT_CNT; i++)
		fprintf(out, " %s=%s", verdict_keys[i], verdict__name(n->verdicts[i].value));
	if (n->is_incomplete)
		print_quoted(out, "incomplete", n->loss);
	fputc('\n', out);
}

static void print_worker(FILE *out, const struct top_row *w)
{
	fprintf(out, " worker=%u pid=%u", w->tid, w->pid);
	print_quoted(out, "command", w->name);
}

static void print_listener(FILE *out, const struct top_row *l)
{
	fprintf(out, " listener=%u", l->id);
	print_quoted(out, "address", l->name);
	fprintf(out, " queue=%zu", l->queued);
	print_number(out, "backlog", l->backlog, 0);
}

void lines__print(FILE *out, const struct top_numbers *n, enum lines_rows by, time_t when)
{
	const struct top_rows *rows = by == LINES_WORKERS ? &n->workers : &n->listeners;

	print_all(out, n, when);
	for (size_t i = 0; by != LINES_TOTAL && i < rows->cnt; i++) {
		const struct top_row *row = &rows->at[i];

		if (!top_row__is_shown(row))
			continue;
		print_time(out, when);
		if (by == LINES_WORKERS)
			print_worker(out, row);
		else
			print_listener(out, row);
		print_counts(out, &row->of[TOP_PERIOD], n->span_ns[TOP_PERIOD]);
		fputc('\n', out);
	}
}
