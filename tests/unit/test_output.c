// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Files that can be written and those that cannot, terminals and what is none. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "print/output.h"

#define FULL    "/dev/full"
#define NOWHERE "/no/such/directory/file"

static void make_name(char name[32])
{
	int fd;

	strcpy(name, "/tmp/herdtrace-output.XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	close(fd);
}

/* ---- opening ---- */

static void test_no_name_is_stdout(void **state)
{
	struct error error = {0};

	(void)state;
	assert_ptr_equal(output__open(NULL, &error), stdout);
	assert_int_equal(error.fault, FAULT_NONE);
}

static void test_cannot_open(void **state)
{
	struct error error = {0};

	(void)state;
	assert_null(output__open(NOWHERE, &error));
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_string_equal(error.text, "cannot write " NOWHERE ": No such file or directory");
}

/* What was in it before is gone, and what a traced command runs does not inherit it. */
static void test_writes(void **state)
{
	struct error error = {0};
	char name[32], text[32] = "";
	FILE *out, *in;

	(void)state;
	make_name(name);
	for (int i = 0; i < 2; i++) {
		out = output__open(name, &error);
		assert_non_null(out);
		assert_true(fcntl(fileno(out), F_GETFD) & FD_CLOEXEC);
		fprintf(out, "%s\n", i ? "two" : "the first");
		assert_int_equal(output__finish(out, 0, name, "the report", &error), 0);
	}
	assert_int_equal(error.fault, FAULT_NONE);
	in = fopen(name, "re");
	assert_non_null(in);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, in), 4);
	assert_string_equal(text, "two\n");
	fclose(in);
	unlink(name);
}

/* ---- finishing ---- */

/* The stream's buffer takes everything: only closing it shows that the disk is full. */
static void test_full(void **state)
{
	struct error error = {0};
	FILE *out = output__open(FULL, &error);

	(void)state;
	assert_non_null(out);
	fputs("a line\n", out);
	assert_int_equal(output__finish(out, 0, FULL, "the report", &error), -ENOSPC);
	assert_int_equal(error.fault, FAULT_DATA);
	assert_string_equal(error.text, "cannot write " FULL ": No space left on device");
}

/* Whoever wrote it failed: that counts, also where closing it fails too. */
static void test_failed_before(void **state)
{
	static const char *const names[] = {FULL, "/dev/null"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct error error = {0};
		FILE *out = output__open(names[i], &error);

		assert_non_null(out);
		fputs("a line\n", out);
		assert_int_equal(output__finish(out, -ENOMEM, NULL, "the list", &error), -ENOMEM);
		assert_int_equal(error.fault, FAULT_DATA);
		assert_string_equal(error.text, "cannot write the list: Cannot allocate memory");
	}
}

/* So early that there is nothing left to be written when it is closed. */
static void test_failed_unnoticed(void **state)
{
	struct error error = {0};
	FILE *out = output__open(FULL, &error);

	(void)state;
	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	fputs("a line\n", out);
	assert_int_equal(output__finish(out, 0, NULL, "the list", &error), -EIO);
	assert_int_equal(error.fault, FAULT_DATA);
}

/* ---- terminals ---- */

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

	output__terminal(out, &colored, &width);
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
	struct error error = {0};
	FILE *out = output__open("/dev/null", &error);
	unsigned width = 7;
	bool color = true;

	(void)state;
	unsetenv("NO_COLOR");
	assert_non_null(out);
	output__terminal(out, &color, &width);
	assert_false(color);
	assert_int_equal(width, 0);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_name_is_stdout),
		cmocka_unit_test(test_cannot_open),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_failed_before),
		cmocka_unit_test(test_failed_unnoticed),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
