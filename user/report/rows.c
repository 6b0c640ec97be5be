// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/rows.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/spool.h"
#include "base/vector.h"
#include "report/words.h"

/* Kept in memory before a file is made. */
#define ROWS_MEMORY  (8u << 20)
#define INDEX_MEMORY (4u << 20)

struct rows {
	struct spool *kept; /* a struct closed_connection each, then its wakes */
	struct spool
		*index; /* by number of the connection: 1 + offset in kept, 0: it was refused */
	VECTOR(uint64_t) missing; /* numbers without a row, in order */
	const struct totals *totals;
	uint32_t *row_of;
	bool marks_stranded;
	bool *only; /* by index of the listener, NULL: all */
	size_t only_cnt;
};

struct rows *rows__new(void)
{
	struct rows *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->kept = spool__new(ROWS_MEMORY);
	r->index = spool__new(INDEX_MEMORY);
	if (r->kept && r->index)
		return r;
	rows__free(r);
	return NULL;
}

void rows__free(struct rows *r)
{
	if (!r)
		return;
	spool__free(r->kept);
	spool__free(r->index);
	free(r->missing.at);
	free(r->row_of);
	free(r->only);
	free(r);
}

int rows__take(void *rows, const struct closed_connection *c)
{
	struct rows *r = rows;
	uint64_t offset = spool__size(r->kept), place = offset + 1;
	int err = spool__put(r->kept, offset, c, sizeof(*c));

	if (!err && c->wake_cnt)
		err = spool__put(r->kept, offset + sizeof(*c), c->wakes,
				 c->wake_cnt * sizeof(*c->wakes));
	return err ? err : spool__put(r->index, c->number * sizeof(place), &place, sizeof(place));
}

/* ---- numbers ---- */

