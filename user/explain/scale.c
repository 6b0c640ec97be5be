// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "explain/scale.h"

#include <stdlib.h>

/* So wide is the shortest span, where there is room: a mark, and what is between it and the next. */
#define SPAN_MIN 2

static int by_time(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

void scale__make(struct scale *scale, int64_t *times, size_t cnt, unsigned columns)
{
	size_t kept = 0;

	if (cnt)
		qsort(times, cnt, sizeof(*times), by_time);
	for (size_t i = 0; i < cnt; i++)
		if (!kept || times[i] != times[kept - 1])
			times[kept++] = times[i];
	*scale = (struct scale){.at = times, .cnt = kept, .columns = columns ? columns : 1};
}

/* Of the last time that is not after this one. */
static size_t find(const struct scale *s, int64_t time)
{
	size_t low = 0, high = s->cnt;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->at[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

unsigned scale__column(const struct scale *s, int64_t time)
{
	size_t index = s->cnt ? find(s, time) : 0, spans = s->cnt ? s->cnt - 1 : 0;
	unsigned last = s->columns - 1;
	size_t least, spare;
	double range, share;

	if (!spans)
		return 0;
	least = last / spans < SPAN_MIN ? last / spans : SPAN_MIN;
	spare = last - least * spans;
	range = (double)s->at[s->cnt - 1] - (double)s->at[0];
	share = range > 0 ? ((double)s->at[index] - (double)s->at[0]) / range : 0;
	return (unsigned)(least * index + (size_t)((double)spare * share));
}
