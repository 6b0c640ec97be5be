// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/chi_square.h"

#include <math.h>

/* Survival function: by recurrence over the degrees from those of 1 and 2. */
double chi_square__tail(double value, unsigned degrees)
{
	double half = value / 2, tail = degrees % 2 ? erfc(sqrt(half)) : exp(-half);

	for (double k = degrees % 2 ? 1 : 2; k + 2 <= degrees; k += 2)
		tail += exp(k / 2 * log(half) - half - lgamma(k / 2 + 1));
	return value > 0 ? tail : 1;
}
