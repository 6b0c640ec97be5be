// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which of many rows are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/choice.h"

/* One that has nothing special; rows differ in kind by how many waited. */
static struct report_connection row(unsigned id, unsigned waiters)
{
	return (struct report_connection){.id = id, .listener = 1, .waiters = waiters};
}

static void take(struct choice *c, unsigned id, unsigned waiters, int64_t waited_ns)
{
	struct report_connection connection = row(id, waiters);

	connection.waited_ns = waited_ns;
	choice__take(c, &connection);
}

static void assert_shown(const struct choice *c, const unsigned *ids, size_t cnt)
{
	assert_int_equal(c->row_cnt, cnt);
	for (size_t i = 0; i < cnt; i++)
		assert_int_equal(c->rows[i].connection.id, ids[i]);
}

#define ASSERT_SHOWN(choice, ...)                               \
	assert_shown((choice), (const unsigned[]){__VA_ARGS__}, \
		     sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

/* Of each kind the worst; then the worst of all, as long as there is room. */
static void test_kinds_first(void **state)
{
	struct choice *c = choice__new(4, 4);

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		take(c, i, 2, i == 7 ? 900 : i);
	take(c, 21, 3, 0);
	choice__finish(c);
	ASSERT_SHOWN(c, 7, 19, 20, 21);
	assert_int_equal(c->kind_cnt, 2);
	assert_int_equal(c->kinds[0].worst.connection.id, 7);
	assert_int_equal(c->kinds[0].cnt, 20);
	assert_int_equal(c->kinds[0].shown, 3);
	assert_int_equal(c->kinds[1].shown, 1);
	assert_int_equal(c->others, 0);
	choice__free(c);
}

/* More kinds than rows: the kinds that have the worst rows. */
static void test_many_kinds(void **state)
{
	struct choice *c = choice__new(3, 2);

	(void)state;
	for (unsigned i = 1; i <= 9; i++)
		take(c, i, i, 100 - i);
	choice__finish(c);
	ASSERT_SHOWN(c, 1, 2, 3);
	assert_int_equal(c->kind_cnt, 9);
	assert_int_equal(c->kinds[8].shown, 0);
	choice__free(c);
}

/* Beyond the kinds that are told apart rows are counted, and shown when they are bad enough. */
static void test_too_many_kinds(void **state)
{
	struct choice *c = choice__new(CHOICE_KINDS_MAX + 10, CHOICE_KINDS_MAX + 1);

	(void)state;
	for (unsigned i = 1; i <= CHOICE_KINDS_MAX + 5; i++)
		take(c, i, i, i);
	choice__finish(c);
	assert_int_equal(c->row_cnt, CHOICE_KINDS_MAX + 1);
	assert_int_equal(c->rows[CHOICE_KINDS_MAX].connection.id, CHOICE_KINDS_MAX + 5);
	assert_int_equal(c->others, 4);
	choice__free(c);
}

static void test_order_of_harm(void **state)
{
	struct choice *c = choice__new(1, 1);
	struct report_connection wasteful = row(3, 2), stranded = row(4, 2);

	(void)state;
	wasteful.wasted = 1;
	stranded.stranded = true;
	take(c, 1, 2, 5);
	take(c, 2, 2, 900);
	choice__take(c, &wasteful);
	assert_int_equal(c->worst[0].connection.id, 3);
	choice__take(c, &stranded);
	assert_int_equal(c->worst[0].connection.id, 4);
	choice__take(c, &wasteful);
	choice__finish(c);
	ASSERT_SHOWN(c, 4);
	choice__free(c);
}

/* Whatever a reader sees tells kinds apart, and what is one's own does not. */
static void test_alike(void **state)
{
	struct report_connection rows[10];
	struct choice *c = choice__new(20, 1);

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		rows[i] = row(i + 1, 2);
	rows[1].listener = 2;
	rows[2].migrated_from = 1;
	rows[3].waiters_truncated = true;
	rows[4].woken = 1;
	rows[5].wasted = 1;
	rows[6].end = CONNECTION_LOST;
	rows[7].stranded = true;
	rows[8].waiters = 3;
	rows[9].accepted_by = 5;
	rows[9].waited_ns = 1;
	for (unsigned i = 0; i < 10; i++)
		choice__take(c, &rows[i]);
	assert_int_equal(c->kind_cnt, 9);
	choice__free(c);
}

/* All orders of few rows leave the same worst ones. */
static void test_heap(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 500; seed++) {
		struct choice *c = choice__new(5, 5);

		srand(seed);
		for (unsigned i = 1; i <= 40; i++)
			take(c, i, 2, 1000 + rand() % 50);
		for (unsigned i = 41; i <= 44; i++)
			take(c, i, 2, 5000);
		take(c, 45, 2, 4000);
		for (unsigned i = 46; i <= 60; i++)
			take(c, i, 2, rand() % 1000);
		choice__finish(c);
		ASSERT_SHOWN(c, 41, 42, 43, 44, 45);
		choice__free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_first),    cmocka_unit_test(test_many_kinds),
		cmocka_unit_test(test_too_many_kinds), cmocka_unit_test(test_order_of_harm),
		cmocka_unit_test(test_alike),          cmocka_unit_test(test_heap),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
