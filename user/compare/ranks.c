// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "compare/ranks.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* So many additions, and a fraction of a second, are allowed for the exact test. */
#define EXACT_MOST 5e7

struct ranked {
	double value;
	bool of_few;
};

/* The two samples together. Ranks are doubled: equal numbers may share half a one. */
struct ranking {
	struct ranked *all; /* sorted */
	uint32_t *ranks;    /* of each */
	size_t cnt, few;    /* how many in all, and of them in the smaller sample */
	double sum;         /* of that sample's ranks */
	double ties;        /* the sum of t^3 - t, of all t that are equal */
};

static int compare_values(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

	return (x > y) - (x < y);
}

static void give_ranks(struct ranking *r)
{
	for (size_t i = 0, next; i < r->cnt; i = next) {
		double t;

		for (next = i + 1; next < r->cnt && r->all[next].value == r->all[i].value; next++)
			;
		t = next - i;
		r->ties += t * t * t - t;
		for (size_t j = i; j < next; j++) {
			r->ranks[j] = i + next + 1;
			r->sum += r->all[j].of_few ? r->ranks[j] : 0;
		}
	}
}

static bool rank(struct ranking *r, const struct sample *few, const struct sample *many)
{
	*r = (struct ranking){.cnt = few->cnt + many->cnt, .few = few->cnt};
	r->all = calloc(r->cnt, sizeof(*r->all));
	r->ranks = calloc(r->cnt, sizeof(*r->ranks));
	if (!r->all || !r->ranks)
		return false;
	for (size_t i = 0; i < r->cnt; i++)
		r->all[i] = i < few->cnt ? (struct ranked){few->at[i], true}
					 : (struct ranked){many->at[i - few->cnt], false};
	qsort(r->all, r->cnt, sizeof(*r->all), compare_values);
	give_ranks(r);
	return true;
}

static double mean(const struct ranking *r)
{
	return (double)r->few * (r->cnt + 1);
}

/* Of all ways to choose as many as the smaller sample has: which part has a sum as far from the mean? */
static double exact(const struct ranking *r)
{
	/* ways[taken * width + sum] */
	size_t width = r->few * 2 * r->cnt + 1;
	double *ways = calloc((r->few + 1) * width, sizeof(*ways)), far = 0, all = 0;

	if (!ways)
		return NAN;
	ways[0] = 1;
	for (size_t i = 0; i < r->cnt; i++)
		for (size_t taken = r->few; taken > 0; taken--)
			for (size_t sum = r->ranks[i]; sum < width; sum++)
				ways[taken * width + sum] +=
					ways[(taken - 1) * width + sum - r->ranks[i]];
	for (size_t sum = 0; sum < width; sum++) {
		double cnt = ways[r->few * width + sum];

		all += cnt;
		far += fabs(sum - mean(r)) >= fabs(r->sum - mean(r)) ? cnt : 0;
	}
	free(ways);
	return far / all;
}

/* Sums of as many ranks differ by a multiple of that: by half of all of them where there are two values only. */
static uint32_t find_step(const struct ranking *r)
{
	uint32_t step = 0;

	for (size_t i = 1; i < r->cnt; i++) {
		uint32_t difference = r->ranks[i] - r->ranks[0];

		while (difference) {
			uint32_t rest = step % difference;

			step = difference;
			difference = rest;
		}
	}
	return step;
}

static double normal(const struct ranking *r)
{
	double n = r->few, whole = r->cnt;
	double distance = (fabs(r->sum - mean(r)) - find_step(r) / 2.0) / 2;
	double variance = n * (whole - n) / 12 * (whole + 1 - r->ties / (whole * (whole - 1)));

	return distance <= 0 || variance <= 0 ? 1 : erfc(distance / sqrt(2 * variance));
}

double ranks__test(const struct sample *a, const struct sample *b)
{
	const struct sample *few = a->cnt < b->cnt ? a : b, *many = few == a ? b : a;
	double cost = 2.0 * few->cnt * few->cnt * (a->cnt + b->cnt) * (a->cnt + b->cnt), p = NAN;
	struct ranking r;

	if (!few->cnt)
		return 1;
	if (rank(&r, few, many))
		p = cost > EXACT_MOST ? normal(&r) : exact(&r);
	free(r.all);
	free(r.ranks);
	return p;
}
