// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Drawings: which connection, the axis, and that nothing of the traced system or of its numbers breaks a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/explain.h"
#include "explain/scale.h"
#include "model_fixture.h"
#include "report_fixture.h"

/* ---- the axis ---- */

static void assert_columns(const int64_t *times, size_t cnt, unsigned columns,
			   const unsigned *expected)
{
	int64_t *copy = array(cnt ? cnt : 1, sizeof(*copy));
	struct scale scale;

	memcpy(copy, times, cnt * sizeof(*copy));
	scale__make(&scale, copy, cnt, columns);
	for (size_t i = 0; i < cnt; i++)
		assert_int_equal(scale__column(&scale, times[i]), expected[i]);
	free(copy);
}

static void test_scale(void **state)
{
	const int64_t even[] = {0, 10, 20}, far[] = {0, 1, 2, INT64_MAX}, same[] = {5, 5, 5};

	(void)state;
	assert_columns(even, 3, 11, (unsigned[]){0, 5, 10});
	/* Each has its column, however close they are. */
	assert_columns(far, 4, 21, (unsigned[]){0, 2, 4, 20});
	assert_columns(same, 3, 10, (unsigned[]){0, 0, 0});
	assert_columns(even, 3, 2, (unsigned[]){0, 0, 1});
	assert_columns(even, 3, 1, (unsigned[]){0, 0, 0});
	assert_columns(even, 0, 0, NULL);
}

static void test_scale_stays_inside(void **state)
{
	int64_t times[1000];
	struct scale scale;
	unsigned before = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		times[i] = (int64_t)(i * i * i);
	scale__make(&scale, times, 1000, 40);
	for (size_t i = 0; i < 1000; i++) {
		unsigned column = scale__column(&scale, times[i]);

		assert_in_range(column, before, 39);
		before = column;
	}
	assert_int_equal(before, 39);
}

/* ---- drawings ---- */

static char *drawn(const struct report *r, unsigned wanted, struct terminal terminal)
{
	struct explain_choice choice;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(explain__choose(r, wanted, &choice), 0);
	assert_int_not_equal(choice.id, 0);
	assert_int_equal(explain__write(out, r, &choice, &terminal), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static size_t count_cells(const char *line, size_t len)
{
	size_t cells = 0;

	for (size_t i = 0; i < len; i++)
		cells += ((unsigned char)line[i] & 0xc0) != 0x80;
	return cells;
}

/* Lines that fit, of characters that can be shown. */
static void assert_lines(const char *text, size_t width, bool ascii)
{
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		if (count_cells(text, (size_t)(end - text)) > width)
			fail_msg("longer than %zu: %.*s", width, (int)(end - text), text);
		for (const char *at = text; at < end; at++)
			if ((unsigned char)*at < ' ' || (ascii && (unsigned char)*at > '~'))
				fail_msg("byte %02x in: %.*s", (unsigned char)*at,
					 (int)(end - text), text);
	}
}

static void check(const struct report *r, unsigned wanted)
{
	static const unsigned widths[] = {80, 132, 1000};
	char *text;

	for (size_t i = 0; i < 3; i++) {
		text = drawn(r, wanted, (struct terminal){.width = widths[i]});
		assert_lines(text, widths[i], false);
		free(text);
	}
	text = drawn(r, wanted, (struct terminal){.width = 80, .ascii = true});
	assert_lines(text, 80, true);
	free(text);
	/* As good as it gets. */
	text = drawn(r, wanted, (struct terminal){.width = 1});
	assert_lines(text, 200, false);
	free(text);
}

static void add_herd(struct tape *t, uint64_t arrival, unsigned tasks, const char *comm)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < tasks; i++)
		tape__waiter(t, arrival, 4000000000u + i);
	for (unsigned i = 0; i < tasks; i++)
		strncpy(tape__wake(t, arrival, 4000000000u + i, CAUSE_EPOLL)->comm, comm,
			RECORD_COMM_LEN);
	tape__walk(t, arrival, tasks);
	for (unsigned i = 0; i < tasks; i++)
		tape__run(t, 4000000000u + i);
	tape__accept(t, 4000000000u, arrival);
	for (unsigned i = 0; i < tasks; i++)
		tape__sleep(t, 4000000000u + i);
}

