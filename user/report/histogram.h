/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How often a number was how large, in powers of two: for whoever looks, no verdict rests on it. */
#ifndef HERDTRACE_REPORT_HISTOGRAM_H
#define HERDTRACE_REPORT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* [0] counts zeros, [i] the numbers from 2^(i-1) to less than 2^i. */
#define HISTOGRAM_SIZE 65

struct histogram {
	uint64_t of[HISTOGRAM_SIZE];
};

void histogram__add(struct histogram *histogram, uint64_t number);

/* The buckets from *first to *last hold all that was added. Returns how many these are, 0: nothing was. */
size_t histogram__range(const struct histogram *histogram, size_t *first, size_t *last);

#endif
