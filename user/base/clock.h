/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Times in nanoseconds. */
#ifndef HERDTRACE_BASE_CLOCK_H
#define HERDTRACE_BASE_CLOCK_H

#include <stdint.h>

/* From one time to a later one; no clock is trusted to go forward, nor to be sane. */
static inline int64_t elapsed_ns(uint64_t from, uint64_t to)
{
	uint64_t ns = to > from ? to - from : 0;

	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

#endif
