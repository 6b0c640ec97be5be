// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What has changed between two runs, and whether that is more than chance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compare/changes.h"
#include "compare/fisher.h"
#include "compare/ranks.h"

/* ---- the test ---- */

static double test(int64_t a, int64_t of_a, int64_t b, int64_t of_b)
{
	return fisher__test((struct portion){a, of_a}, (struct portion){b, of_b});
}

static void assert_near(double seen, double wanted)
{
	if (fabs(seen - wanted) > 1e-6)
		fail_msg("%.9f, wanted %.9f", seen, wanted);
}

/* By hand: of the 70 ways to choose 4 of 8, 1 + 16 + 16 + 1 are as extreme as 3 and 1, 1 + 1 as 4 and 0. */
static void test_fisher(void **state)
{
	(void)state;
	assert_near(test(3, 4, 1, 4), 34.0 / 70);
	assert_near(test(4, 4, 0, 4), 2.0 / 70);
	assert_near(test(0, 4, 4, 4), 2.0 / 70);
	assert_near(test(2, 4, 2, 4), 1);
	assert_near(test(0, 4, 0, 9), 1);
	assert_near(test(0, 0, 3, 9), 1);
	/* Of 3 that are taken of 2 and 8, both of the two: 8 of 120 ways. */
	assert_near(test(2, 2, 1, 8), 8.0 / 120);
}

/* Where the exact test would take long, the other one says the same. */
static void test_many(void **state)
{
	double few = test(530, 1000, 480, 1000);
	double many = test(53000, 100000, 52000, 100000);

	(void)state;
	assert_true(few > 0.02 && few < 0.04);
	assert_true(many < 1e-4);
	assert_true(test(50010, 100000, 50000, 100000) > 0.9);
	assert_near(test(0, 100000, 0, 100000), 1);
}

/* ---- what is said ---- */

#define RUN(SUMMARY, VERDICT)                                       \
	"{\"schema\": \"herdtrace/1\", \"summary\": {" SUMMARY "}," \
	"\"loss\": {\"incomplete\": false, \"reason\": \"\"}, \"verdict\": {" VERDICT "}}"

static void find(struct changes *c, const char *before, const char *after)
{
	json_t *a = json_loads(before, 0, NULL), *b = json_loads(after, 0, NULL);

	assert_non_null(a);
	assert_non_null(b);
	changes__find(c, a, b);
	json_decref(a);
	json_decref(b);
}

static void assert_one(const char *before, const char *after, const char *what, const char *text,
		       bool certain)
{
	struct changes c;

	find(&c, before, after);
	assert_int_equal(c.cnt, 1);
	assert_string_equal(c.at[0].what, what);
	assert_string_equal(c.at[0].text, text);
	assert_int_equal(change__is_certain(&c.at[0]), certain);
}

#define HERD(HERDS, ALL) \
	RUN("", "\"herd_sample\": {\"herds\": " HERDS ", \"opportunities\": " ALL "}")

static void test_herd(void **state)
{
	(void)state;
	assert_one(
		HERD("40", "40"), HERD("0", "38"), "herd",
		"Of connections that found two or more tasks waiting, 100 % woke more than were of "
		"use before (40 of 40), 0 % after (0 of 38): more than chance",
		true);
	assert_one(
		HERD("2", "40"), HERD("0", "38"), "herd",
		"Of connections that found two or more tasks waiting, 5 % woke more than were of "
		"use before (2 of 40), 0 % after (0 of 38): chance alone can do that",
		false);
}

/* ---- wakes ---- */

/* Of cnt connections with so many wakes each, all but one for nothing. Hand-overs of a lock are none. */
static char *run_with_wakes(size_t wakes, size_t cnt)
{
	json_t *list = json_array(), *rows = json_array();
	json_t *document;
	char *text;

	for (size_t i = 0; i < wakes; i++)
		json_array_append_new(list, json_pack("{s:s}", "cause", "epoll"));
	json_array_append_new(list, json_pack("{s:s}", "cause", "lock"));
	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(rows, json_pack("{s:O, s:I}", "wakes", list, "wasted",
						      (json_int_t)wakes - 1));
	document = json_pack("{s:{s:I, s:I, s:I}, s:o}", "summary", "connections", (json_int_t)cnt,
			     "wakes", (json_int_t)(wakes * cnt), "wasted",
			     (json_int_t)((wakes - 1) * cnt), "connections", rows);
	text = json_dumps(document, 0);
	json_decref(document);
	json_decref(list);
	return text;
}

