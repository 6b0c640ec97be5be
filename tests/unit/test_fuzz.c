// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Whatever well-formed records say and in whatever order, the report is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "story.h"
#include "stream_fixture.h"
#include "report/verdict.h"

/* Wrong bytes: a few at random, or a piece that moves. */
static void mutate(uint64_t *seed, char *bytes, size_t len)
{
	unsigned flips = draw(seed, 6);
	size_t from, to, size;

	while (flips--)
		bytes[draw(seed, len)] ^= 1 << draw(seed, 8);
	if (draw(seed, 3))
		return;
	size = draw(seed, 120) & ~7u;
	if (size > len)
		return;
	from = draw(seed, len - size + 1) & ~7u;
	to = draw(seed, len - size + 1) & ~7u;
	memmove(bytes + to, bytes + from, size);
}

/* Every report is sound; sums that are not equal are said to be a loss. */
static void assert_sound(struct report *r, unsigned round)
{
	assert_non_null(r);
	if (report__malformed(r))
		fail_msg("round %u: malformed: %s", round, report__malformed(r));
	if (!r->loss.incomplete && report__unbalanced(r))
		fail_msg("round %u: unbalanced: %s", round, report__unbalanced(r));
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	if (r->loss.incomplete)
		assert_int_equal(r->verdicts.herd.value, VERDICT_INCONCLUSIVE);
	report__free(r);
}

/* What is consistent, in whatever order it comes, is complete and balanced. */
static void test_random_stories(void **state)
{
	uint64_t seed = 20240607;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct story s = {.seed = &seed};
		struct tape t = {0};
		struct report *r;

		story__make(&t, &s);
		r = tape__report(&t);
		assert_non_null(r);
		if (r->loss.incomplete)
			fail_msg("round %u: %s", round, r->loss.reason);
		assert_sound(r, round);
		tape__free(&t);
	}
}

static void test_fuzz(void **state)
{
	uint64_t seed = 987654321;
	unsigned read = 0, complete = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct story s = {.seed = &seed, .hostile = draw(&seed, 4)};
		struct error error = {0};
		struct tape t = {0};
		struct report *r;
		size_t len;
		char *bytes;
		int err;

		story__make(&t, &s);
		bytes = tape__recording(&t, &len);
		if (draw(&seed, 4))
			mutate(&seed, bytes, len);
		err = read_bytes(bytes, len, &error, &r);
		assert_int_equal(error.fault, err ? FAULT_INPUT : FAULT_NONE);
		assert_true(!err || !strncmp(error.text, "small.rec: ", 11));
		read += !err;
		complete += !err && !r->loss.incomplete;
		assert_sound(r, round);
		free(bytes);
		tape__free(&t);
	}
	/* Enough got far enough for this to mean something. */
	assert_in_range(read, 5000, 15000);
	assert_in_range(complete, 1000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_stories),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
