// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What is said before a run that is too short for what it is to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "commands/enough.h"
#include "options_fixture.h"

static void assert_said(const char *const *words, const char *expected)
{
	struct parsed p;
	char text[256];

	parse_words(&p, words);
	assert_taken(&p);
	assert_int_equal(enough__describe(&p.options, text, sizeof(text)), *expected != '\0');
	assert_string_equal(text, expected);
}

#define ASSERT_SAID(expected, ...) \
	assert_said((const char *const[]){__VA_ARGS__, "true", NULL}, (expected))

static void test_few(void **state)
{
	(void)state;
	ASSERT_SAID("-n 19 may prove a herd or stranding, but not rule them out: that takes 20 "
		    "connections, and skew some 25 for each worker",
		    "-n19");
	ASSERT_SAID("", "-n20");
	ASSERT_SAID("", "-d5");
}

static void test_skew(void **state)
{
	static const char *const little = "-n 49 is little to judge skew by: that takes some 25 "
					  "connections for each worker";

	(void)state;
	ASSERT_SAID(little, "-n49", "--expect=skew");
	ASSERT_SAID(little, "-n49", "--expect=no-skew");
	ASSERT_SAID("", "-n50", "--expect=no-skew");
	ASSERT_SAID("", "-n49", "--expect=no-herd");
}

static void test_stranding(void **state)
{
	(void)state;
	ASSERT_SAID("connections one by one, each to idle workers, cannot rule out stranding: "
		    "--concurrency keeps workers busy",
		    "-n100", "--expect=no-stranding");
	ASSERT_SAID("", "-n100", "--expect=no-stranding", "--concurrency=2");
	ASSERT_SAID("", "-n100", "--expect=no-stranding", "--gap=0");
	ASSERT_SAID("", "-n100", "--expect=stranding");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_skew),
		cmocka_unit_test(test_stranding),
	};

	return cmocka_run_group_tests_name("enough", tests, NULL, NULL);
}
