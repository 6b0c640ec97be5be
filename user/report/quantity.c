// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "report/reason.h"
#include "report/severity.h"

/* The hundredth part of fewer than these is none. */
#define SAMPLE_OF_P99 100

static int leave_open(struct measured *m, const char *why)
{
	snprintf(m->why, sizeof(m->why), "%s", why);
	return 0;
}

static int set(struct measured *m, double value)
{
	m->is_known = true;
	m->low = m->high = value;
	return 0;
}

/* ---- counts ---- */

#define COUNT(member)                                                              \
	static int count_##member(struct measured *m, const struct report *report) \
	{                                                                          \
		return set(m, (double)report->totals.summary.member);              \
	}

COUNT(connections)
COUNT(accepted)
COUNT(waiting)
COUNT(lost)
COUNT(wakes)
#undef COUNT

static int count_workers(struct measured *m, const struct report *report)
{
	return set(m, (double)(report->totals.worker_cnt + report->totals.folded.workers));
}

static int count_listeners(struct measured *m, const struct report *report)
{
	return set(m, (double)(report->totals.listener_cnt + report->totals.folded.listeners));
}

/* It is counted at arrivals: without one nobody has looked. */
static int measure_queue(struct measured *m, const struct report *report)
{
	if (!report->totals.summary.connections)
		return leave_open(m, "there was no connection");
	return set(m, (double)report->totals.load.most_queued);
}

/* ---- wasted wakes: a pending one may have been for nothing, too ---- */

static void widen(struct measured *m, const struct report_summary *s, double each)
{
	uint64_t pending = s->outcome[OUTCOME_PENDING];

	if (!pending)
		return;
	m->high += (double)pending * each;
	snprintf(m->why, sizeof(m->why),
		 "%" PRIu64 " wake%s had no outcome yet when the trace ended", pending,
		 pending == 1 ? "" : "s");
}

static int count_wasted(struct measured *m, const struct report *report)
{
	const struct report_summary *s = &report->totals.summary;

	if (!s->connections)
		return leave_open(m, "there was no connection");
	set(m, (double)s->wasted);
	widen(m, s, 1);
	return 0;
}

static int need_connections(struct measured *m, const struct report_summary *s)
{
	m->sample = s->connections;
	m->needed = VERDICT_MIN_SAMPLE;
	return s->connections ? 0 : leave_open(m, "there was no connection");
}

static int measure_wakes_each(struct measured *m, const struct report *report)
{
	const struct report_summary *s = &report->totals.summary;

	need_connections(m, s);
	return s->connections ? set(m, (double)s->wakes / (double)s->connections) : 0;
}

static int measure_wasted_each(struct measured *m, const struct report *report)
{
	const struct report_summary *s = &report->totals.summary;

	need_connections(m, s);
	if (!s->connections)
		return 0;
	set(m, (double)s->wasted / (double)s->connections);
	widen(m, s, 1 / (double)s->connections);
	return 0;
}

/* Where nobody was woken, nobody was for nothing. */
static int measure_wasted_share(struct measured *m, const struct report *report)
{
	const struct report_summary *s = &report->totals.summary;

	need_connections(m, s);
	if (!s->connections)
		return 0;
	set(m, s->wakes ? 100 * (double)s->wasted / (double)s->wakes : 0);
	if (s->wakes)
		widen(m, s, 100 / (double)s->wakes);
	return 0;
}

/* ---- rates ---- */

/* 0: not known, m says why. */
static double rate_of(struct measured *m, const struct report *report)
{
	double rate = severity__of(&report->totals).connections_per_sec;

	need_connections(m, &report->totals.summary);
	if (rate <= 0)
		leave_open(m, "a rate needs the time between two connections");
	return rate;
}

static int measure_rate(struct measured *m, const struct report *report)
{
	double rate = rate_of(m, report);

	return rate > 0 ? set(m, rate) : 0;
}

