// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/numbers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

double numbers__per_sec(uint64_t cnt, uint64_t span_ns)
{
	return span_ns ? (double)cnt * NS_PER_SEC / (double)span_ns : -1;
}

double numbers__ratio(uint64_t cnt, uint64_t of)
{
	return of ? (double)cnt / (double)of : -1;
}

bool top_row__is_shown(const struct top_row *row)
{
	return row->is_here || row->of[TOP_PERIOD].connections || row->of[TOP_PERIOD].wakes;
}

static void drop_rows(struct top_rows *rows)
{
	for (size_t i = 0; i < rows->cnt; i++)
		free(rows->at[i].name);
	rows->cnt = 0;
}

void numbers__drop(struct top_numbers *n)
{
	drop_rows(&n->workers);
	drop_rows(&n->listeners);
	free(n->workers.at);
	free(n->listeners.at);
	*n = (struct top_numbers){0};
}

void meter__drop(struct top_meter *meter)
{
	free(meter->flows.at);
	free(meter->parts.at);
	*meter = (struct top_meter){0};
}

/* ---- counts ---- */

/* For qsort() and bsearch(). */
static int by_serial(const void *a, const void *b)
{
	const struct flow *left = a, *right = b;

	return (left->serial > right->serial) - (left->serial < right->serial);
}

static const struct flow *find_before(const struct top_meter *meter, const struct flow *flow)
{
	return meter->flows.cnt
		       ? bsearch(flow, meter->flows.at, meter->flows.cnt, sizeof(*flow), by_serial)
		       : NULL;
}

static struct top_counts difference(const struct flow *now, const struct flow *before)
{
	static const struct flow nothing = {0};
	const struct flow *from = before ? before : &nothing;

	struct top_counts c = {
		.connections = now->connections - from->connections,
		.wakes = now->wakes - from->wakes,
		.wasted = now->wasted - from->wasted,
		.wasted_cpu_ns = now->wasted_cpu_ns - from->wasted_cpu_ns,
		.p50_ns = -1,
		.p99_ns = -1,
	};

	/* Most of many rows have nothing to look through. */
	if (c.connections) {
		c.p50_ns = waits__quantile(&now->waits, &from->waits, 0.5);
		c.p99_ns = waits__quantile(&now->waits, &from->waits, 0.99);
	}
	return c;
}

static void count(struct top_row *row, const struct flow *flow, const struct top_meter *meter)
{
	static const struct top_counts nothing = {.p50_ns = -1, .p99_ns = -1};

	row->of[TOP_PERIOD] = flow ? difference(flow, find_before(meter, flow)) : nothing;
	row->of[TOP_WHOLE] = flow ? difference(flow, NULL) : nothing;
}

/* ---- rows ---- */

static struct top_row *add_row(struct top_rows *rows, const char *name)
{
	struct top_row *row = vector_add(rows);

	if (row)
		*row = (struct top_row){.name = text__harmless(name), .backlog = -1};
	return row && row->name ? row : NULL;
}

struct living {
	struct top_numbers *numbers;
	const struct totals *totals;
};

/* A number of a task is used again: which row is whose, the model knows. */
static void mark_living(void *arg, uint32_t worker)
{
	const struct living *l = arg;
	const struct report_worker *w = &l->totals->workers[worker];
	struct top_row *row = &l->numbers->workers.at[worker];

	row->is_here = w->waited || w->accepted;
	l->numbers->workers_here += row->is_here;
}

/* In the totals' order: the newest is the last. */
static int take_workers(struct top_numbers *n, const struct top_meter *meter,
			const struct top_look *look)
{
	struct living living = {n, look->totals};

	for (size_t i = 0; i < look->totals->worker_cnt; i++) {
		const struct report_worker *w = &look->totals->workers[i];
		struct top_row *row = add_row(&n->workers, w->comm);

		if (!row)
			return -ENOMEM;
		row->pid = w->pid;
		row->tid = w->tid;
		count(row, w->flow, meter);
	}
	if (look->model)
		model__each_worker(look->model, mark_living, &living);
	return 0;
}

static void take_queue(void *arg, uint32_t listener, size_t queued)
{
	struct top_numbers *n = arg;

	n->listeners.at[listener].queued = queued;
	n->listeners.at[listener].is_here = true;
	n->all.queued += queued;
	n->listeners_here++;
}

