// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Verdicts: what is missing, the chi-square distribution. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "report/chi_square.h"
#include "verdict_fixture.h"

/* ---- loss ---- */

static void test_incomplete(void **state)
{
	static const enum wake_cause causes[] = {CAUSE_EPOLL, CAUSE_OTHER};

	(void)state;
	for (int what = 0; what < 4; what++) {
		struct tape t = {0};
		struct record_end *end;
		struct report *r;

		for (unsigned i = 1; i <= 20; i++)
			arrive(&t, i, 2, 2, causes[what == 3]);
		if (what) {
			end = tape__end(&t);
			end->missed_probes = what == 1;
			end->wakes += what == 2;
		}
		r = decided(&t);
		assert_true(r->loss.incomplete);
		assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, r->loss.reason);
		assert_verdict(&r->verdicts.skew, VERDICT_INCONCLUSIVE, "missing");
		assert_verdict(&r->verdicts.stranding, VERDICT_INCONCLUSIVE, "missing");
		assert_string_equal(r->verdicts.advice, "");
		report__free(r);
	}
}

/* ---- chi-square ---- */

/* What a table of the distribution says for 0.001. */
static void test_chi_square(void **state)
{
	static const struct {
		unsigned degrees;
		double value;
	} table[] = {
		{1, 10.828},  {2, 13.816},  {3, 16.266},  {4, 18.467},   {6, 22.458},
		{10, 29.588}, {20, 45.315}, {30, 59.703}, {99, 148.230}, {100, 149.449},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		double tail = chi_square__tail(table[i].value, table[i].degrees);

		/* The table is rounded to three places. */
		assert_true(tail > 0.000999 && tail < 0.001001);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_chi_square),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
