// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Lines on stderr, errors as values, and the exit statuses that commands make of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/log.h"
#include "capture_fixture.h"
#include "commands/commands.h"

/* ---- log ---- */

static void test_error_line(void **state)
{
	struct capture err;

	(void)state;
	capture__begin(&err, stderr);
	log_error("%s: %d", "a", 5);
	log_error("b");
	capture__end(&err);
	assert_string_equal(err.text, "herdtrace: a: 5\nherdtrace: b\n");
}

/* What a terminal would obey, or take for the end of the line. */
static void test_harmless(void **state)
{
	struct capture err;

	(void)state;
	capture__begin(&err, stderr);
	log_error("%s", "\033[2J\r\n\x07 \xe2\x80\xae \xc3\xb6 \xff");
	capture__end(&err);
	assert_string_equal(err.text, "herdtrace: \\x1b[2J\\x0d\\x0a\\x07 \\xe2\\x80\\xae \xc3\xb6 "
				      "\\xff\n");
}

static void test_details(void **state)
{
	struct capture err;
	int before, between, after;

	(void)state;
	capture__begin(&err, stderr);
	before = log_is_verbose();
	log_detail("not %s", "said");
	log_set_verbose(1);
	between = log_is_verbose();
	log_detail("said %d", 1);
	log_set_verbose(0);
	after = log_is_verbose();
	log_detail("nor this");
	capture__end(&err);
	assert_false(before);
	assert_true(between);
	assert_false(after);
	assert_string_equal(err.text, "herdtrace: said 1\n");
}

static void test_notes(void **state)
{
	struct capture err;

	(void)state;
	capture__begin(&err, stderr);
	log_note("said %d", 1);
	log_set_quiet(1);
	log_note("not said");
	log_error("an error");
	log_set_quiet(0);
	log_note("said %d", 2);
	capture__end(&err);
	assert_string_equal(err.text,
			    "herdtrace: said 1\nherdtrace: an error\nherdtrace: said 2\n");
}

static void test_ascii(void **state)
{
	struct capture err;

	(void)state;
	capture__begin(&err, stderr);
	log_set_ascii(1);
	log_error("913 \xc2\xb5s of w\xc3\xb6 \033");
	log_set_ascii(0);
	capture__end(&err);
	assert_string_equal(err.text, "herdtrace: 913 us of w\\xc3\\xb6 \\x1b\n");
}

/* Too long a line is cut, and still ends. */
static void test_long_line(void **state)
{
	struct capture err;
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	capture__begin(&err, stderr);
	log_error("%s", text);
	capture__end(&err);
	assert_int_equal(strlen(err.text), strlen("herdtrace: ") + 1023 + 1);
	assert_ptr_equal(strchr(err.text, '\n'), err.text + strlen(err.text) - 1);
}

/* ---- errors ---- */

static void test_error(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(error__set(&error, FAULT_DATA, -EIO, "%s %d", "lost", 3), -EIO);
	assert_int_equal(error.fault, FAULT_DATA);
	assert_string_equal(error.text, "lost 3");
}

static void test_first_error_stays(void **state)
{
	struct error error = {0};

	(void)state;
	error__set(&error, FAULT_SYSTEM, -EPERM, "the cause");
	assert_int_equal(error__set(&error, FAULT_INPUT, -EINVAL, "what came of it"), -EINVAL);
	assert_int_equal(error.fault, FAULT_SYSTEM);
	assert_string_equal(error.text, "the cause");
}

static void test_long_error(void **state)
{
	struct error error = {0};
	char text[2 * ERROR_TEXT_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error__set(&error, FAULT_INPUT, -EINVAL, "%s", text);
	assert_int_equal(strlen(error.text), ERROR_TEXT_SIZE - 1);
}

/* ---- exit statuses ---- */

static enum exit_status fail_with(const struct error *error, const char *says)
{
	enum exit_status status;
	struct capture err;

	capture__begin(&err, stderr);
	status = command__fail(error);
	capture__end(&err);
	assert_string_equal(err.text, says);
	return status;
}

static void test_statuses(void **state)
{
	struct error input = {FAULT_INPUT, "a"}, system = {FAULT_SYSTEM, "b %s"},
		     data = {FAULT_DATA, "c"}, said = {FAULT_INPUT, ""}, none = {0};

	(void)state;
	assert_int_equal(fail_with(&input, "herdtrace: a\n"), 2);
	assert_int_equal(fail_with(&system, "herdtrace: b %s\n"), 3);
	assert_int_equal(fail_with(&data, "herdtrace: c\n"), 4);
	assert_int_equal(fail_with(&said, ""), 2);
	assert_int_equal(fail_with(&none, ""), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_line), cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_notes),      cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_details),    cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_error),      cmocka_unit_test(test_first_error_stays),
		cmocka_unit_test(test_long_error), cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