static void test_thousand_waiters(void **state)
{
	struct tape t = {0};
	struct report *r;
	char *text;

	(void)state;
	add_herd(&t, 1, 1000, EVIL_COMM);
	r = complete_report_of(&t);
	check(r, 0);
	text = drawn(r, 1, (struct terminal){.width = 80});
	assert_non_null(strstr(text, "... 992 more"));
	assert_non_null(strstr(text, "1000 tasks slept, 1000 woken, 999 of them for nothing"));
	free(text);
	report__free(r);
}

/* All in no time at all. */
static void test_no_time(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	add_herd(&t, 1, 4, "server");
	for (const struct record_header *h = NULL; (h = tape__next(&t, h));)
		((struct record_header *)h)->time_ns = TAPE_START_NS;
	r = complete_report_of(&t);
	check(r, 1);
	report__free(r);
}

/* Nothing but an arrival, or a wake of which nothing more is known; times that no clock has. */
static void test_little_known(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__arrival(&t, 2, LISTENER);
	tape__wake(&t, 2, 11, CAUSE_IO_URING);
	tape__arrival(&t, 3, LISTENER);
	tape__wake(&t, 3, 12, CAUSE_SIGNAL);
	tape__run(&t, 12)->header.time_ns = UINT64_MAX;
	tape__accept(&t, 12, 3)->header.time_ns = UINT64_MAX;
	r = complete_report_of(&t);
	for (unsigned id = 0; id <= 3; id++)
		check(r, id);
	report__free(r);
}

/* A report that was made without stories can be drawn: there is less in it. */
static void test_without_story(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	add_herd(&t, 1, 3, "server");
	r = complete_report_of(&t);
	for (size_t i = 0; i < r->connections[0].wake_cnt; i++)
		r->connections[0].wakes[i].woken_ns = r->connections[0].wakes[i].ran_ns =
			r->connections[0].wakes[i].accept_ns = r->connections[0].wakes[i].slept_ns =
				REPORT_UNKNOWN_NS;
	r->connections[0].waiter_cnt = 0;
	check(r, 1);
	report__free(r);
}

/* ---- which one ---- */

static void assert_chosen(struct tape *t, unsigned id, const char *why)
{
	struct report *r = complete_report_of(t);
	struct explain_choice choice;

	assert_int_equal(explain__choose(r, 0, &choice), 0);
	assert_int_equal(choice.id, id);
	assert_non_null(strstr(choice.why, why));
	assert_int_equal(explain__choose(r, 99, &choice), 0);
	assert_int_equal(choice.id, 0);
	assert_int_equal(choice.last, 3);
	report__free(r);
}

static void test_choice(void **state)
{
	struct tape wasted = {0}, sleepers = {0}, none = {0};

	(void)state;
	add_herd(&wasted, 1, 2, "server");
	add_herd(&wasted, 2, 4, "server");
	add_herd(&wasted, 3, 4, "server");
	assert_chosen(&wasted, 2, "3 of 4");
	add_herd(&sleepers, 1, 1, "server");
	tape__arrival(&sleepers, 2, LISTENER);
	add_herd(&sleepers, 3, 1, "server");
	assert_chosen(&sleepers, 1, "no wake was wasted");
	for (unsigned arrival = 1; arrival <= 3; arrival++)
		tape__arrival(&none, arrival, LISTENER);
	assert_chosen(&none, 1, "nobody slept");
}

static void test_nothing_to_choose(void **state)
{
	struct tape t = {0};
	struct report *r = complete_report_of(&t);
	struct explain_choice choice;

	(void)state;
	assert_int_equal(explain__choose(r, 0, &choice), 0);
	assert_int_equal(choice.id, 0);
	assert_int_equal(choice.last, 0);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_scale_stays_inside),
		cmocka_unit_test(test_thousand_waiters),
		cmocka_unit_test(test_no_time),
		cmocka_unit_test(test_little_known),
		cmocka_unit_test(test_without_story),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_nothing_to_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
