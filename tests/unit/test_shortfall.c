// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The sentence about a run that shows less than was asked for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run/shortfall.h"

#define SEGV "killed by signal 11 (Segmentation fault)"

static void assert_silence(struct shortfall s, const char *says)
{
	char text[256];

	if (!s.server_end)
		s.server_end = "";
	shortfall__describe_silence(&s, text, sizeof(text));
	assert_string_equal(text, says);
}

static void assert_connections(struct shortfall s, const char *says)
{
	char text[256];

	if (!s.server_end)
		s.server_end = "";
	shortfall__describe_connections(&s, text, sizeof(text));
	assert_string_equal(text, says);
}

static void test_by_user(void **state)
{
	(void)state;
	assert_true(run_end__by_user(RUN_INTERRUPTED));
	assert_true(run_end__by_user(RUN_DURATION));
	assert_false(run_end__by_user(RUN_DONE));
	assert_false(run_end__by_user(RUN_SERVER_GONE));
	assert_false(run_end__by_user(RUN_NOT_LISTENING));
}

/* ---- nothing listened ---- */

static void test_too_late(void **state)
{
	struct shortfall s = {.end = RUN_NOT_LISTENING, .command = "./server", .wait_sec = 10};

	(void)state;
	assert_silence(s, "./server did not listen on TCP or AF_UNIX within 10 s");
	s.wait_sec = 0.25;
	assert_silence(s, "./server did not listen on TCP or AF_UNIX within 0.25 s");
	s.command = NULL;
	s.running = "process 77";
	assert_silence(s, "process 77 did not listen on TCP or AF_UNIX within 0.25 s");
	s.wait_sec = 0;
	assert_silence(s, "process 77 does not listen on TCP or AF_UNIX");
}

static void test_udp(void **state)
{
	struct shortfall s = {.end = RUN_NOT_LISTENING, .running = "process 77", .has_udp = true};

	(void)state;
	assert_silence(s, "process 77 does not listen; it has bound UDP sockets: herdtrace traces "
			  "listeners of TCP and AF_UNIX");
	s.command = "dns";
	s.wait_sec = 10;
	assert_silence(s, "dns did not listen within 10 s; it has bound UDP sockets: herdtrace "
			  "traces listeners of TCP and AF_UNIX");
	s.end = RUN_INTERRUPTED;
	assert_silence(s, "dns had not listened when the trace ended; it has bound UDP sockets: "
			  "herdtrace traces listeners of TCP and AF_UNIX");
}

static void test_ended_before(void **state)
{
	struct shortfall s = {.end = RUN_SERVER_GONE, .command = "true", .wait_sec = 10};

	(void)state;
	s.server_end = "exit status 0";
	assert_silence(s, "true ended (exit status 0) before it listened");
	s.server_end = SEGV;
	assert_silence(s, "true ended (" SEGV ") before it listened");
	assert_silence((struct shortfall){.end = RUN_SERVER_GONE, .running = "process 77"},
		       "process 77 ended before it listened");
	s.end = RUN_DURATION;
	assert_silence(s, "true had not listened on TCP or AF_UNIX when the trace ended");
}

/* What does not fit is cut, wherever that is. */
static void test_long_name(void **state)
{
	struct shortfall s = {.end = RUN_NOT_LISTENING, .has_udp = true, .server_end = ""};
	char name[400], text[256];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	s.command = name;
	for (size_t size = 1; size <= sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		shortfall__describe_silence(&s, text, size);
		assert_true(strlen(text) < size);
		assert_true(size == sizeof(text) || text[size] == '#');
	}
}

/* ---- too few connections ---- */

static void test_server_ended(void **state)
{
	struct shortfall s = {.end = RUN_SERVER_GONE, .asked = 6, .arrived = 3};

	(void)state;
	assert_connections(s, "the server ended after 3 of 6 connections");
	s.server_end = "exit status 0";
	assert_connections(s, "the server ended (exit status 0) after 3 of 6 connections");
	s.server_end = SEGV;
	s.killed = true;
	assert_connections(s, "the server was " SEGV " after 3 of 6 connections");
}

static void test_not_made(void **state)
{
	struct shortfall s = {.asked = 20, .arrived = 3, .failed = 17, .error = ECONNREFUSED};

	(void)state;
	assert_connections(s,
			   "3 of 20 connections arrived: 17 could not be made: Connection refused");
	s.failed = 0;
	assert_connections(s, "3 of 20 connections arrived at a listener that is traced");
}

static void test_ended_by_user(void **state)
{
	struct shortfall s = {.end = RUN_DURATION, .asked = 20, .arrived = 3, .killed = true};

	(void)state;
	s.server_end = SEGV;
	assert_connections(s, "the duration was over after 3 of 20 connections");
	s.end = RUN_INTERRUPTED;
	assert_connections(s, "the trace was interrupted after 3 of 20 connections");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_user),   cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_udp),       cmocka_unit_test(test_ended_before),
		cmocka_unit_test(test_long_name), cmocka_unit_test(test_server_ended),
		cmocka_unit_test(test_not_made),  cmocka_unit_test(test_ended_by_user),
	};

	return cmocka_run_group_tests_name("shortfall", tests, NULL, NULL);
}
