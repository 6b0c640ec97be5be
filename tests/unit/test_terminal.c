// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Terminals and what is none. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "print/terminal.h"

static FILE *open_terminal(unsigned short columns, int *master)
{
	struct winsize size = {.ws_col = columns, .ws_row = 24};
	FILE *out;

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*master >= 0);
	assert_int_equal(grantpt(*master), 0);
	assert_int_equal(unlockpt(*master), 0);
	assert_int_equal(ioctl(*master, TIOCSWINSZ, &size), 0);
	out = fopen(ptsname(*master), "we");
	assert_non_null(out);
	return out;
}

/* As the tests begin: nothing says anything. */
static int clear(void **state)
{
	static const char *const names[] = {"NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	return setenv("TERM", "xterm", 1);
}

static struct terminal describe_terminal(unsigned short columns, enum color_mode mode)
{
	struct terminal found;
	int master;
	FILE *out = open_terminal(columns, &master);

	found = terminal__describe(out, mode);
	fclose(out);
	close(master);
	return found;
}

static struct terminal describe_file(enum color_mode mode)
{
	FILE *out = fopen("/dev/null", "we");
	struct terminal found;

	assert_non_null(out);
	found = terminal__describe(out, mode);
	fclose(out);
	return found;
}

static void test_color(void **state)
{
	(void)state;
	assert_true(describe_terminal(80, COLOR_AUTO).color);
	assert_false(describe_terminal(80, COLOR_NEVER).color);
	assert_false(describe_file(COLOR_AUTO).color);
	assert_true(describe_file(COLOR_ALWAYS).color);
	unsetenv("TERM");
	assert_true(describe_terminal(80, COLOR_AUTO).color);
}

static void test_no_color(void **state)
{
	(void)state;
	setenv("NO_COLOR", "", 1);
	assert_false(describe_terminal(80, COLOR_AUTO).color);
	assert_true(describe_terminal(80, COLOR_ALWAYS).color);
}

static void test_dumb_terminal(void **state)
{
	int master;
	FILE *out = open_terminal(80, &master);

	(void)state;
	assert_true(terminal__is_smart(out));
	setenv("TERM", "dumb", 1);
	assert_false(terminal__is_smart(out));
	assert_false(describe_terminal(80, COLOR_AUTO).color);
	assert_true(describe_terminal(80, COLOR_ALWAYS).color);
	fclose(out);
	close(master);
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(describe_terminal(132, COLOR_AUTO).width, 132);
	assert_int_equal(describe_terminal(0, COLOR_AUTO).width, 0);
	assert_int_equal(describe_file(COLOR_AUTO).width, 0);
	setenv("COLUMNS", "97", 1);
	assert_int_equal(describe_terminal(132, COLOR_AUTO).width, 132);
	assert_int_equal(describe_terminal(0, COLOR_AUTO).width, 97);
	assert_int_equal(describe_file(COLOR_AUTO).width, 97);
}

static void test_impossible_width(void **state)
{
	static const char *const texts[] = {"", "0", "-5", "wide", "10001"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		setenv("COLUMNS", texts[i], 1);
		assert_int_equal(describe_file(COLOR_AUTO).width, 0);
	}
}

/* Nothing said: a terminal gets ASCII, a file UTF-8. */
static void test_unknown_characters(void **state)
{
	(void)state;
	assert_true(describe_terminal(80, COLOR_AUTO).ascii);
	assert_false(describe_file(COLOR_AUTO).ascii);
	setenv("LC_ALL", "", 1);
	assert_false(describe_file(COLOR_AUTO).ascii);
}

static void test_characters(void **state)
{
	(void)state;
	setenv("LANG", "C", 1);
	assert_true(describe_file(COLOR_AUTO).ascii);
	setenv("LC_CTYPE", "en_GB.utf8", 1);
	assert_false(describe_file(COLOR_AUTO).ascii);
	assert_false(describe_terminal(80, COLOR_AUTO).ascii);
	setenv("LC_ALL", "POSIX", 1);
	assert_true(describe_file(COLOR_AUTO).ascii);
	setenv("LC_ALL", "xx_XX.UTF-8", 1);
	assert_false(describe_file(COLOR_AUTO).ascii);
	setenv("LC_ALL", "de_DE.ISO-8859-1", 1);
	assert_true(describe_terminal(80, COLOR_AUTO).ascii);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_color, clear),
		cmocka_unit_test_setup(test_no_color, clear),
		cmocka_unit_test_setup(test_dumb_terminal, clear),
		cmocka_unit_test_setup(test_width, clear),
		cmocka_unit_test_setup(test_impossible_width, clear),
		cmocka_unit_test_setup(test_unknown_characters, clear),
		cmocka_unit_test_setup(test_characters, clear),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