/* How many missing numbers are smaller. */
static uint64_t missing_before(const struct rows *r, uint64_t number)
{
	size_t low = 0, high = r->missing.cnt;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->missing.at[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t index_cnt(const struct rows *r)
{
	return spool__size(r->index) / sizeof(uint64_t);
}

static bool is_missing(const struct rows *r, uint64_t number)
{
	uint64_t before = missing_before(r, number);

	if (number >= index_cnt(r))
		return true;
	return before < r->missing.cnt && r->missing.at[before] == number;
}

/* The number that a reader sees, 0 for a connection that did not take place. */
static unsigned row_id(const struct rows *r, uint64_t number)
{
	return is_missing(r, number) ? 0 : number + 1 - missing_before(r, number);
}

/* Notes the missing numbers of a piece of the index. */
static int find_missing(struct rows *r, uint64_t first, const uint64_t *places, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		uint64_t *number = places[i] ? NULL : vector_add(&r->missing);

		if (number)
			*number = first + i;
		else if (!places[i])
			return -ENOMEM;
	}
	return 0;
}

int rows__finish(struct rows *r, const struct totals *totals, uint32_t *row_of, bool marks_stranded)
{
	uint64_t cnt = index_cnt(r), places[512];
	int err = 0;

	r->totals = totals;
	r->row_of = row_of;
	r->marks_stranded = marks_stranded;
	for (uint64_t at = 0; !err && at < cnt; at += 512) {
		size_t piece = cnt - at < 512 ? cnt - at : 512;

		err = spool__get(r->index, at * sizeof(uint64_t), places, piece * sizeof(uint64_t));
		if (!err)
			err = find_missing(r, at, places, piece);
	}
	return err;
}

/* ---- reading ---- */

static struct report_wake finish_wake(const struct rows *r, const struct closed_wake *w)
{
	const struct report_worker *worker = &r->totals->workers[r->row_of[w->worker]];

	return (struct report_wake){
		.tid = worker->tid,
		.pid = worker->pid,
		.worker = worker->id,
		.waker_tid = w->waker_tid,
		.cause = w->cause,
		.outcome = w->outcome,
		.accepted_connection = w->accepted ? row_id(r, w->accepted - 1) : 0,
		.wake_to_run_ns = w->run_ns,
		.cpu_ns = w->cpu_ns,
	};
}

/* All but the wakes. */
static void finish_connection(const struct rows *r, const struct closed_connection *c,
			      struct report_connection *row)
{
	const struct report_worker *worker =
		c->accepted_by ? &r->totals->workers[r->row_of[c->accepted_by - 1]] : NULL;

	row->id = row_id(r, c->number);
	row->time_ns = elapsed_ns(r->totals->first_ns, c->time_ns);
	row->listener = c->listener + 1;
	row->migrated_from = c->migrated_from;
	endpoint__text(row->peer, &c->peer);
	row->waiters = c->waiters;
	row->waiters_truncated = c->waiters_truncated;
	row->offers = c->offers;
	row->woken = closed_connection__woken(c);
	row->wasted = closed_connection__wasted(c);
	row->end = c->end;
	row->accepted_by = worker ? worker->tid : 0;
	row->accepted_worker = worker ? worker->id : 0;
	row->waited_ns = c->waited_ns;
	row->arrival_to_accept_ns =
		c->end == CONNECTION_ACCEPTED ? c->waited_ns : REPORT_UNKNOWN_NS;
	row->group_idle = c->group_idle;
	row->stranded = r->marks_stranded && c->stranding;
	row->selection = c->selection;
}

static int reserve_wakes(struct report_connection *row, size_t *capacity, size_t cnt)
{
	struct report_wake *larger;

	if (cnt <= *capacity && row->wakes)
		return 0;
	larger = reallocarray(row->wakes, cnt + 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	row->wakes = larger;
	*capacity = cnt;
	return 0;
}

static bool is_wanted(const struct rows *r, const struct closed_connection *c)
{
	return !r->only || (c->listener < r->only_cnt && r->only[c->listener]);
}

/* The caller frees its wakes. */
static int read_closed(const struct rows *r, uint64_t offset, struct closed_connection *c)
{
	int err = spool__get(r->kept, offset, c, sizeof(*c));

	c->wakes = NULL;
	if (err)
		return err;
	c->wakes = calloc(c->wake_cnt + 1, sizeof(*c->wakes));
	return c->wakes ? spool__get(r->kept, offset + sizeof(*c), c->wakes,
				     c->wake_cnt * sizeof(*c->wakes))
			: -ENOMEM;
}

/* Returns 1, 0 for one that is not wanted, or negative errno. */
static int read_row(const struct rows *r, uint64_t offset, struct report_connection *row,
		    size_t *wake_capacity)
{
	struct closed_connection c;
	int err = read_closed(r, offset, &c);
	bool wanted = !err && is_wanted(r, &c);

	if (wanted)
		err = reserve_wakes(row, wake_capacity, c.wake_cnt);
	if (wanted && !err) {
		finish_connection(r, &c, row);
		row->wake_cnt = c.wake_cnt;
		for (size_t i = 0; i < c.wake_cnt; i++)
			row->wakes[i] = finish_wake(r, &c.wakes[i]);
	}
	free(c.wakes);
	return err ? err : wanted;
}

/* As it was kept, but for the workers. */
static void place_workers(const struct rows *r, struct closed_connection *c)
{
	if (c->accepted_by)
		c->accepted_by = 1 + r->row_of[c->accepted_by - 1];
	if (c->first)
		c->first = 1 + r->row_of[c->first - 1];
	for (size_t i = 0; i < c->wake_cnt; i++)
		c->wakes[i].worker = r->row_of[c->wakes[i].worker];
}

int rows__each(const struct rows *r, closed_sink take, void *arg)
{
	struct closed_connection c;
	uint64_t offset = 0;
	int err = 0;

	while (!err && offset < spool__size(r->kept)) {
		err = read_closed(r, offset, &c);
		offset += sizeof(c) + c.wake_cnt * sizeof(*c.wakes);
		if (!err && is_wanted(r, &c)) {
			place_workers(r, &c);
			err = take(arg, &c);
		}
		free(c.wakes);
	}
	return err;
}

void rows__restrict(struct rows *r, bool *only, size_t cnt)
{
	free(r->only);
	r->only = only;
	r->only_cnt = cnt;
}

void rows__move_workers(struct rows *r, const uint32_t *moved, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		r->row_of[i] = moved[r->row_of[i]];
}

int rows__read(const struct rows *r, uint64_t *at, struct report_connection *row,
	       size_t *wake_capacity)
{
	uint64_t cnt = index_cnt(r), place;
	int got = 0;

	while (!got && *at < cnt) {
		got = spool__get(r->index, *at * sizeof(place), &place, sizeof(place));
		if (got)
			return got;
		++*at;
		if (place)
			got = read_row(r, place - 1, row, wake_capacity);
	}
	return got;
}
