// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* "Did you mean": how far words are from each other, and which are too far. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/command_table.h"
#include "cli/suggest.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "ab", 1},
		{"abc", "xabc", 1},
		{"abcd", "acbd", 1},
		{"reprot", "report", 1},
		{"kitten", "sitting", 3},
		{"ab", "ba", 1},
		{"aab", "baa", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(suggest__distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(suggest__distance(cases[i].b, cases[i].a), cases[i].distance);
	}
}

static void test_long_words(void **state)
{
	const char *fits = "abcdefghijklmnopqrstuvwxyz01234",
		   *longer = "abcdefghijklmnopqrstuvwxyz012345";

	(void)state;
	assert_int_equal(suggest__distance(fits, fits), 0);
	assert_int_equal(suggest__distance(fits, longer), SUGGEST_WORD_MAX + 1);
	assert_int_equal(suggest__distance(longer, longer), SUGGEST_WORD_MAX + 1);
}

static void test_nearer(void **state)
{
	(void)state;
	assert_null(suggest__nearer("herd", NULL, NULL));
	assert_null(suggest__nearer("herd", "help", NULL));
	assert_string_equal(suggest__nearer("hepl", NULL, "help"), "help");
	assert_string_equal(suggest__nearer("formta", "form", "format"), "format");
	assert_string_equal(suggest__nearer("formta", "format", "form"), "format");
	/* The first of equals stays. */
	assert_string_equal(suggest__nearer("abc", "abd", "abe"), "abd");
	/* One letter of two is too much. */
	assert_null(suggest__nearer("ab", "ac", NULL));
}

static void test_commands(void **state)
{
	(void)state;
	assert_string_equal(command_table__near("reprot"), "report");
	assert_string_equal(command_table__near("verfiy"), "verify");
	assert_string_equal(command_table__near("docter"), "doctor");
	assert_null(command_table__near("nginx"));
	assert_null(command_table__near(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_nearer),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