static int take_listeners(struct top_numbers *n, const struct top_meter *meter,
			  const struct top_look *look)
{
	for (size_t i = 0; i < look->totals->listener_cnt; i++) {
		const struct report_listener *l = &look->totals->listeners[i];
		struct top_row *row = add_row(&n->listeners, l->address);

		if (!row)
			return -ENOMEM;
		row->id = l->id;
		row->backlog = l->backlog;
		count(row, l->flow, meter);
	}
	if (look->model)
		model__each_listener(look->model, take_queue, n);
	return 0;
}

/* ---- all ---- */

static void find_shares(struct top_numbers *n, enum top_span span)
{
	uint64_t sum = 0;
	bool first = true;

	for (size_t i = 0; i < n->workers.cnt; i++)
		sum += n->workers.at[i].of[span].connections;
	for (size_t i = 0; i < n->workers.cnt; i++) {
		const struct top_row *w = &n->workers.at[i];
		double share = numbers__ratio(w->of[span].connections, sum);

		if (!w->is_here)
			continue;
		if (first || share > n->most[span])
			n->most[span] = share;
		if (first || share < n->least[span])
			n->least[span] = share;
		first = false;
	}
}

static void take_verdict(struct top_numbers *n, enum top_verdict of, const struct report_verdict *v)
{
	n->verdicts[of].value = v->value;
	snprintf(n->verdicts[of].reason, TOP_REASON_SIZE, "%s", v->reason ? v->reason : "");
}

static void take_all(struct top_numbers *n, const struct top_meter *meter,
		     const struct top_look *look)
{
	n->span_ns[TOP_PERIOD] =
		elapsed_ns(meter->last_ns ? meter->last_ns : look->now_ns, look->now_ns);
	n->span_ns[TOP_WHOLE] = elapsed_ns(look->begun_ns, look->now_ns);
	n->is_over = !look->model;
	n->most_queued = look->totals->load.most_queued;
	count(&n->all, look->totals->flow, meter);
	take_verdict(n, TOP_HERD, &look->verdicts->herd);
	take_verdict(n, TOP_SKEW, &look->verdicts->skew);
	take_verdict(n, TOP_STRANDING, &look->verdicts->stranding);
	n->is_incomplete = look->loss->incomplete;
	snprintf(n->loss, sizeof(n->loss), "%s",
		 look->loss->incomplete && look->loss->reason ? look->loss->reason : "");
}

/* ---- the next look ---- */

static int keep(struct top_meter *meter, const struct flow *flow)
{
	struct flow *slot = flow ? vector_add(&meter->flows) : NULL;

	if (!slot)
		return flow ? -ENOMEM : 0;
	*slot = *flow;
	for (size_t i = 0; i < flow->waits.cnt; i++) {
		struct waits_part *part = vector_add(&meter->parts);

		if (!part)
			return -ENOMEM;
		*part = flow->waits.at[i];
	}
	return 0;
}

/* Where the waits of each lie is known once there are no more. */
static void find_waits(struct top_meter *meter)
{
	struct waits_part *next = meter->parts.at;

	for (size_t i = 0; i < meter->flows.cnt; i++) {
		meter->flows.at[i].waits.at = next;
		next += meter->flows.at[i].waits.cnt;
	}
}

static int keep_flows(struct top_meter *meter, const struct totals *t)
{
	int err;

	meter->flows.cnt = meter->parts.cnt = 0;
	err = keep(meter, t->flow);
	for (size_t i = 0; !err && i < t->worker_cnt; i++)
		err = keep(meter, t->workers[i].flow);
	for (size_t i = 0; !err && i < t->listener_cnt; i++)
		err = keep(meter, t->listeners[i].flow);
	find_waits(meter);
	if (meter->flows.cnt)
		qsort(meter->flows.at, meter->flows.cnt, sizeof(*meter->flows.at), by_serial);
	return err;
}

/* Rows keep their memory from look to look. */
static void clear(struct top_numbers *n)
{
	struct top_rows workers = n->workers, listeners = n->listeners;

	drop_rows(&workers);
	drop_rows(&listeners);
	*n = (struct top_numbers){.workers = workers, .listeners = listeners};
}

int numbers__take(struct top_numbers *n, struct top_meter *meter, const struct top_look *look)
{
	int err;

	clear(n);
	take_all(n, meter, look);
	err = take_workers(n, meter, look);
	if (!err)
		err = take_listeners(n, meter, look);
	find_shares(n, TOP_PERIOD);
	find_shares(n, TOP_WHOLE);
	meter->last_ns = look->now_ns;
	return err ? err : keep_flows(meter, look->totals);
}
