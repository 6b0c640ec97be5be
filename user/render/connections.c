// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A row for each connection; of many, the worst ones. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/choice.h"
#include "render/page.h"
#include "report/words.h"

/* So many rows are shown before any are left out, and then so many of them. */
#define ROWS_UNFOLDED 50
#define ROWS_FOLDED   10

#define CAUSE_CELLS 8 /* "io_uring" */

enum connection_column {
	MARK,
	CONN,
	LISTENER,
	MOVED_FROM,
	PEER,
	WAITING,
	WOKEN,
	BY,
	ACCEPTED_BY,
	ACCEPTED_SHORT, /* without the thread id, which the table of workers has */
	WASTED,
	SOCKET,
	PREDICTED,
	WAIT,
	COLUMN_CNT,
};

static const char *const heads[COLUMN_CNT] = {
	[MARK] = "",
	[CONN] = "conn",
	[LISTENER] = "listener",
	[MOVED_FROM] = "moved from",
	[PEER] = "peer",
	[WAITING] = "waiting",
	[WOKEN] = "woken",
	[BY] = "by",
	[ACCEPTED_BY] = "accepted by",
	[ACCEPTED_SHORT] = "accepted by",
	[WASTED] = "wasted",
	[SOCKET] = "socket",
	[PREDICTED] = "predicted",
	[WAIT] = "wait",
};

/* What a reader can best do without, first. */
static const unsigned dispensable[] = {ACCEPTED_BY, PREDICTED, SOCKET, PEER, MOVED_FROM, BY};

#define DISPENSABLE_CNT (sizeof(dispensable) / sizeof(dispensable[0]))

/* ---- cells ---- */

static void put_acceptor(struct grid *grid, const struct report_connection *connection)
{
	unsigned worker = connection->accepted_worker;

	if (worker) {
		grid__format(grid, ACCEPTED_BY, "worker %u (%" PRIu32 ")", worker,
			     connection->accepted_by);
		grid__format(grid, ACCEPTED_SHORT, "worker %u", worker);
		return;
	}
	for (unsigned column = ACCEPTED_BY; column <= ACCEPTED_SHORT; column++) {
		if (connection->accepted_by)
			grid__format(grid, column, "task %" PRIu32, connection->accepted_by);
		else if (connection->end == CONNECTION_ACCEPTED)
			grid__text(grid, column, "unknown");
		else
			grid__format(grid, column, column == ACCEPTED_BY ? "nobody (%s)" : "(%s)",
				     connection_end__name(connection->end));
	}
}

static void put_selection(struct grid *grid, const struct report_selection *selection)
{
	if (!selection->present) {
		grid__text(grid, SOCKET, "-");
		grid__text(grid, PREDICTED, "-");
		return;
	}
	if (selection->index == RECORD_NO_INDEX)
		grid__text(grid, SOCKET, "-");
	else
		grid__format(grid, SOCKET, "%" PRIu32 " of %" PRIu32, selection->index,
			     selection->socks);
	/* The formula was not asked where a program chose. */
	if (selection->program)
		grid__text(grid, PREDICTED, "program");
	else if (!report_selection__is_predicted(selection))
		grid__text(grid, PREDICTED, "-");
	else if (report_selection__as_predicted(selection))
		grid__text(grid, PREDICTED, "yes");
	else
		grid__format(grid, PREDICTED, "no (%" PRIu32 ")", selection->predicted);
}

static void put_mark(struct grid *grid, const struct report_connection *connection)
{
	if (connection->stranded)
		grid__text(grid, MARK, "!");
	else if (connection->wasted > 0)
		grid__text(grid, MARK, "*");
	grid__color(grid, MARK, connection->stranded ? RED : YELLOW);
	if (connection->stranded)
		grid__color(grid, WAIT, RED);
	if (connection->wasted > 0)
		grid__color(grid, WASTED, RED);
}

static void put_connection(struct grid *grid, const struct report_connection *connection,
			   const char *causes)
{
	grid__line(grid);
	grid__number(grid, CONN, connection->id);
	grid__number(grid, LISTENER, connection->listener);
	if (connection->migrated_from != 0)
		grid__number(grid, MOVED_FROM, connection->migrated_from);
	grid__text(grid, PEER, connection->peer);
	grid__format(grid, WAITING, "%u%s", connection->waiters,
		     connection->waiters_truncated ? "+" : "");
	grid__number(grid, WOKEN, connection->woken);
	grid__text(grid, BY, causes[0] != '\0' ? causes : "-");
	put_acceptor(grid, connection);
	grid__number(grid, WASTED, connection->wasted);
	put_selection(grid, &connection->selection);
	grid__duration(grid, WAIT, connection->arrival_to_accept_ns);
	put_mark(grid, connection);
}

/* ---- rows ---- */

/* Each in turn, until one of the callers says that it cannot go on. */
static void each_connection(struct page *page, struct grid *grid, struct choice *choice)
{
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	char causes[WORDS_CAUSES_SIZE];
	int err;

	while ((connection = report__next(page->report, &cursor, &err))) {
		if (choice) {
			choice__take(choice, connection);
			continue;
		}
		report_connection__causes(causes, connection);
		put_connection(grid, connection, causes);
	}
	report_cursor__end(&cursor);
	page__keep_error(page, err);
}