static int measure_wakes_rate(struct measured *m, const struct report *report)
{
	const struct report_summary *s = &report->totals.summary;
	double rate = rate_of(m, report);

	return rate > 0 ? set(m, (double)s->wakes / (double)s->connections * rate) : 0;
}

static int measure_wasted_rate(struct measured *m, const struct report *report)
{
	double rate = rate_of(m, report);

	if (rate <= 0)
		return 0;
	set(m, severity__of(&report->totals).wasted_per_sec);
	widen(m, &report->totals.summary, rate / (double)report->totals.summary.connections);
	return 0;
}

/* What a pending wake has cost nobody knows yet. */
static int measure_wasted_cpu(struct measured *m, const struct report *report)
{
	if (rate_of(m, report) <= 0)
		return 0;
	set(m, severity__of(&report->totals).cpu_percent);
	widen(m, &report->totals.summary, INFINITY);
	return 0;
}

/* ---- shares: of the listener or group that the verdict on skew is about ---- */

/* NULL: not known, m says why. */
static const struct skew_finding *find_split(struct measured *m, const struct report *report)
{
	const struct skew_finding *f = &report->verdicts.skew_finding;

	m->sample = f->draws;
	m->is_drawn = true;
	m->needed = VERDICT_MIN_SAMPLE;
	if (f->pool >= 0 && f->draws && f->workers > 1)
		return f;
	leave_open(m, "no listener had two workers that could share its connections");
	return NULL;
}

static int measure_most(struct measured *m, const struct report *report)
{
	const struct skew_finding *f = find_split(m, report);

	return f ? set(m, 100 * f->share) : 0;
}

static int measure_least(struct measured *m, const struct report *report)
{
	const struct skew_finding *f = find_split(m, report);

	return f ? set(m, 100 * f->least_share) : 0;
}

static int measure_most_to_least(struct measured *m, const struct report *report)
{
	const struct skew_finding *f = find_split(m, report);

	if (!f)
		return 0;
	return set(m, f->least_share > 0 ? f->share / f->least_share : INFINITY);
}

/* ---- waits: from the rows, as they were and not by powers of two ---- */

struct wait_list {
	VECTOR(double) ns;
	uint64_t unknown, never;
};

static int add_wait(struct wait_list *w, const struct report_connection *c)
{
	double *slot = vector_add(&w->ns);

	if (!slot)
		return -ENOMEM;
	/* Who was never accepted waited for longer than anybody knows. */
	*slot = c->end == CONNECTION_ACCEPTED ? (double)c->arrival_to_accept_ns : INFINITY;
	w->never += c->end != CONNECTION_ACCEPTED;
	w->unknown += c->end == CONNECTION_ACCEPTED && c->arrival_to_accept_ns < 0;
	return 0;
}

static int read_waits(struct wait_list *w, const struct report *report)
{
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	int err;

	while ((connection = report__next(report, &cursor, &err))) {
		err = add_wait(w, connection);
		if (err)
			break;
	}
	report_cursor__end(&cursor);
	return err;
}

