/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How uneven a fair split comes out, and how uneven a split may be that came out like this one. */
#ifndef HERDTRACE_REPORT_SPLIT_H
#define HERDTRACE_REPORT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Draws among the same workers: every one of them has the same chance. */
struct split_stage {
	uint64_t draws;
	const uint32_t *workers; /* indexes of those that take part */
	size_t worker_cnt;
};

/* How often each worker has won, over all the stages in which it took part. */
struct split {
	const struct split_stage *stages;
	size_t stage_cnt;
	const uint64_t *wins; /* by worker */
	size_t worker_cnt;
};

/*
 * The probability that fair draws come out as uneven as these, or more. At one stage: the exact multinomial
 * test, all outcomes that are no more probable than this one, as long as they can be enumerated. With
 * more of them, or several stages: 10,000 fair splits, always the same ones, of which this one is one;
 * uneven is then the sum of (won - expected)^2 / expected. Both are wrong as seldom as they say. By
 * chi-square alone where that says that it is not rare by far. 1: there is nothing to split.
 */
double split__chance(const struct split *split);

/* The share that is above the true one in 95 % of cases, of one who has won so many (Clopper, Pearson). */
double split__upper_share(double wins, double draws);

/* Is that below this share? */
bool split__is_below(double wins, double draws, double share);

/* The chance of an event that none of n independent trials has shown is below this in 95 % of cases. */
double split__upper_of_none(uint64_t trials);

#endif
