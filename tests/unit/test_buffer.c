/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The size of the ring buffer follows the machine, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/buffer.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static void test_suggest(void **state)
{
	static const struct {
		unsigned cpus;
		uint64_t memory;
		size_t bytes;
	} machines[] = {
		{1, 8 * GIB, 16 * MIB},
		{4, 8 * GIB, 16 * MIB},
		{5, 8 * GIB, 32 * MIB},
		{8, 8 * GIB, 32 * MIB},
		{64, 256 * GIB, 256 * MIB},
		{65, 256 * GIB, 256 * MIB},
		{512, 1024 * GIB, 256 * MIB},
		{64, 8 * GIB, 128 * MIB},
		{64, 8 * GIB - 1, 64 * MIB},
		{2, GIB, 16 * MIB},
		{2, GIB - 1, 8 * MIB},
		{2, 512 * MIB, 8 * MIB},
		{1, 0, 4096},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		assert_int_equal(buffer__suggest(machines[i].cpus, machines[i].memory),
				 machines[i].bytes == 4096 ? (size_t)sysconf(_SC_PAGESIZE)
							   : machines[i].bytes);
}

static void test_round(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);

	(void)state;
	assert_int_equal(buffer__round(1), page);
	assert_int_equal(buffer__round(page), page);
	assert_int_equal(buffer__round(page + 1), 2 * page);
	assert_int_equal(buffer__round(3 * MIB), 4 * MIB);
	assert_int_equal(buffer__round(4 * MIB), 4 * MIB);
}

/* Whatever it is, the kernel takes it. */
static void test_default(void **state)
{
	size_t bytes = buffer__default();

	(void)state;
	assert_int_equal(bytes, buffer__round(bytes));
	assert_in_range(bytes, sysconf(_SC_PAGESIZE), 256 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_default),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
