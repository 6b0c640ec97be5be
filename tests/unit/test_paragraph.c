// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Sentences that are broken between words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "print/paragraph.h"

static void assert_printed(struct terminal terminal, const char *text, struct paragraph_color color,
			   const char *expected)
{
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	assert_int_equal(paragraph__print(out, &terminal, text, color), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, expected);
	free(printed);
}

static void assert_wrapped(unsigned width, const char *text, const char *expected)
{
	assert_printed((struct terminal){.width = width}, text, (struct paragraph_color){0},
		       expected);
}

static void test_wrapping(void **state)
{
	(void)state;
	assert_wrapped(0, "one two three four", "one two three four\n");
	assert_wrapped(18, "one two three four", "one two three four\n");
	assert_wrapped(17, "one two three four", "one two three\n    four\n");
	assert_wrapped(9, "one two three four", "one two\n    three\n    four\n");
	assert_wrapped(20, "", "\n");
	/* Blanks in a line stay as they are. */
	assert_wrapped(20, "one:  two", "one:  two\n");
}

static void test_long_words(void **state)
{
	(void)state;
	assert_wrapped(8, "ab abcdefghijkl ab", "ab\n    abcdefghijkl\n    ab\n");
	assert_wrapped(2, "abc def", "abc\n    def\n");
}

static void test_cells(void **state)
{
	(void)state;
	assert_wrapped(11,
		       "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6 \xc2\xb5\xc2\xb5\xc2\xb5\xc2"
		       "\xb5\xc2\xb5",
		       "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6 \xc2\xb5\xc2\xb5\xc2\xb5\xc2\xb5"
		       "\xc2\xb5\n");
}

static void test_harmless(void **state)
{
	(void)state;
	assert_wrapped(0, "a\nb\033[m", "a\\x0ab\\x1b[m\n");
	assert_printed((struct terminal){.ascii = true}, "5 \xc2\xb5s \xc3\xb6\n",
		       (struct paragraph_color){0}, "5 us \\xc3\\xb6\\x0a\n");
}

static void test_color(void **state)
{
	struct paragraph_color red = {"two three", "<"};

	(void)state;
	assert_printed((struct terminal){.color = true}, "one two three, two three", red,
		       "one <two three\033[0m, two three\n");
	assert_printed((struct terminal){0}, "one two three", red, "one two three\n");
	assert_printed((struct terminal){.color = true}, "one", red, "one\n");
	/* Colours take no cells. */
	assert_printed((struct terminal){.color = true, .width = 14}, "one two three.", red,
		       "one <two three\033[0m.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrapping), cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_cells),    cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_color),
	};

	return cmocka_run_group_tests_name("paragraph", tests, NULL, NULL);
}
