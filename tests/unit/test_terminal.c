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

static void assert_terminal(unsigned short columns, bool color)
{
	unsigned width = 7;
	bool colored = !color;
	int master;
	FILE *out = open_terminal(columns, &master);

	terminal__describe(out, &colored, &width);
	assert_int_equal(colored, color);
	assert_int_equal(width, columns);
	fclose(out);
	close(master);
}

static void test_terminal(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	assert_terminal(132, true);
	assert_terminal(0, true);
	setenv("NO_COLOR", "", 1);
	assert_terminal(80, false);
	unsetenv("NO_COLOR");
}

static void test_no_terminal(void **state)
{
	FILE *out = fopen("/dev/null", "we");
	unsigned width = 7;
	bool color = true;

	(void)state;
	unsetenv("NO_COLOR");
	assert_non_null(out);
	terminal__describe(out, &color, &width);
	assert_false(color);
	assert_int_equal(width, 0);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
