/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Are numbers of one sample larger than those of another by more than chance? */
#ifndef HERDTRACE_COMPARE_RANKS_H
#define HERDTRACE_COMPARE_RANKS_H

#include <stddef.h>

struct sample {
	double *at; /* owned by whoever made it */
	size_t cnt;
};

/*
 * How probable two samples are whose ranks differ at least as much, when both are of one whole: the test of Mann and
 * Whitney, two-sided, equal numbers with the mean of their ranks; where it would take long its normal approximation. 1
 * where one of them is empty, and NaN where there is no memory.
 */
double ranks__test(const struct sample *a, const struct sample *b);

#endif
