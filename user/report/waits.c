// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/waits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Eight for the first microseconds, then eight for each power of two up to 2^40, which are twelve days. */
#define BUCKETS (8 + 8 * 37)

#define PARTS      8
#define PARTS_BITS 3
#define NS_PER_US  1000

static size_t bucket_of(uint64_t us)
{
	unsigned bits;
	size_t bucket;

	if (us < PARTS)
		return us;
	bits = 63 - __builtin_clzll(us);
	bucket = PARTS * (bits - PARTS_BITS) + (us >> (bits - PARTS_BITS));
	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* In microseconds: the least that is in a bucket; in the one after the last, the most in that. */
static uint64_t least_of(size_t bucket)
{
	unsigned power = bucket / PARTS;

	return power < 2 ? bucket : (PARTS + bucket % PARTS) << (power - 1);
}

/* Its place, or the one where it belongs. */
static size_t find(const struct waits *w, uint32_t bucket)
{
	size_t from = 0, to = w->cnt;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (w->at[middle].bucket < bucket)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

int waits__add(struct waits *w, int64_t wait_ns)
{
	uint32_t bucket = bucket_of(wait_ns > 0 ? (uint64_t)wait_ns / NS_PER_US : 0);
	size_t place = find(w, bucket);

	if (place == w->cnt || w->at[place].bucket != bucket) {
		const struct waits_part *last = vector_add(w);

		if (!last)
			return -ENOMEM;
		memmove(&w->at[place + 1], &w->at[place], (w->cnt - 1 - place) * sizeof(*w->at));
		w->at[place] = (struct waits_part){.bucket = bucket};
	}
	w->at[place].cnt++;
	return 0;
}

void waits__drop(struct waits *w)
{
	free(w->at);
	*w = (struct waits){0};
}

/* seen: where the one before has got to; it has nothing that is not there now. */
static uint64_t count_new(const struct waits_part *part, const struct waits *before, size_t *seen)
{
	if (!before || *seen == before->cnt || before->at[*seen].bucket != part->bucket)
		return part->cnt;
	return part->cnt - before->at[(*seen)++].cnt;
}

int64_t waits__quantile(const struct waits *w, const struct waits *before, double share)
{
	uint64_t cnt = 0, below = 0;
	size_t seen = 0;
	double wanted;

	for (size_t i = 0; i < w->cnt; i++)
		cnt += count_new(&w->at[i], before, &seen);
	wanted = share * (double)cnt;
	seen = 0;
	for (size_t i = 0; i < w->cnt; i++) {
		uint64_t in = count_new(&w->at[i], before, &seen);
		size_t bucket = w->at[i].bucket;
		double least = least_of(bucket), width = least_of(bucket + 1) - least_of(bucket);

		/* As if those in a bucket lay at equal distances. */
		if (in && (double)(below + in) >= wanted)
			return (int64_t)(NS_PER_US *
					 (least + width * (wanted - (double)below) / (double)in));
		below += in;
	}
	return -1;
}
