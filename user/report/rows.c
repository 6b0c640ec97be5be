// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/rows.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/spool.h"
#include "base/vector.h"
#include "report/waiters.h"
#include "report/words.h"

/* Kept in memory before a file is made. */
#define ROWS_MEMORY  (8u << 20)
#define INDEX_MEMORY (4u << 20)

struct rows {
	struct spool *kept; /* a struct closed_connection each, its wakes, and what its story has */
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

static size_t wakes_size(const struct closed_connection *c)
{
	return c->wake_cnt * sizeof(*c->wakes);
}

static size_t moments_size(const struct closed_connection *c)
{
	return c->wake_cnt * sizeof(*c->story->moments);
}

static size_t waiters_size(const struct closed_story *story)
{
	return story->waiter_cnt * sizeof(*story->waiters);
}

/* Puts bytes behind what is there. */
static int put(struct rows *r, const void *bytes, size_t len)
{
	return len ? spool__put(r->kept, spool__size(r->kept), bytes, len) : 0;
}

static int put_story(struct rows *r, const struct closed_connection *c)
{
	int err = put(r, c->story, sizeof(*c->story));

	err = err ? err : put(r, c->story->moments, moments_size(c));
	return err ? err : put(r, c->story->waiters, waiters_size(c->story));
}

int rows__take(void *rows, const struct closed_connection *c)
{
	struct rows *r = rows;
	uint64_t place = spool__size(r->kept) + 1;
	int err = put(r, c, sizeof(*c));

	err = err ? err : put(r, c->wakes, wakes_size(c));
	if (!err && c->story)
		err = put_story(r, c);
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

/* As a reader sees it, since the first arrival. */
static int64_t since_first(const struct rows *r, uint64_t time_ns)
{
	return time_ns >= r->totals->first_ns ? elapsed_ns(r->totals->first_ns, time_ns)
					      : REPORT_UNKNOWN_NS;
}

/* Of moments, 0 is one that was not observed. */
static int64_t moment(const struct rows *r, uint64_t time_ns)
{
	return time_ns ? since_first(r, time_ns) : REPORT_UNKNOWN_NS;
}

/* moments: NULL: not kept. */
static void finish_moments(const struct rows *r, const struct closed_wake *w,
			   const struct closed_moments *moments, struct report_wake *to)
{
	static const struct closed_moments unknown = {.waker_cpu = -1, .stack_id = -1};
	const struct closed_moments *at = moments ? moments : &unknown;
	bool ran = moments && w->run_ns != REPORT_UNKNOWN_NS;
	uint64_t ended_ns = w->outcome == OUTCOME_ACCEPTED ? at->accept_ns : at->slept_ns;

	to->woken_ns = moment(r, at->woken_ns);
	to->ran_ns = ran ? since_first(r, at->woken_ns + (uint64_t)w->run_ns) : REPORT_UNKNOWN_NS;
	to->returned_ns = moment(r, at->returned_ns);
	to->accept_ns = moment(r, at->accept_ns);
	to->slept_ns = moment(r, at->slept_ns);
	to->ended_ns = moment(r, ended_ns);
	to->waker_cpu = at->waker_cpu;
	to->waker_context = at->waker_context;
	to->stack_id = at->stack_id;
}

static struct report_wake finish_wake(const struct rows *r, const struct closed_wake *w,
				      const struct closed_moments *moments)
{
	const struct report_worker *worker = &r->totals->workers[r->row_of[w->worker]];
	struct report_wake wake = {
		.tid = worker->tid,
		.pid = worker->pid,
		.worker = worker->id,
		.waker_tid = w->waker_tid,
		.cause = w->cause,
		.outcome = w->outcome,
		.accepted_connection = w->accepted ? row_id(r, w->accepted - 1) : 0,
		.wake_to_run_ns = w->run_ns,
		.cpu_ns = w->cpu_ns,
		.rearmed = w->rearmed,
	};

	finish_moments(r, w, moments, &wake);
	return wake;
}

static struct report_waiter finish_waiter(const struct rows *r, const struct closed_waiter *w)
{
	const struct report_worker *worker = &r->totals->workers[r->row_of[w->worker]];

	return (struct report_waiter){
		.tid = worker->tid,
		.pid = worker->pid,
		.worker = worker->id,
		.cause = w->cause,
		.place = w->place,
		.known = w->flags & WAITER_KNOWN,
		.exclusive = w->flags & WAITER_EXCLUSIVE,
		.entry = w->flags / WAITER_ENTRY,
		.elsewhere = w->elsewhere,
	};
}

/* All but the wakes and the list of waiters. */
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
	row->waiters_named = c->listed;
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
	row->accepted_ns = c->end == CONNECTION_ACCEPTED
				   ? since_first(r, c->time_ns + (uint64_t)c->waited_ns)
				   : REPORT_UNKNOWN_NS;
	row->syn_to_arrival_ns = c->story && c->story->syn_ns && c->story->syn_ns <= c->time_ns
					 ? elapsed_ns(c->story->syn_ns, c->time_ns)
					 : REPORT_UNKNOWN_NS;
	row->has_story = c->story != NULL;
	row->group_idle = c->group_idle;
	row->stranded = r->marks_stranded && c->stranding;
	row->selection = c->selection;
}

/* Makes room in an array that a row owns. */
static int reserve(void *array, size_t *capacity, size_t cnt, size_t size)
{
	void **at = array, *larger;

	if (cnt <= *capacity && *at)
		return 0;
	larger = reallocarray(*at, cnt + 1, size);
	if (!larger)
		return -ENOMEM;
	*at = larger;
	*capacity = cnt;
	return 0;
}

static bool is_wanted(const struct rows *r, const struct closed_connection *c)
{
	return !r->only || (c->listener < r->only_cnt && r->only[c->listener]);
}

/* A connection as it was kept, with what it points to. */
struct kept {
	struct closed_connection c;
	struct closed_story story;
};

static void drop_kept(struct kept *kept)
{
	free(kept->c.wakes);
	free(kept->story.moments);
	free(kept->story.waiters);
}

/* An array of cnt at *offset, which is moved behind it. NULL: no memory, or an error. */
static void *get_array(const struct rows *r, uint64_t *offset, size_t cnt, size_t size, int *err)
{
	void *at = *err ? NULL : calloc(cnt + 1, size);

	if (!at)
		*err = *err ? *err : -ENOMEM;
	else if (cnt)
		*err = spool__get(r->kept, *offset, at, cnt * size);
	*offset += cnt * size;
	return at;
}

/* Moves *offset behind it. The caller drops it in any case. */
static int read_kept(const struct rows *r, uint64_t *offset, struct kept *kept)
{
	struct closed_connection *c = &kept->c;
	struct closed_story *story = &kept->story;
	int err;

	*kept = (struct kept){0};
	err = spool__get(r->kept, *offset, c, sizeof(*c));
	*offset += sizeof(*c);
	c->wakes = get_array(r, offset, c->wake_cnt, sizeof(*c->wakes), &err);
	if (err || !c->story)
		return err;
	err = spool__get(r->kept, *offset, story, sizeof(*story));
	*offset += sizeof(*story);
	c->story = story;
	story->moments = get_array(r, offset, c->wake_cnt, sizeof(*story->moments), &err);
	story->waiters = get_array(r, offset, story->waiter_cnt, sizeof(*story->waiters), &err);
	return err;
}

static int reserve_row(struct report_connection *row, struct rows_capacity *capacity,
		       const struct closed_connection *c)
{
	int err = reserve(&row->wakes, &capacity->wakes, c->wake_cnt, sizeof(*row->wakes));

	return err || !c->story ? err
				: reserve(&row->waiter_list, &capacity->waiters,
					  c->story->waiter_cnt, sizeof(*row->waiter_list));
}

static void finish_row(const struct rows *r, const struct closed_connection *c,
		       struct report_connection *row)
{
	const struct closed_story *story = c->story;

