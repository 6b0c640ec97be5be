// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The line that says how far a run has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/status.h"

#define NEVER UINT64_MAX

static void assert_described(struct status status, const char *expected)
{
	char text[128];

	status__describe(&status, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_as_many_as_come(void **state)
{
	(void)state;
	assert_described((struct status){.left_ns = NEVER},
			 "0 connections, 0 wakes; Ctrl-C reports");
	assert_described((struct status){500, 700, 0, 10 * NS_PER_SEC, NEVER},
			 "500 connections, 50 per second, 700 wakes; Ctrl-C reports");
	assert_described((struct status){5, 7, 0, 10 * NS_PER_SEC, NEVER},
			 "5 connections, 0.5 per second, 7 wakes; Ctrl-C reports");
}

static void test_asked(void **state)
{
	(void)state;
	assert_described(
		(struct status){5, 20, 20, 10 * NS_PER_SEC, NEVER},
		"5 of 20 connections, 0.5 per second, 20 wakes, 30 s left; Ctrl-C reports");
	assert_described(
		(struct status){20, 20, 20, 10 * NS_PER_SEC, NEVER},
		"20 of 20 connections, 2.0 per second, 20 wakes, 0 s left; Ctrl-C reports");
	/* Those of somebody else. */
	assert_described((struct status){21, 20, 20, 10 * NS_PER_SEC, NEVER},
			 "21 of 20 connections, 2.1 per second, 20 wakes; Ctrl-C reports");
}

/* After a moment a rate would be anything. */
static void test_too_soon(void **state)
{
	(void)state;
	assert_described((struct status){5, 20, 20, NS_PER_SEC / 2 - 1, NEVER},
			 "5 of 20 connections, 20 wakes; Ctrl-C reports");
	assert_described((struct status){0, 0, 20, NS_PER_SEC, NEVER},
			 "0 of 20 connections, 0 wakes; Ctrl-C reports");
}

/* Whichever ends first. */
static void test_duration(void **state)
{
	(void)state;
	assert_described((struct status){0, 0, 0, 0, 7 * NS_PER_SEC},
			 "0 connections, 0 wakes, 7 s left; Ctrl-C reports");
	assert_described((struct status){5, 20, 20, 10 * NS_PER_SEC, 7 * NS_PER_SEC},
			 "5 of 20 connections, 0.5 per second, 20 wakes, 7 s left; Ctrl-C reports");
	assert_described(
		(struct status){5, 20, 20, 10 * NS_PER_SEC, 40 * NS_PER_SEC},
		"5 of 20 connections, 0.5 per second, 20 wakes, 30 s left; Ctrl-C reports");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_many_as_come),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_too_soon),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
