/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Is the difference of two shares more than chance? */
#ifndef HERDTRACE_COMPARE_FISHER_H
#define HERDTRACE_COMPARE_FISHER_H

#include <stdint.h>

/* So many of so many. */
struct portion {
	int64_t cnt, of;
};

/*
 * How probable two portions are that differ at least as much, when both are samples of one whole: Fisher's exact test,
 * two-sided; with more than FISHER_MOST in all its normal approximation. 1 where one of them is of nothing.
 */
double fisher__test(struct portion a, struct portion b);

#define FISHER_MOST 100000

#endif
