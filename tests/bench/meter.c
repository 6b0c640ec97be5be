// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "meter.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t meter__median(struct meter *meter)
{
	if (!meter->cnt)
		return 0;
	qsort(meter->samples, meter->cnt, sizeof(*meter->samples), by_size);
	return meter->samples[meter->cnt / 2];
}
