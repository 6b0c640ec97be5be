/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Hostile bytes become harmless, durations are short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"
#include "base/text.h"

static void assert_harmless(const char *text, const char *expected)
{
	char *harmless = text__harmless(text);

	assert_non_null(harmless);
	assert_string_equal(harmless, expected);
	free(harmless);
}

/* What is harmless already, in ASCII. */
static void test_plain(void **state)
{
	static const struct {
		const char *text, *plain;
	} cases[] = {{"", ""},
		     {"913 ns \\xff", "913 ns \\xff"},
		     {"913 \xc2\xb5s", "913 us"},
		     {"gr\xc3\xb6\xc3", "gr\\xc3\\xb6\\xc3"},
		     {"\xc2\xb6", "\\xc2\\xb6"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *plain = text__plain(cases[i].text);

		assert_non_null(plain);
		assert_string_equal(plain, cases[i].plain);
		free(plain);
	}
}

static void test_harmless(void **state)
{
	(void)state;
	assert_harmless(NULL, "");
	assert_harmless("", "");
	assert_harmless("gr\xc3\xb6\xc3\x9fte \xf0\x9f\x90\x91",
			"gr\xc3\xb6\xc3\x9fte \xf0\x9f\x90\x91");
	assert_harmless("a\n\t\x1b\x7f", "a\\x0a\\x09\\x1b\\x7f");
	/* Cut short, too long a form, surrogate, beyond Unicode, a lone continuation. */
	assert_harmless("\xc3", "\\xc3");
	assert_harmless("\xe2\x82", "\\xe2\\x82");
	assert_harmless("\xe2\x82!", "\\xe2\\x82!");
	assert_harmless("\xc0\x80", "\\xc0\\x80");
	assert_harmless("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	assert_harmless("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_harmless("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_harmless("\xbfz\xff", "\\xbfz\\xff");
	/* C1 control and right-to-left override: valid, but not harmless. */
	assert_harmless("\xc2\x9b[m", "\\xc2\\x9b[m");
	assert_harmless("\xe2\x80\xae", "\\xe2\\x80\\xae");
	/* Nobody can fake an escape, and other backslashes stay. */
	assert_harmless("\\x41 \\n \\", "\\x5cx41 \\n \\");
}

static void test_duration(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{REPORT_UNKNOWN_NS, "-"}, {0, "0 ns"},
		{999, "999 ns"},          {1000, "1.0 µs"},
		{4249, "4.2 µs"},         {9949, "9.9 µs"},
		{9950, "10 µs"},          {88499, "88 µs"},
		{999499, "999 µs"},       {999500, "1.0 ms"},
		{1500000, "1.5 ms"},      {999999999, "1.0 s"},
		{61000000000, "61 s"},    {INT64_MAX, "9223372037 s"},
	};
	char text[TEXT_DURATION_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text__duration(text, cases[i].ns);
		assert_string_equal(text, cases[i].text);
	}
}

/* What goes straight to a stream is the same as what is kept. */
static void test_print(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	text__print(out, NULL);
	text__print(out, "a\x1b[m\n\xff");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "a\\x1b[m\\x0a\\xff");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