static void assert_wakes(const char *before, const char *after, const char *wakes,
			 const char *waste, bool certain)
{
	struct changes c;

	find(&c, before, after);
	assert_int_equal(c.cnt, 2);
	assert_string_equal(c.at[0].what, "wakes");
	assert_string_equal(c.at[0].text, wakes);
	assert_int_equal(change__is_certain(&c.at[0]), certain);
	assert_string_equal(c.at[1].what, "waste");
	assert_string_equal(c.at[1].text, waste);
	assert_int_equal(change__is_certain(&c.at[1]), certain);
}

static void test_wakes(void **state)
{
	char *four = run_with_wakes(4, 20), *two = run_with_wakes(2, 200),
	     *few = run_with_wakes(2, 2);

	(void)state;
	assert_wakes(four, two, "A connection made 4.00 wakes before, 2.00 after: more than chance",
		     "Of these 3.00 were for nothing before, 1.00 after: more than chance", true);
	assert_wakes(four, few, "A connection made 4.00 wakes before, 2.00 after: more than chance",
		     "Of these 3.00 were for nothing before, 1.00 after: more than chance", true);
	assert_wakes(two, few,
		     "A connection made 2.00 wakes before, 2.00 after: chance alone can do that",
		     "Of these 1.00 were for nothing before, 1.00 after: chance alone can do that",
		     false);
	free(four);
	free(two);
	free(few);
}

#define NO_ROWS ": whether by chance only rows can say, which are not there"

static void test_wakes_without_rows(void **state)
{
	(void)state;
	assert_wakes(RUN("\"connections\": 20, \"wakes\": 80, \"wasted\": 60", ""),
		     RUN("\"connections\": 40, \"wakes\": 42, \"wasted\": 2", ""),
		     "A connection made 4.00 wakes before, 1.05 after" NO_ROWS,
		     "Of these 3.00 were for nothing before, 0.05 after" NO_ROWS, false);
}

static double rank(const double *a, size_t a_cnt, const double *b, size_t b_cnt)
{
	return ranks__test(&(struct sample){(double *)a, a_cnt},
			   &(struct sample){(double *)b, b_cnt});
}

/*
 * By hand: of the 252 ways to choose 5 of 10, 2 are as far apart as 1 to 5 and 6 to 10. Of 1 1 2 2 2 any two: 3 of ten ways
 * are two 2s, one is two 1s, which is further from the mean, the other six are nearer to it.
 */
static void test_ranks(void **state)
{
	const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10}, same[] = {7, 7, 7, 7};
	const double a[] = {1, 2, 1}, b[] = {2, 2};

	(void)state;
	assert_near(rank(low, 5, high, 5), 2.0 / 252);
	assert_near(rank(high, 5, low, 5), 2.0 / 252);
	assert_near(rank(a, 3, b, 2), 4.0 / 10);
	assert_near(rank(low, 5, low, 5), 1);
	assert_near(rank(same, 4, same, 3), 1);
	assert_near(rank(low, 5, high, 0), 1);
	assert_near(rank(low, 1, high, 1), 1);
}

/* Every third number of the first sample is a 2, of the second every kth: else 1. */
static double rank_many(size_t cnt, size_t k)
{
	double a[400], b[400];

	for (size_t i = 0; i < cnt; i++) {
		a[i] = i % 3 ? 1 : 2;
		b[i] = i % k ? 1 : 2;
	}
	return rank(a, cnt, b, cnt);
}

/* Where the exact test would take long, the other one says much the same. Of two values Fisher's says the same, too. */
static void test_many_ranks(void **state)
{
	double exact = rank_many(48, 5), approximate = rank_many(72, 5);

	(void)state;
	assert_near(exact, test(16, 48, 10, 48));
	assert_true(fabs(approximate - test(24, 72, 15, 72)) < 0.005);
	assert_near(rank_many(400, 3), 1);
	assert_true(rank_many(400, 9) < 1e-6);
}

/* ---- shares ---- */

