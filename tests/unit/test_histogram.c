// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Histograms: which number goes where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "report/histogram.h"

static void test_buckets(void **state)
{
	static const struct {
		uint64_t number;
		size_t bucket;
	} cases[] = {{0, 0}, {1, 1}, {2, 2},     {3, 2},     {4, 3},
		     {7, 3}, {8, 4}, {1023, 10}, {1024, 11}, {UINT64_MAX, 64}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct histogram h = {0};
		size_t first, last;

		histogram__add(&h, cases[i].number);
		assert_int_equal(h.of[cases[i].bucket], 1);
		assert_int_equal(histogram__range(&h, &first, &last), 1);
		assert_int_equal(first, cases[i].bucket);
		assert_int_equal(last, cases[i].bucket);
	}
}

static void test_range(void **state)
{
	struct histogram h = {0};
	size_t first = 7, last = 7;

	(void)state;
	assert_int_equal(histogram__range(&h, &first, &last), 0);
	histogram__add(&h, 4);
	histogram__add(&h, 5);
	histogram__add(&h, 100);
	assert_int_equal(h.of[3], 2);
	assert_int_equal(histogram__range(&h, &first, &last), 5);
	assert_int_equal(first, 3);
	assert_int_equal(last, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_range),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
