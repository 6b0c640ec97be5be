// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How often a listener's queue was full, by /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "target/overflows.h"

static uint64_t parse(const char *text)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	uint64_t cnt;

	assert_non_null(f);
	cnt = overflows__parse(f);
	fclose(f);
	return cnt;
}

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(parse("TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"
			       "TcpExt: 1 22 333\nIpExt: InOctets\nIpExt: 7\n"),
			 22);
	assert_int_equal(
		parse("IpExt: ListenOverflows\nIpExt: 7\nTcpExt: ListenOverflows\nTcpExt: 8"), 8);
	assert_true(parse("TcpExt: SyncookiesSent ListenDrops\nTcpExt: 1 2\n") == UINT64_MAX);
	assert_true(parse("TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 1\n") == UINT64_MAX);
	assert_true(parse("TcpExt: ListenOverflows\n") == UINT64_MAX);
	assert_true(parse("\n") == UINT64_MAX);
}

static void test_count(void **state)
{
	(void)state;
	assert_true(overflows__count(0) < UINT64_MAX);
	assert_true(overflows__count(getpid()) < UINT64_MAX);
	/* Above any pid. */
	assert_true(overflows__count(4194305) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
