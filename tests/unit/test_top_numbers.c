// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Rates from looks at a run, their order, keys, and the lines for a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "top/keys.h"
#include "top/lines.h"
#include "top_fixture.h"

/* ---- numbers ---- */

static void test_first_look(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	n = watched__look(&w);
	assert_int_equal(n->listeners_here, 1);
	assert_int_equal(n->workers.cnt, 0);
	assert_int_equal(n->listeners.at[0].backlog, 128);
	assert_true(numbers__per_sec(n->all.of[TOP_PERIOD].connections, n->span_ns[TOP_PERIOD]) <
		    0);
	watched__end(&w);
}

/* What was since the look before, and since the beginning. */
static void test_rates(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	watched__look(&w);
	for (int i = 0; i < 6; i++)
		watched__connect(&w, TOP_LISTENER, 11, 12);
	watched__look(&w);
	for (int i = 0; i < 3; i++)
		watched__connect(&w, TOP_LISTENER, 11, 12);
	watched__connect(&w, TOP_LISTENER, 12, 11);
	n = watched__look(&w);
	assert_int_equal(n->span_ns[TOP_PERIOD], NS_PER_SEC);
	assert_int_equal(n->span_ns[TOP_WHOLE], 2 * NS_PER_SEC);
	assert_int_equal(n->all.of[TOP_PERIOD].connections, 4);
	assert_int_equal(n->all.of[TOP_WHOLE].connections, 10);
	assert_int_equal(n->all.of[TOP_PERIOD].wakes, 8);
	assert_int_equal(n->all.of[TOP_PERIOD].wasted, 4);
	assert_int_equal(top_worker(n, 11)->of[TOP_PERIOD].connections, 3);
	assert_int_equal(top_worker(n, 11)->of[TOP_WHOLE].connections, 9);
	assert_int_equal(top_worker(n, 12)->of[TOP_PERIOD].wasted, 3);
	assert_int_equal(n->listeners.at[0].of[TOP_PERIOD].connections, 4);
	assert_true(n->most[TOP_PERIOD] == 0.75 && n->least[TOP_PERIOD] == 0.25);
	assert_true(n->most[TOP_WHOLE] == 0.9 && n->least[TOP_WHOLE] == 0.1);
	assert_true(top_worker(n, 11)->of[TOP_PERIOD].p50_ns > 0);
	/* Nothing comes: nobody's wait is known, and rates are 0. */
	n = watched__look(&w);
	assert_int_equal(n->all.of[TOP_PERIOD].connections, 0);
	assert_int_equal(n->all.of[TOP_PERIOD].p99_ns, -1);
	assert_int_equal(n->all.of[TOP_WHOLE].connections, 10);
	watched__end(&w);
}

static void test_queue(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	tape__listen(&w.live.tape, TOP_LISTENER + 1, 8889);
	tape__arrival(&w.live.tape, 1, TOP_LISTENER + 1);
	tape__arrival(&w.live.tape, 2, TOP_LISTENER + 1);
	n = watched__look(&w);
	assert_int_equal(n->all.queued, 2);
	assert_int_equal(n->listeners.at[0].queued, 0);
	assert_int_equal(n->listeners.at[1].queued, 2);
	watched__end(&w);
}

/* Who has ended is seen once more, where it did something; a listener that closed likewise. */
static void test_gone(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	watched__look(&w);
	watched__connect(&w, TOP_LISTENER, 11, 12);
	n = watched__look(&w);
	assert_true(top_worker(n, 12)->is_here);
	watched__connect(&w, TOP_LISTENER, 11, 12);
	tape__task(&w.live.tape, TASK_EXITED, 12, "gone");
	tape__unlisten(&w.live.tape, TOP_LISTENER);
	n = watched__look(&w);
	assert_false(top_worker(n, 12)->is_here);
	assert_true(top_row__is_shown(top_worker(n, 12)));
	assert_int_equal(n->workers_here, 1);
	assert_int_equal(n->listeners_here, 0);
	n = watched__look(&w);
	assert_false(top_row__is_shown(top_worker(n, 12)));
	assert_true(top_row__is_shown(top_worker(n, 11)));
	assert_false(top_row__is_shown(&n->listeners.at[0]));
	watched__end(&w);
}

/* A task that has the number of a worker that is gone is not that worker, whether or not it becomes one. */
static void test_number_used_again(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	watched__connect(&w, TOP_LISTENER, 11, 12);
	tape__task(&w.live.tape, TASK_EXITED, 12, "gone");
	tape__task(&w.live.tape, TASK_FORKED, 12, "other");
	n = watched__look(&w);
	assert_int_equal(n->workers_here, 1);
	watched__connect(&w, TOP_LISTENER, 11, 12);
	n = watched__look(&w);
	assert_int_equal(n->workers.cnt, 3);
	assert_int_equal(n->workers_here, 2);
	assert_false(n->workers.at[1].is_here);
	assert_true(n->workers.at[2].is_here);
	watched__end(&w);
}

/* ---- order and keys ---- */

static uint32_t first_of(const struct top_numbers *n, enum top_column column, bool reversed)
{
	size_t cnt;
	const struct top_row **rows =
		columns__sort(n, TOP_WORKERS, TOP_WHOLE, column, reversed, &cnt);
	uint32_t tid;

	assert_non_null(rows);
	assert_int_equal(cnt, 3);
	tid = rows[0]->tid;
	free(rows);
	return tid;
}