#define SHARE(SHARE_, DRAWS) \
	RUN("", "\"skew_sample\": {\"share\": " SHARE_ ", \"draws\": " DRAWS "}")

static void test_share(void **state)
{
	(void)state;
	assert_one(SHARE("0.7", "100"), SHARE("0.26", "100"), "share",
		   "The worker with the largest share took 70 % of 100 draws before, 26 % of 100 "
		   "after: more than chance",
		   true);
	assert_one(SHARE("0.4", "10"), SHARE("0.3", "10"), "share",
		   "The worker with the largest share took 40 % of 10 draws before, 30 % of 10 "
		   "after: chance alone can do that",
		   false);
}

#define STRANDED(CNT, ALL) \
	RUN("", "\"stranding_sample\": {\"stranded\": " CNT ", \"opportunities\": " ALL "}")

static void test_stranding(void **state)
{
	(void)state;
	assert_one(
		STRANDED("9", "30"), STRANDED("0", "30"), "stranding",
		"Of connections that came while a worker was busy, 30 % were stranded before (9 of "
		"30), 0 % after (0 of 30): more than chance",
		true);
}

static void test_load(void **state)
{
	(void)state;
	assert_one(RUN("\"severity\": {\"connections_per_sec\": 100}", ""),
		   RUN("\"severity\": {\"connections_per_sec\": 151.5}", ""), "load",
		   "The load was not the same: 100 connections per second before, 152 after",
		   false);
}

/* With rows of cnt connections that waited for so long each. */
static char *run_with_waits(const int64_t *ns, size_t cnt)
{
	json_t *document = json_object(), *rows = json_array();
	char *text;

	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(rows, json_pack("{s:I}", "arrival_to_accept_ns",
						      (json_int_t)ns[i]));
	json_array_append_new(rows, json_pack("{s:n}", "arrival_to_accept_ns"));
	json_object_set_new(document, "connections", rows);
	text = json_dumps(document, 0);
	json_decref(document);
	return text;
}

static void test_wait(void **state)
{
	int64_t slow[20], quick[20];
	char *a, *b;

	(void)state;
	for (int i = 0; i < 20; i++) {
		slow[i] = 10000000 + i;
		quick[i] = 2000000 + i;
	}
	a = run_with_waits(slow, 20);
	b = run_with_waits(quick, 20);
	assert_one(a, b, "wait",
		   "From arrival to accept it took 10 ms before, 2.0 ms after (median): more than "
		   "chance",
		   true);
	free(b);
	b = run_with_waits(slow, 20);
	assert_one(
		a, b, "wait",
		"From arrival to accept it took 10 ms before, 10 ms after (median): chance alone "
		"can do that",
		false);
	free(a);
	free(b);
}

/* ---- what says nothing ---- */

static void test_incomplete(void **state)
{
	(void)state;
	assert_one(HERD("40", "40"),
		   "{\"loss\": {\"incomplete\": true, \"reason\": \"3 records were lost\"},"
		   "\"verdict\": {\"herd_sample\": {\"herds\": 1, \"opportunities\": 9}}}",
		   "incomplete",
		   "The run after is incomplete, as 3 records were lost: nothing follows from it",
		   false);
}

static void test_nonsense(void **state)
{
	static const char *const odd[] = {
		"{}",
		"{\"verdict\": 7, \"summary\": [], \"loss\": \"x\", \"connections\": {}}",
		HERD("41", "40"),
		HERD("-1", "40"),
		HERD("1e9", "40"),
		HERD("1", "9000000000000000000"),
		HERD("0", "0"),
		SHARE("7.5", "10"),
		SHARE("-1", "10"),
		SHARE("0.5", "-10"),
		RUN("\"connections\": 0, \"wakes\": 80, \"wasted\": 60", ""),
		RUN("\"connections\": 10, \"wakes\": -80, \"wasted\": 60", ""),
		"{\"connections\": [{\"arrival_to_accept_ns\": -5}, 3, null]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct changes c;

		find(&c, odd[i], odd[i]);
		assert_int_equal(c.cnt, 0);
		find(&c, odd[i], HERD("40", "40"));
		assert_int_equal(c.cnt, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fisher),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_herd),
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_wakes_without_rows),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_many_ranks),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_stranding),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
