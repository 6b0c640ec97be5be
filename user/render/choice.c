// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/choice.h"

#include <stdlib.h>
#include <string.h>

struct choice *choice__new(size_t most, size_t enough)
{
	struct choice *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->most = most;
	c->enough = enough;
	c->worst = calloc(enough, sizeof(*c->worst));
	c->rows = calloc(most, sizeof(*c->rows));
	if (c->worst && c->rows)
		return c;
	choice__free(c);
	return NULL;
}

void choice__free(struct choice *c)
{
	if (!c)
		return;
	free(c->worst);
	free(c->rows);
	free(c);
}

/* ---- worse, and alike ---- */

/* What a reader looks for first. Positive: a is worse than b. */
static int compare(const struct choice_row *a, const struct choice_row *b)
{
	const struct report_connection *left = &a->connection, *right = &b->connection;

	if (left->stranded != right->stranded)
		return left->stranded ? 1 : -1;
	if (left->wasted != right->wasted)
		return left->wasted > right->wasted ? 1 : -1;
	if (left->waited_ns != right->waited_ns)
		return left->waited_ns > right->waited_ns ? 1 : -1;
	return (left->id < right->id) - (left->id > right->id);
}

/* The same but for who it was, who accepted it and how long that took. */
static bool is_like(const struct choice_row *a, const struct choice_row *b)
{
	const struct report_connection *left = &a->connection, *right = &b->connection;

	return left->listener == right->listener && left->migrated_from == right->migrated_from &&
	       left->waiters == right->waiters &&
	       left->waiters_truncated == right->waiters_truncated && left->woken == right->woken &&
	       left->wasted == right->wasted && left->end == right->end &&
	       left->stranded == right->stranded && !strcmp(a->causes, b->causes);
}

static struct choice_kind *find_kind(struct choice *c, const struct choice_row *row)
{
	for (size_t i = 0; i < c->kind_cnt; i++)
		if (is_like(&c->kinds[i].worst, row))
			return &c->kinds[i];
	return NULL;
}

/* ---- while rows come ---- */

static void count_kind(struct choice *c, const struct choice_row *row)
{
	struct choice_kind *kind = find_kind(c, row);

	if (!kind && c->kind_cnt == CHOICE_KINDS_MAX) {
		c->others++;
		return;
	}
	if (!kind) {
		kind = &c->kinds[c->kind_cnt++];
		kind->worst = *row;
	}
	kind->cnt++;
	if (compare(row, &kind->worst) > 0)
		kind->worst = *row;
}

static void swap(struct choice_row *a, struct choice_row *b)
{
	struct choice_row other = *a;

	*a = *b;
	*b = other;
}

static void rise(struct choice *c, size_t at)
{
	size_t above;

	for (; at; at = above) {
		above = (at - 1) / 2;
		if (compare(&c->worst[at], &c->worst[above]) >= 0)
			return;
		swap(&c->worst[at], &c->worst[above]);
	}
}

static void sink(struct choice *c)
{
	for (size_t at = 0, below; (below = 2 * at + 1) < c->worst_cnt; at = below) {
		if (below + 1 < c->worst_cnt && compare(&c->worst[below + 1], &c->worst[below]) < 0)
			below++;
		if (compare(&c->worst[at], &c->worst[below]) <= 0)
			return;
		swap(&c->worst[at], &c->worst[below]);
	}
}

/* The best of the worst makes room for one that is worse. */
static void keep_worst(struct choice *c, const struct choice_row *row)
{
	if (c->worst_cnt < c->enough) {
		c->worst[c->worst_cnt] = *row;
		rise(c, c->worst_cnt++);
	} else if (compare(row, &c->worst[0]) > 0) {
		c->worst[0] = *row;
		sink(c);
	}
}

void choice__take(struct choice *c, const struct report_connection *connection)
{
	struct choice_row row = {.connection = *connection};

	report_connection__causes(row.causes, connection);
	row.connection.wakes = NULL;
	c->total++;
	count_kind(c, &row);
	keep_worst(c, &row);
}

/* ---- in the end ---- */

static int by_harm(const void *a, const void *b)
{
	return compare(b, a);
}

static int kinds_by_harm(const void *a, const void *b)
{
	const struct choice_kind *left = a, *right = b;

	return compare(&right->worst, &left->worst);
}

static int by_id(const void *a, const void *b)
{
	const struct choice_row *left = a, *right = b;

	return (left->connection.id > right->connection.id) -
	       (left->connection.id < right->connection.id);
}

static void show(struct choice *c, const struct choice_row *row)
{
	struct choice_kind *kind = find_kind(c, row);

	for (size_t i = 0; i < c->row_cnt; i++)
		if (c->rows[i].connection.id == row->connection.id)
			return;
	c->rows[c->row_cnt++] = *row;
	if (kind)
		kind->shown++;
	else
		c->others--;
}

void choice__finish(struct choice *c)
{
	qsort(c->kinds, c->kind_cnt, sizeof(*c->kinds), kinds_by_harm);
	qsort(c->worst, c->worst_cnt, sizeof(*c->worst), by_harm);
	for (size_t i = 0; i < c->kind_cnt && c->row_cnt < c->most; i++)
		show(c, &c->kinds[i].worst);
	for (size_t i = 0; i < c->worst_cnt && c->row_cnt < c->enough; i++)
		show(c, &c->worst[i]);
	qsort(c->rows, c->row_cnt, sizeof(*c->rows), by_id);
}
