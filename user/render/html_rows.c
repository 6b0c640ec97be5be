// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/html_rows.h"

#include <errno.h>
#include <stdlib.h>

#include "render/choice.h"

/*
 * A browser holds what the page has. Of a longer run it gets the first connections, side by side as they came, and the
 * worst of the others, one of each kind at least. So it does where many are woken, or sleep, at each connection: what
 * the page may have is counted in waiters, each some 15 bytes, and keeps it below 3 MB.
 */
#define ROWS_MOST  2000
#define ROWS_WORST 400
#define WAKE_COST  5
#define COST_MOST  160000
#define COST_WORST (COST_MOST / 4)
/* Of one connection; the number of all is there as well. */
#define PARTS_MOST 256

struct rows_writer {
	struct json_text *to;
	const struct report *report;
	bool all;
	size_t first;          /* so many from the beginning ... */
	size_t worst;          /* ... and of the worst of the others, for which there is room ... */
	struct choice *choice; /* ... and these; NULL: none, or nothing is left out */
	size_t next;           /* of the chosen ones */
};

/* ---- one of them ---- */

/* Since the arrival of its connection: shorter than since the first one. */
static void put_moment(struct json_text *to, const struct report_connection *connection, int64_t ns)
{
	json_text__time_or_null(to, NULL, ns < connection->time_ns ? -1 : ns - connection->time_ns);
}

/* In the order of wake_fields. */
static void put_wake(struct json_text *to, const struct report_connection *connection,
		     const struct report_wake *wake)
{
	json_text__open(to, NULL, '[');
	json_text__number(to, NULL, wake->worker);
	json_text__number(to, NULL, wake->cause);
	json_text__number(to, NULL, wake->outcome);
	put_moment(to, connection, wake->woken_ns);
	put_moment(to, connection, wake->ran_ns);
	put_moment(to, connection, wake->returned_ns);
	put_moment(to, connection, wake->accept_ns);
	put_moment(to, connection, wake->slept_ns);
	put_moment(to, connection, wake->ended_ns);
	json_text__time_or_null(to, NULL, wake->cpu_ns);
	json_text__number(to, NULL, wake->waker_tid);
	json_text__time_or_null(to, NULL, wake->waker_cpu);
	json_text__number(to, NULL, wake->waker_context);
	json_text__number(to, NULL, wake->accepted_connection);
	json_text__close(to, ']');
}

/* In the order of waiter_fields. */
static void put_waiter(struct json_text *to, const struct report_waiter *waiter)
{
	json_text__open(to, NULL, '[');
	json_text__number(to, NULL, waiter->worker);
	json_text__number(to, NULL, waiter->cause);
	json_text__number(to, NULL, waiter->entry);
	json_text__number(to, NULL, waiter->known && waiter->exclusive);
	json_text__number(to, NULL, waiter->elsewhere);
	json_text__number(to, NULL, waiter->reached);
	json_text__close(to, ']');
}

static size_t parts(const struct rows_writer *w, size_t cnt)
{
	return w->all || cnt < PARTS_MOST ? cnt : PARTS_MOST;
}

static void put_selection(struct json_text *to, const struct report_selection *selection)
{
	if (!selection->present) {
		json_text__number(to, NULL, 0);
		return;
	}
	json_text__open(to, NULL, '[');
	json_text__number(to, NULL, selection->hash);
	json_text__number(to, NULL, selection->socks);
	json_text__time_or_null(
		to, NULL, selection->index == RECORD_NO_INDEX ? -1 : (int64_t)selection->index);
	json_text__number(to, NULL, selection->program);
	json_text__close(to, ']');
}

static void put_connection(struct rows_writer *w, const struct report_connection *connection)
{
	struct json_text *to = w->to;

	json_text__open(to, NULL, '[');
	json_text__number(to, NULL, connection->id);
	json_text__time_or_null(to, NULL, connection->time_ns);
	json_text__number(to, NULL, connection->listener);
	json_text__string(to, NULL, connection->peer);
	json_text__number(to, NULL, connection->waiters);
	json_text__number(to, NULL, connection->waiters_truncated);
	json_text__number(to, NULL, connection->woken);
	json_text__number(to, NULL, connection->wasted);
	json_text__number(to, NULL, connection->end);
	json_text__number(to, NULL, connection->accepted_worker);
	json_text__time_or_null(to, NULL, connection->arrival_to_accept_ns);
	json_text__number(to, NULL, connection->stranded);
	put_selection(to, &connection->selection);
	json_text__number(to, NULL, connection->wake_cnt);
	json_text__open(to, NULL, '[');
	for (size_t i = 0; i < parts(w, connection->wake_cnt); i++)
		put_wake(to, connection, &connection->wakes[i]);
	json_text__close(to, ']');
	json_text__time_or_null(to, NULL, connection->syn_to_arrival_ns);
	json_text__number(to, NULL, connection->waiter_cnt);
	json_text__open(to, NULL, '[');
	for (size_t i = 0; i < parts(w, connection->waiter_cnt); i++)
		put_waiter(to, &connection->waiter_list[i]);
	json_text__close(to, ']');
	json_text__close(to, ']');
}