	finish_connection(r, c, row);
	row->wake_cnt = c->wake_cnt;
	for (size_t i = 0; i < c->wake_cnt; i++)
		row->wakes[i] = finish_wake(r, &c->wakes[i], story ? &story->moments[i] : NULL);
	row->waiter_cnt = story ? story->waiter_cnt : 0;
	for (size_t i = 0; i < row->waiter_cnt; i++)
		row->waiter_list[i] = finish_waiter(r, &story->waiters[i]);
	waiters__judge(row);
}

/* Returns 1, 0 for one that is not wanted, or negative errno. */
static int read_row(const struct rows *r, uint64_t offset, struct report_connection *row,
		    struct rows_capacity *capacity)
{
	struct kept kept;
	int err = read_kept(r, &offset, &kept);
	bool wanted = !err && is_wanted(r, &kept.c);

	if (wanted)
		err = reserve_row(row, capacity, &kept.c);
	if (wanted && !err)
		finish_row(r, &kept.c, row);
	drop_kept(&kept);
	return err ? err : wanted;
}

/* As it was kept, but for the workers. */
static void place_workers(const struct rows *r, struct kept *kept)
{
	struct closed_connection *c = &kept->c;

	if (c->accepted_by)
		c->accepted_by = 1 + r->row_of[c->accepted_by - 1];
	if (c->first)
		c->first = 1 + r->row_of[c->first - 1];
	for (size_t i = 0; i < c->wake_cnt; i++)
		c->wakes[i].worker = r->row_of[c->wakes[i].worker];
	for (size_t i = 0; i < kept->story.waiter_cnt; i++)
		kept->story.waiters[i].worker = r->row_of[kept->story.waiters[i].worker];
}

int rows__each(const struct rows *r, closed_sink take, void *arg)
{
	uint64_t offset = 0;
	struct kept kept;
	int err = 0;

	while (!err && offset < spool__size(r->kept)) {
		err = read_kept(r, &offset, &kept);
		if (!err && is_wanted(r, &kept.c)) {
			place_workers(r, &kept);
			err = take(arg, &kept.c);
		}
		drop_kept(&kept);
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
	       struct rows_capacity *capacity)
{
	uint64_t cnt = index_cnt(r), place;
	int got = 0;

	while (!got && *at < cnt) {
		got = spool__get(r->index, *at * sizeof(place), &place, sizeof(place));
		if (got)
			return got;
		++*at;
		if (place)
			got = read_row(r, place - 1, row, capacity);
	}
	return got;
}
