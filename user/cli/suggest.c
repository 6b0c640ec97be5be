// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/suggest.h"

#include <string.h>

#define TOO_FAR (SUGGEST_WORD_MAX + 1)

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* d[i][j]: from the first i letters of a to the first j of b. */
typedef size_t distances[SUGGEST_WORD_MAX + 1][SUGGEST_WORD_MAX + 1];

static size_t step(distances d, const char *a, const char *b, size_t i, size_t j)
{
	size_t best = least(d[i - 1][j], d[i][j - 1]) + 1;

	best = least(best, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		best = least(best, d[i - 2][j - 2] + 1);
	return best;
}

size_t suggest__distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	distances d;

	if (a_len > SUGGEST_WORD_MAX || b_len > SUGGEST_WORD_MAX)
		return TOO_FAR;
	for (size_t i = 0; i <= a_len; i++)
		for (size_t j = 0; j <= b_len; j++)
			d[i][j] = i && j ? step(d, a, b, i, j) : i + j;
	return d[a_len][b_len];
}

/* One slip in three letters: of short words too much would be like any other. */
static size_t distance_of(const char *word, const char *candidate)
{
	size_t distance = candidate ? suggest__distance(word, candidate) : TOO_FAR;

	return distance <= strlen(word) / 3 ? distance : TOO_FAR;
}

const char *suggest__nearer(const char *word, const char *a, const char *b)
{
	size_t to_a = distance_of(word, a), to_b = distance_of(word, b);

	if (to_a == TOO_FAR && to_b == TOO_FAR)
		return NULL;
	return to_b < to_a ? b : a;
}
