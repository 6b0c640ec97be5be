// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/histogram.h"

void histogram__add(struct histogram *h, uint64_t number)
{
	h->of[number ? 64 - __builtin_clzll(number) : 0]++;
}

size_t histogram__range(const struct histogram *h, size_t *first, size_t *last)
{
	size_t cnt = 0;

	*first = *last = 0;
	for (size_t i = 0; i < HISTOGRAM_SIZE; i++) {
		if (!h->of[i])
			continue;
		if (!cnt)
			*first = i;
		*last = i;
		cnt = *last - *first + 1;
	}
	return cnt;
}
