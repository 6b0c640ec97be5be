// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The wait queue as it stood when the connection came: of a long one the ends, and where the walk stopped. */
#include <errno.h>

#include "explain/drawing.h"
#include "print/grid.h"
#include "report/waiters.h"

#define AT_HEAD      6
#define AT_TAIL      2
#define ELSEWHERE_AT 4 /* of those on other listeners */

enum queue_column { ENTRY, WHO, COMM, SLEEPS_IN, EXCLUSIVE, CALLED, CAME_OF };

static const char *call_name(enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_ACCEPT: return "accept";
	case CAUSE_EPOLL: return "epoll_wait";
	case CAUSE_POLL: return "poll, select";
	case CAUSE_IO_URING: return "io_uring";
	default: return "?";
	}
}

static void put_came_of(const struct drawing *d, struct grid *grid,
			const struct report_waiter *waiter)
{
	const struct report_wake *wake = drawing__wake_of(d, waiter->worker);
	const char *how = "woken";
	char text[CAME_OF_SIZE];

	if (!wake) {
		grid__text(grid, CAME_OF, waiter->elsewhere ? "other listener" : "sleeps on");
		return;
	}
	if (wake->cause == CAUSE_CHAIN)
		how = "later";
	drawing__came_of(text, d, wake);
	grid__format(grid, CAME_OF, "%s: %s", how, text);
	if (wake->outcome == OUTCOME_ACCEPTED)
		grid__color(grid, CAME_OF, GREEN);
	else if (wake_outcome__is_wasted(wake->outcome))
		grid__color(grid, CAME_OF, RED);
}

static const char *answer(bool known, bool yes)
{
	if (!known)
		return "?";
	return yes ? "yes" : "no";
}

static void put_waiter(const struct drawing *d, struct grid *grid, size_t index)
{
	const struct report_waiter *waiter = &d->row->waiter_list[index];
	bool shares = index && waiter->entry && waiter[-1].entry == waiter->entry;
	char who[WHO_SIZE];

	grid__line(grid);
	if (shares)
		grid__text(grid, ENTRY, "+");
	else if (waiter->entry)
		grid__number(grid, ENTRY, waiter->entry);
	else
		grid__text(grid, ENTRY, "-");
	drawing__who(who, waiter->worker, waiter->tid);
	grid__text(grid, WHO, who);
	grid__text(grid, COMM, drawing__comm(d, waiter->worker));
	grid__text(grid, SLEEPS_IN, call_name(waiter->cause));
	grid__text(grid, EXCLUSIVE, answer(waiter->known, waiter->exclusive));
	grid__text(grid, CALLED,
		   answer(waiter->reached != REACHED_UNKNOWN, waiter->reached == REACHED_YES));
	put_came_of(d, grid, waiter);
}

static size_t own_cnt(const struct report_connection *row)
{
	size_t cnt = 0;

	while (cnt < row->waiter_cnt && !row->waiter_list[cnt].elsewhere)
		cnt++;
	return cnt;
}

static bool is_shown(const struct report_connection *row, size_t index, size_t own, long last)
{
	if (index >= own)
		return index - own < ELSEWHERE_AT || row->waiter_cnt - own <= ELSEWHERE_AT + 1;
	return index < AT_HEAD || index + AT_TAIL >= own ||
	       (last >= 0 && index + 1 >= (size_t)last && index <= (size_t)last + 1);
}

static void put_rows(const struct drawing *d, struct grid *grid)
{
	size_t own = own_cnt(d->row), left_out = 0;
	long last = waiters__last_woken(d->row);

	for (size_t i = 0; i <= d->row->waiter_cnt; i++) {
		bool shown = i == d->row->waiter_cnt || is_shown(d->row, i, own, last);

		if (!shown) {
			left_out++;
			continue;
		}
		if (left_out) {
			grid__line(grid);
			grid__format(grid, WHO, "... %zu more", left_out);
			left_out = 0;
		}
		if (i < d->row->waiter_cnt)
			put_waiter(d, grid, i);
	}
}

void drawing__queue(struct drawing *d)
{
	struct grid *grid = grid__new(d->terminal);

	drawing__say(d, "THE WAIT QUEUE when it came, from its head to its tail");
	if (!d->row->waiter_cnt) {
		drawing__say(d, "  empty: nobody slept on the listener");
		grid__free(grid);
		return;
	}
	if (!grid) {
		drawing__keep_error(d, -ENOMEM);
		return;
	}
	grid__column(grid, "entry", GRID_RIGHT, true);
	grid__cut_column(grid, "task", GRID_LEFT, true, 14);
	grid__cut_column(grid, "name", GRID_LEFT, true, 4);
	grid__column(grid, "sleeps in", GRID_LEFT, true);
	grid__column(grid, "exclusive", GRID_LEFT, true);
	grid__column(grid, "called", GRID_LEFT, true);
	grid__cut_column(grid, "came of it", GRID_LEFT, true, 20);
	put_rows(d, grid);
	drawing__keep_error(d, grid__print(grid, d->out));
	grid__free(grid);
	if (d->row->waiters_truncated)
		drawing__say(d, "There may have been more: the list was cut.");
}
