/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * How long connections waited, finer than a histogram (report/histogram.h): each power of two in eight parts, so that
 * what is read from it is off by an eighth at most. For a look at a run that goes on; no verdict rests on it.
 */
#ifndef HERDTRACE_REPORT_WAITS_H
#define HERDTRACE_REPORT_WAITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

/* How many waited so long. */
struct waits_part {
	uint32_t bucket;
	uint64_t cnt;
};

/* In order of buckets, those with something in them: most of many workers have few. */
struct waits {
	VECTOR(struct waits_part);
};

/* Returns 0 or -ENOMEM. */
int waits__add(struct waits *waits, int64_t wait_ns);

void waits__drop(struct waits *waits);

/*
 * The time in which this share of those has ended that are in waits and were not there before, when they were as in
 * before; NULL: of all.
 * In nanoseconds; -1: there were none.
 */
int64_t waits__quantile(const struct waits *waits, const struct waits *before, double share);

#endif
