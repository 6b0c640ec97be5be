// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "compare/fisher.h"

#include <math.h>

/* Logarithm of the ways to choose k of n. */
static double ways(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Logarithm of the probability that x of the taken ones are in a, given the sums. */
static double probability(struct portion a, struct portion b, int64_t x, int64_t taken)
{
	return ways(a.of, x) + ways(b.of, taken - x) - ways(a.of + b.of, taken);
}

static double exact(struct portion a, struct portion b)
{
	int64_t taken = a.cnt + b.cnt;
	int64_t least = taken > b.of ? taken - b.of : 0, most = taken < a.of ? taken : a.of;
	double seen = probability(a, b, a.cnt, taken), sum = 0;

	/* As probable as what was seen, but for rounding, is as extreme. */
	for (int64_t x = least; x <= most; x++) {
		double p = probability(a, b, x, taken);

		if (p <= seen + 1e-7)
			sum += exp(p);
	}
	return sum < 1 ? sum : 1;
}

static double normal(struct portion a, struct portion b)
{
	double whole = (double)(a.cnt + b.cnt) / (a.of + b.of);
	double variance = whole * (1 - whole) * (1.0 / a.of + 1.0 / b.of);

	if (variance <= 0)
		return 1;
	return erfc(fabs((double)a.cnt / a.of - (double)b.cnt / b.of) / sqrt(2 * variance));
}

double fisher__test(struct portion a, struct portion b)
{
	if (a.of <= 0 || b.of <= 0)
		return 1;
	return a.of + b.of > FISHER_MOST ? normal(a, b) : exact(a, b);
}