static int by_size(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The smallest wait that so large a part of all is not longer than. */
static double quantile(const struct wait_list *w, double share)
{
	size_t rank = (size_t)ceil(share * (double)w->ns.cnt);

	qsort(w->ns.at, w->ns.cnt, sizeof(*w->ns.at), by_size);
	return w->ns.at[rank ? rank - 1 : 0];
}

static int conclude_waits(struct measured *m, const struct wait_list *w, uint64_t connections,
			  double share)
{
	m->sample = w->ns.cnt;
	m->needed = share > 0.9 && share < 1 ? SAMPLE_OF_P99 : VERDICT_MIN_SAMPLE;
	if (!connections)
		return leave_open(m, "there was no connection");
	if (w->ns.cnt != connections)
		return leave_open(m, "the connections were not kept one by one");
	if (w->unknown)
		return leave_open(m, "it is not known of every connection how long it waited");
	set(m, quantile(w, share));
	if (isfinite(m->low))
		return 0;
	m->is_known = false;
	snprintf(m->why, sizeof(m->why), "%" PRIu64 " of %" PRIu64 " connections %s never accepted",
		 w->never, connections, w->never == 1 ? "was" : "were");
	return 0;
}

static int measure_wait(struct measured *m, const struct report *report, double share)
{
	struct wait_list waits = {0};
	int err = read_waits(&waits, report);

	if (!err)
		conclude_waits(m, &waits, report->totals.summary.connections, share);
	free(waits.ns.at);
	return err;
}

#define WAIT(name, share)                                                               \
	static int measure_wait_##name(struct measured *m, const struct report *report) \
	{                                                                               \
		return measure_wait(m, report, share);                                  \
	}

WAIT(p50, 0.5)
WAIT(p90, 0.9)
WAIT(p99, 0.99)
WAIT(max, 1)
#undef WAIT

/* ---- the table ---- */

const struct quantity quantities[] = {
	{"connections", "connections", .measure = count_connections},
	{"accepted", "connections that were accepted", .measure = count_accepted},
	{"waiting", "connections that nobody had accepted in the end", .measure = count_waiting},
	{"lost", "connections that were lost with their listener", .measure = count_lost},
	{"workers", "workers", .measure = count_workers},
	{"listeners", "listeners", .measure = count_listeners},
	{"queue-max", "connections in the queues at once", .measure = measure_queue},
	{"wakes", "wakes", .measure = count_wakes},
	{"wasted", "wasted wakes", .measure = count_wasted},
	{"wakes/connection", "wakes per connection", .measure = measure_wakes_each},
	{"wasted/connection", "wasted wakes per connection", .measure = measure_wasted_each},
	{"wasted/wakes", "of all wakes", UNIT_PERCENT, .measure = measure_wasted_share},
	{"connections/s", "connections per second", .measure = measure_rate},
	{"wakes/s", "wakes per second", .measure = measure_wakes_rate},
	{"wasted/s", "wasted wakes per second", .measure = measure_wasted_rate},
	{"wasted-cpu", "of one CPU", UNIT_PERCENT, .measure = measure_wasted_cpu},
	{"share-max", "of the draws, for the worker with the most", UNIT_PERCENT,
	 .measure = measure_most},
	{"share-min", "of the draws, for the worker with the least", UNIT_PERCENT,
	 .measure = measure_least},
	{"share-max:min", "times the least share", .measure = measure_most_to_least},
	{"wait-p50", "from arrival to accept", UNIT_TIME, true, measure_wait_p50},
	{"wait-p90", "from arrival to accept", UNIT_TIME, true, measure_wait_p90},
	{"wait-p99", "from arrival to accept", UNIT_TIME, true, measure_wait_p99},
	{"wait-max", "from arrival to accept", UNIT_TIME, true, measure_wait_max},
};

const size_t quantity_cnt = sizeof(quantities) / sizeof(quantities[0]);

static void print_number(char to[QUANTITY_TEXT_SIZE], double value, int digits)
{
	if (isinf(value))
		snprintf(to, QUANTITY_TEXT_SIZE, "infinite");
	else if (value == floor(value) && value < 1e15)
		snprintf(to, QUANTITY_TEXT_SIZE, "%.0f", value);
	else
		snprintf(to, QUANTITY_TEXT_SIZE, "%.*g", digits, value);
}

void quantity__print(char to[QUANTITY_TEXT_SIZE], const struct quantity *q, double value,
		     int digits)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}, {1, " ns"}};
	const char *unit = q->unit == UNIT_PERCENT ? " %" : "";
	size_t i = 0;

	if (q->unit == UNIT_TIME) {
		while (i < 3 && value < units[i].ns)
			i++;
		value /= units[i].ns;
		unit = units[i].name;
	}
	print_number(to, value, digits);
	strcat(to, unit);
}
