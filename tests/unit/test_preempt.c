// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which kernels preempt tasks inside of BPF programs: as they say themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tracer/preempt.h"

static const struct {
	const char *version, *modes;
	bool possible;
} kernels[] = {
	/* Debian's 5.10, 6.1, 6.12 and 7.2 */
	{"#1 SMP Debian 5.10.262-1 (2026-07-31)", NULL, false},
	{"#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)", "none (voluntary) full \n", false},
	{"#1 SMP PREEMPT_DYNAMIC Debian 6.12.118-1 (2026-11-20)", "none (voluntary) full \n",
	 false},
	{"#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-10-28)", "full (lazy) \n", true},
	/* The same, told otherwise. */
	{"#1 SMP PREEMPT_DYNAMIC Debian 6.12.118-1 (2026-11-20)", "(none) voluntary full \n",
	 false},
	{"#1 SMP PREEMPT_DYNAMIC Debian 6.12.118-1 (2026-11-20)", "none voluntary (full) \n", true},
	{"#1 SMP PREEMPT_DYNAMIC Debian 6.12.118-1 (2026-11-20)", NULL, true},
	{"#1 SMP PREEMPT_RT Debian 6.12.118-1 (2026-11-20)", NULL, true},
	{"#1 SMP PREEMPT something", NULL, true},
};

static void test_kernels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
		if (preempt__is_possible(kernels[i].version, kernels[i].modes) !=
		    kernels[i].possible)
			fail_msg("%s, %s", kernels[i].version, kernels[i].modes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernels)};

	return cmocka_run_group_tests_name("preempt", tests, NULL, NULL);
}
