// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/waits.h"

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
	return bucket < WAITS_SIZE ? bucket : WAITS_SIZE - 1;
}

/* In microseconds: the least that is in a bucket; in the one after the last, the most in that. */
static uint64_t least_of(size_t bucket)
{
	unsigned power = bucket / PARTS;

	return power < 2 ? bucket : (PARTS + bucket % PARTS) << (power - 1);
}

void waits__add(struct waits *w, int64_t wait_ns)
{
	w->of[bucket_of(wait_ns > 0 ? (uint64_t)wait_ns / NS_PER_US : 0)]++;
}

static uint64_t count_in(const struct waits *w, const struct waits *before, size_t bucket)
{
	return w->of[bucket] - (before ? before->of[bucket] : 0);
}

int64_t waits__quantile(const struct waits *w, const struct waits *before, double share)
{
	uint64_t cnt = 0, below = 0;
	double wanted;

	for (size_t i = 0; i < WAITS_SIZE; i++)
		cnt += count_in(w, before, i);
	wanted = share * (double)cnt;
	for (size_t i = 0; i < WAITS_SIZE; i++) {
		uint64_t in = count_in(w, before, i);
		double least = least_of(i), width = least_of(i + 1) - least_of(i);

		/* As if those in a bucket lay at equal distances. */
		if (in && (double)(below + in) >= wanted)
			return (int64_t)(NS_PER_US *
					 (least + width * (wanted - (double)below) / (double)in));
		below += in;
	}
	return -1;
}