/* ---- which of them ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t cost_of(const struct report_connection *row)
{
	return WAKE_COST * least(row->wake_cnt, PARTS_MOST) + least(row->waiter_cnt, PARTS_MOST);
}

/* Is there room for all? Else how many of the first, and of others, there is room for. */
static int measure(struct rows_writer *w)
{
	const struct report_connection *row;
	struct report_cursor cursor = {0};
	size_t rows = 0, cost = 0, dearest = 1;
	int err;

	while ((row = report__next(w->report, &cursor, &err))) {
		cost += cost_of(row);
		rows++;
		if (cost_of(row) > dearest)
			dearest = cost_of(row);
		if (cost <= COST_MOST - COST_WORST && rows <= ROWS_MOST - ROWS_WORST)
			w->first = rows;
	}
	w->all = cost <= COST_MOST && rows <= ROWS_MOST;
	w->worst = least(ROWS_WORST, COST_WORST / dearest);
	report_cursor__end(&cursor);
	return err;
}

static int choose(struct rows_writer *w, size_t most)
{
	const struct report_connection *row;
	struct report_cursor cursor = {0};
	int err;

	w->choice = choice__new(most, most);
	if (!w->choice)
		return -ENOMEM;
	while ((row = report__next(w->report, &cursor, &err)))
		if (row->id > w->first)
			choice__take(w->choice, row);
	report_cursor__end(&cursor);
	choice__finish(w->choice);
	return err;
}

static int prepare(struct rows_writer *w, const struct render_rows *rows)
{
	int err;

	if (rows->given) {
		w->all = rows->most == SIZE_MAX;
		return w->all || !rows->most ? 0 : choose(w, rows->most);
	}
	err = measure(w);
	if (err || w->all)
		return err;
	return choose(w, w->worst);
}

static bool is_wanted(struct rows_writer *w, const struct report_connection *connection)
{
	const struct choice *choice = w->choice;

	if (w->all || connection->id <= w->first)
		return true;
	if (!choice || w->next == choice->row_cnt ||
	    choice->rows[w->next].connection.id != connection->id)
		return false;
	w->next++;
	return true;
}

/* ---- all of it ---- */

static void put_fields(struct json_text *to, const char *key, const char *const *fields)
{
	json_text__open(to, key, '[');
	for (; *fields; fields++)
		json_text__string(to, NULL, *fields);
	json_text__close(to, ']');
}

static const char *const connection_fields[] = {
	"id",     "arrived",    "listener",   "peer",    "waiting",  "may_be_more", "woken",
	"wasted", "end",        "acceptor",   "waited",  "stranded", "selection",   "wake_cnt",
	"wakes",  "syn_before", "waiter_cnt", "waiters", NULL};
static const char *const wake_fields[] = {"worker",        "cause",    "outcome", "woken",
					  "ran",           "returned", "accept",  "slept",
					  "ended",         "cpu",      "waker",   "waker_cpu",
					  "waker_context", "accepted", NULL};
static const char *const waiter_fields[] = {"worker",    "cause",   "entry", "exclusive",
					    "elsewhere", "reached", NULL};

int html_rows__write(struct json_text *to, const struct report *report,
		     const struct render_options *options)
{
	struct rows_writer w = {.to = to, .report = report};
	const struct report_connection *row;
	struct report_cursor cursor = {0};
	int err = options->summary_only ? 0 : prepare(&w, &options->rows);

	put_fields(to, "connection_fields", connection_fields);
	put_fields(to, "wake_fields", wake_fields);
	put_fields(to, "waiter_fields", waiter_fields);
	json_text__open(to, "connections", '[');
	if (!options->summary_only) {
		while (!err && !to->err && (row = report__next(report, &cursor, &err)))
			if (is_wanted(&w, row))
				put_connection(&w, row);
		report_cursor__end(&cursor);
	}
	json_text__close(to, ']');
	choice__free(w.choice);
	return err;
}
