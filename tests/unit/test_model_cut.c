// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Arrivals whose list of waiters is cut: the others are a number, and nothing is claimed of who they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_fixture.h"

static void cut(struct tape *t, uint64_t arrival, uint32_t unlisted, uint32_t exclusive)
{
	struct record_walk *w = tape__walk(t, arrival, 1);

	w->truncated = WAITERS_ARE_CUT;
	w->unlisted = unlisted;
	w->unlisted_exclusive = exclusive;
}

/* Woken in the order of their numbers; the last one accepts. */
static void wake_some(struct tape *t, uint64_t arrival, uint32_t first_tid, unsigned cnt)
{
	for (uint32_t tid = first_tid; tid < first_tid + cnt; tid++)
		tape__wake(t, arrival, tid, CAUSE_POLL);
}

static void test_count(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 3);
	tape__waiter(&t, 1, 12); /* through another entry: the same task */
	wake_some(&t, 1, 11, 1);
	cut(&t, 1, 5, 4);
	cut(&t, 1, 5, 4); /* a walk in two calls */
	tape__accept(&t, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 8);
	assert_int_equal(connection(r, 1)->waiters_named, 3);
	assert_false(connection(r, 1)->waiters_truncated);
	assert_int_equal(r->totals.worker_cnt, 3);
	assert_int_equal(r->totals.herd.possible, 1);
	assert_int_equal(r->totals.herd.most_waiters, 8);
	assert_int_equal(r->totals.pools.all.at[0].exclusive, 4);
	assert_int_equal(r->totals.pools.all.at[0].shared_wait, 1);
	report__free(r);
}

/* Whoever is woken and not in the list may be one of those that were counted: as many as there are. */
static void test_woken_from_the_rest(void **state)
{
	static const struct {
		unsigned woken, asleep;
	} cases[] = {{1, 5}, {2, 5}, {4, 5}, {5, 5}, {6, 6}, {7, 7}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tape t = {0};
		struct report *r;

		arrive(&t, 1, 11, 2);
		wake_some(&t, 1, 11, cases[i].woken);
		cut(&t, 1, 3, 0);
		tape__accept(&t, 11, 1);
		r = complete_report_of(&t);
		assert_int_equal(connection(r, 1)->waiters, 5);
		assert_int_equal(connection(r, 1)->woken, cases[i].woken);
		assert_int_equal(r->totals.herd.most_waiters, cases[i].asleep);
		report__free(r);
	}
}

/* Whether somebody was busy is said of all that are known by then, listed or not. */
static void test_busy(void **state)
{
	static const struct {
		uint32_t unlisted;
		unsigned busy;
	} cases[] = {{2, 0}, {1, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tape t = {0};
		struct report *r;

		arrive(&t, 1, 11, 4);
		tape__walk(&t, 1, 1);
		tape__wake(&t, 1, 11, CAUSE_ACCEPT);
		tape__accept(&t, 11, 1);
		tape__sleep(&t, 11);
		arrive(&t, 2, 12, 2);
		cut(&t, 2, cases[i].unlisted, 0);
		tape__wake(&t, 2, 12, CAUSE_ACCEPT);
		tape__accept(&t, 12, 2);
		r = complete_report_of(&t);
		assert_int_equal(r->totals.load.arrivals, 1); /* nobody was known at the first */
		assert_int_equal(r->totals.load.busy, cases[i].busy);
		assert_int_equal(r->totals.stranding.possible, cases[i].busy);
		report__free(r);
	}
}

/* Both: some were counted, and there may be more. An older recording says 1 for that. */
static void test_truncated(void **state)
{
	static const uint32_t said[] = {0, WAITERS_MAY_BE_MORE, WAITERS_ARE_CUT,
					WAITERS_MAY_BE_MORE | WAITERS_ARE_CUT};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct tape t = {0};
		struct report *r;

		arrive(&t, 1, 11, 2);
		tape__walk(&t, 1, 1)->truncated = said[i];
		tape__wake(&t, 1, 11, CAUSE_ACCEPT);
		tape__accept(&t, 11, 1);
		r = complete_report_of(&t);
		assert_int_equal(connection(r, 1)->waiters_truncated, i & 1);
		assert_int_equal(connection(r, 1)->waiters, 2);
		report__free(r);
	}
}

/* What cannot be is refused before the model sees it. */
static void test_impossible(void **state)
{
	static const struct {
		uint32_t unlisted, exclusive;
		bool ok;
	} cases[] = {{3, 3, true}, {3, 4, false}, {INT32_MAX, 0, true}, {1u << 31, 0, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tape t = {0};
		struct report *r;

		arrive(&t, 1, 11, 2);
		cut(&t, 1, cases[i].unlisted, cases[i].exclusive);
		tape__end(&t);
		r = tape__report(&t);
		assert_int_equal(r != NULL, cases[i].ok);
		if (r)
			report__free(r);
		tape__free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),      cmocka_unit_test(test_woken_from_the_rest),
		cmocka_unit_test(test_busy),       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