/* Those that were chosen, or all. */
static void put_rows(struct page *page, struct grid *grid, const struct choice *choice)
{
	if (!choice)
		each_connection(page, grid, NULL);
	for (size_t i = 0; choice && i < choice->row_cnt; i++)
		put_connection(grid, &choice->rows[i].connection, choice->rows[i].causes);
}

/* NULL: all rows are shown, or there is no memory. */
static struct choice *choose(struct page *page)
{
	const struct render_rows *rows = &page->options->rows;
	uint64_t cnt = page->report->totals.summary.connections;
	size_t most = rows->given ? rows->most : ROWS_UNFOLDED;
	struct choice *choice;

	if (cnt <= most)
		return NULL;
	choice = choice__new(most, rows->given ? most : ROWS_FOLDED);
	if (!choice) {
		page__keep_error(page, -ENOMEM);
		return NULL;
	}
	each_connection(page, NULL, choice);
	choice__finish(choice);
	return choice;
}

static void add_columns(struct grid *grid, const struct totals *totals)
{
	const struct report_summary *summary = &totals->summary;
	const bool absent[COLUMN_CNT] = {
		[MARK] = !summary->wasted && !stranding_sample__stranded(&totals->stranding),
		[LISTENER] = totals->listener_cnt < 2,
		[MOVED_FROM] = !summary->migrated,
		[ACCEPTED_SHORT] = true,
		[SOCKET] = !summary->selections,
		[PREDICTED] = !summary->selections,
	};

	for (unsigned i = 0; i < COLUMN_CNT; i++) {
		bool is_text = i == MARK || i == PEER || i == BY || i == ACCEPTED_BY ||
			       i == ACCEPTED_SHORT || i == PREDICTED;

		grid__cut_column(grid, heads[i], is_text ? GRID_LEFT : GRID_RIGHT, !absent[i],
				 i == PEER ? ENDPOINT_CELLS
				 : i == BY ? CAUSE_CELLS
					   : 0);
	}
}

/* Hides what does not fit. Returns how many of the dispensable columns. */
static size_t narrow(struct grid *grid)
{
	size_t hidden = 0;

	if (grid__fits(grid))
		return 0;
	hidden = page__narrow(grid, dispensable, 1);
	grid__show(grid, ACCEPTED_SHORT, true);
	return hidden + page__narrow(grid, dispensable + 1, DISPENSABLE_CNT - 1);
}

/* ---- what is said below ---- */

static void say_hidden(struct page *page, size_t hidden)
{
	const struct report_summary *summary = &page->report->totals.summary;
	char names[128] = "";

	for (size_t i = 1; i < hidden; i++) {
		unsigned column = dispensable[i];
		size_t used = strlen(names);

		if (((column == PREDICTED || column == SOCKET) && !summary->selections) ||
		    (column == MOVED_FROM && !summary->migrated))
			continue;
		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
			 heads[column]);
	}
	if (*names)
		page__say(page, NO_COLOR, "no room for the columns: %s (--json has them)", names);
}

static void say_marks(struct page *page)
{
	const struct totals *totals = &page->report->totals;
	/* Where data is missing no row is said to be. */
	bool stranded =
		!page->report->loss.incomplete && stranding_sample__stranded(&totals->stranding);

	if (!totals->summary.wasted && !stranded)
		return;
	page__say(page, NO_COLOR, "%s%s%s",
		  totals->summary.wasted ? "* woke a task for nothing" : "",
		  totals->summary.wasted && stranded ? "  " : "", stranded ? "! stranded" : "");
}

/* "930 more like conn 3, 7 more like conn 9" */
static void say_folded(struct page *page, const struct choice *choice)
{
	uint64_t others = choice->others;
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	const char *before = "";

	for (size_t i = 0; out && i < choice->kind_cnt; i++) {
		const struct choice_kind *kind = &choice->kinds[i];

		if (!kind->shown) {
			others += kind->cnt;
		} else if (kind->cnt > kind->shown) {
			fprintf(out, "%s%" PRIu64 " more like conn %u", before,
				kind->cnt - kind->shown, kind->worst.connection.id);
			before = ", ";
		}
	}
	if (out && others)
		fprintf(out, "%s%" PRIu64 " others", before, others);
	if (!out || fclose(out))
		page__keep_error(page, -ENOMEM);
	else
		page__say(page, NO_COLOR, "not shown: %s (--rows all shows them)", text);
	free(text);
}

void page__connections(struct page *page)
{
	struct grid *grid = page__grid(page);
	struct choice *choice = choose(page);
	size_t hidden;

	if (!page->err) {
		add_columns(grid, &page->report->totals);
		grid__measure(grid);
		put_rows(page, grid, choice);
		hidden = narrow(grid);
		grid__stream(grid, page->out);
		put_rows(page, grid, choice);
		page__keep_error(page, grid__print(grid, page->out));
		say_marks(page);
		say_hidden(page, hidden);
		if (choice)
			say_folded(page, choice);
		fputc('\n', page->out);
	}
	choice__free(choice);
	grid__free(grid);
}