static void test_order(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	watched__connect(&w, TOP_LISTENER, 12, 13);
	watched__connect(&w, TOP_LISTENER, 12, 13);
	watched__connect(&w, TOP_LISTENER, 11, 12);
	n = watched__look(&w);
	assert_int_equal(first_of(n, TOP_CONNECTIONS, false), 12);
	assert_int_equal(first_of(n, TOP_CONNECTIONS, true), 13);
	assert_int_equal(first_of(n, TOP_WASTED, false), 13);
	assert_int_equal(first_of(n, TOP_PID, false), 11);
	assert_int_equal(first_of(n, TOP_PID, true), 13);
	watched__end(&w);
}

static void test_keys(void **state)
{
	struct top_choice c = TOP_CHOICE;

	(void)state;
	assert_false(keys__take(&c, 'x', 10));
	assert_true(keys__take(&c, 's', 10) && c.sort == TOP_SHARE);
	assert_true(keys__take(&c, 'r', 10) && c.reversed);
	assert_true(keys__take(&c, 'p', 10) && c.is_paused);
	assert_true(keys__take(&c, ' ', 10) && !c.is_paused);
	assert_true(keys__take(&c, 't', 10) && c.span == TOP_WHOLE);
	assert_true(keys__take(&c, 'h', 10) && c.shows_help);
	assert_true(keys__take(&c, TOP_KEY_PAGE_DOWN, 10) && c.first == 10);
	assert_true(keys__take(&c, TOP_KEY_UP, 10) && c.first == 9);
	assert_true(keys__take(&c, TOP_KEY_PAGE_UP, 10) && c.first == 0);
	assert_true(keys__take(&c, TOP_KEY_UP, 10) && c.first == 0);
	assert_false(c.quits);
	assert_true(keys__take(&c, 'q', 10) && c.quits);
}

/* One after another, only those that the rows have; of another kind of rows some are not there. */
static void test_sort_keys(void **state)
{
	struct top_choice c = TOP_CHOICE;

	(void)state;
	for (int i = 0; i < 2 * TOP_COLUMN_CNT; i++) {
		keys__take(&c, 's', 10);
		assert_true(columns__has(TOP_WORKERS, c.sort));
	}
	c.sort = TOP_PID;
	keys__take(&c, 'l', 10);
	assert_int_equal(c.by, TOP_LISTENERS);
	assert_int_equal(c.sort, TOP_CONNECTIONS);
	c.sort = TOP_QUEUE;
	keys__take(&c, '\t', 10);
	assert_int_equal(c.by, TOP_WORKERS);
	assert_int_equal(c.sort, TOP_CONNECTIONS);
}

/* ---- lines ---- */

static void assert_lines(const struct top_numbers *n, enum lines_rows rows, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	lines__print(out, n, rows, 1795000000);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_lines(void **state)
{
	const struct top_numbers *n;
	struct watched w;

	(void)state;
	watched__begin(&w);
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	watched__look(&w);
	for (int i = 0; i < 4; i++)
		watched__connect(&w, TOP_LISTENER, 11, 12);
	tape__task(&w.live.tape, TASK_RENAMED, 11, "a\"\033b");
	n = watched__look(&w);
	assert_lines(n, LINES_WORKERS,
		     "2026-11-18T11:06:40Z connections=4 connections_per_sec=4.0 wakes=8 "
		     "wakes_per_connection=2.00 wasted=4 wasted_per_sec=4.0 "
		     "wasted_cpu_percent=0.00 wait_p50_us=8 wait_p99_us=9 queue=0 workers=2 "
		     "share_max=1.000 share_min=0.000 herd=proved skew=inconclusive "
		     "stranding=inconclusive\n"
		     "2026-11-18T11:06:40Z worker=11 pid=11 command=\"a\\x22\\x1bb\" "
		     "connections=4 connections_per_sec=4.0 wakes=4 wakes_per_connection=1.00 "
		     "wasted=0 wasted_per_sec=0.0 wasted_cpu_percent=0.00 wait_p50_us=8 "
		     "wait_p99_us=9\n"
		     "2026-11-18T11:06:40Z worker=12 pid=12 command=\"server\" connections=0 "
		     "connections_per_sec=0.0 wakes=4 wakes_per_connection=- wasted=4 "
		     "wasted_per_sec=4.0 wasted_cpu_percent=0.00 wait_p50_us=- wait_p99_us=-\n");
	w.loss = (struct report_loss){.incomplete = true, .reason = "so it is"};
	n = watched__look(&w);
	assert_lines(n, LINES_LISTENERS,
		     "2026-11-18T11:06:40Z connections=0 connections_per_sec=0.0 wakes=0 "
		     "wakes_per_connection=- wasted=0 wasted_per_sec=0.0 wasted_cpu_percent=0.00 "
		     "wait_p50_us=- wait_p99_us=- queue=0 workers=2 share_max=- share_min=- "
		     "herd=inconclusive skew=inconclusive stranding=inconclusive "
		     "incomplete=\"so it is\"\n"
		     "2026-11-18T11:06:40Z listener=1 address=\"127.0.0.1:8888\" queue=0 "
		     "backlog=128 connections=0 connections_per_sec=0.0 wakes=0 "
		     "wakes_per_connection=- wasted=0 wasted_per_sec=0.0 wasted_cpu_percent=0.00 "
		     "wait_p50_us=- wait_p99_us=-\n");
	watched__end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_number_used_again),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_sort_keys),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("top_numbers", tests, NULL, NULL);
}
