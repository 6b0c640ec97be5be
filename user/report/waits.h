/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * How long connections waited, finer than a histogram (report/histogram.h): each power of two in eight parts, so that
 * what is read from it is off by an eighth at most. For a look at a run that goes on; no verdict rests on it.
 */
#ifndef HERDTRACE_REPORT_WAITS_H
#define HERDTRACE_REPORT_WAITS_H

#include <stddef.h>
#include <stdint.h>

/* Eight for the first microseconds, then eight for each power of two up to 2^40, which are twelve days. */
#define WAITS_SIZE (8 + 8 * 37)

struct waits {
	uint64_t of[WAITS_SIZE];
};

void waits__add(struct waits *waits, int64_t wait_ns);

/*
 * The time in which this share of those has ended that are in waits and were not there before; before: NULL: of all.
 * In nanoseconds; -1: there were none.
 */
int64_t waits__quantile(const struct waits *waits, const struct waits *before, double share);

#endif
