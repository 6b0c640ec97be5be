/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The clock of all records and limits: CLOCK_MONOTONIC, in nanoseconds. */
#ifndef HERDTRACE_BASE_CLOCK_H
#define HERDTRACE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

static inline uint64_t clock__now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

/* From one time to a later one; no clock is trusted to go forward, nor to be sane. */
static inline int64_t elapsed_ns(uint64_t from, uint64_t to)
{
	uint64_t ns = to > from ? to - from : 0;

	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

#endif
