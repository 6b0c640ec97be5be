/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Counts the guest's instructions: with QEMU's -icount shift=0 the time stamp counter advances by one for
 * each, whoever executes it. On any other machine it counts time, which is no measure of anything here.
 */
#ifndef HERDTRACE_BENCH_METER_H
#define HERDTRACE_BENCH_METER_H

#include <stddef.h>
#include <stdint.h>
#include <x86intrin.h>

#define METER_MAX 1024

/* Samples of equal size. A timer's interrupt makes one of them millions too large: hence the median. */
struct meter {
	uint64_t samples[METER_MAX];
	size_t cnt;
	uint64_t begin;
};

static inline void meter__begin(struct meter *meter)
{
	meter->begin = __rdtsc();
}

static inline void meter__end(struct meter *meter)
{
	uint64_t end = __rdtsc();

	if (meter->cnt < METER_MAX)
		meter->samples[meter->cnt++] = end - meter->begin;
}

/* Sorts the samples. */
uint64_t meter__median(struct meter *meter);

#endif
