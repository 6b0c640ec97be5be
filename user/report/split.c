// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/split.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/chi_square.h"

/* ---- one stage: the exact multinomial test ---- */

/* So many outcomes are enumerated, which takes some milliseconds. */
#define OUTCOMES_MAX 200000

/* What is as good as proved by a bound need not be enumerated. */
#define SURELY_UNEVEN 1e-4

/* Two ways to compute one probability differ by less. */
#define ROUNDING 1e-9

struct outcomes {
	const double *log_factorial;
	double limit; /* the logarithm of the probability of what was seen */
	double sum;
	size_t cnt;
};

/* The draws that some cells got, the largest first, and what is left for the others. */
struct outcome {
	uint64_t left, smallest;
	size_t cells, same; /* that are left; that have got the smallest */
	double log_chance;  /* that the cells come out like this ... */
	double log_orders;  /* ... and in how many orders they can come */
};

static void walk_outcomes(struct outcomes *all, const struct outcome *o);

static void walk_cell(struct outcomes *all, const struct outcome *o, uint64_t size)
{
	struct outcome next = {
		.left = o->left - size,
		.smallest = size,
		.cells = o->cells - 1,
		.same = size == o->smallest ? o->same + 1 : 1,
		.log_chance = o->log_chance - all->log_factorial[size],
	};

	next.log_orders = o->log_orders - (next.same > 1 ? log((double)next.same) : 0);
	walk_outcomes(all, &next);
}

static void walk_outcomes(struct outcomes *all, const struct outcome *o)
{
	uint64_t size = o->left < o->smallest ? o->left : o->smallest;

	if (all->cnt > OUTCOMES_MAX)
		return;
	if (!o->left) {
		all->cnt++;
		if (o->log_chance <= all->limit + ROUNDING)
			all->sum +=
				exp(o->log_chance + o->log_orders - all->log_factorial[o->cells]);
		return;
	}
	/* What is left must fit into the cells that are left. */
	for (; size && (double)size * (double)o->cells >= (double)o->left; size--)
		walk_cell(all, o, size);
}

static double *log_factorials(uint64_t up_to)
{
	double *table = malloc((up_to + 1) * sizeof(*table));

	if (table)
		table[0] = 0;
	for (uint64_t i = 1; table && i <= up_to; i++)
		table[i] = table[i - 1] + log((double)i);
	return table;
}

static double log_chance_of(const struct split *s)
{
	const struct split_stage *stage = s->stages;
	double log_chance =
		lgamma((double)stage->draws + 1) - (double)stage->draws * log(stage->worker_cnt);

	for (size_t i = 0; i < stage->worker_cnt; i++)
		log_chance -= lgamma((double)s->wins[stage->workers[i]] + 1);
	return log_chance;
}

/* In order of size an outcome stands for as many as its cells can be ordered in, or fewer. */
static bool are_surely_too_many(uint64_t draws, uint64_t cells)
{
	return lgamma((double)(draws + cells)) - lgamma((double)draws + 1) - lgamma((double)cells) -
		       lgamma((double)cells + 1) >
	       log(OUTCOMES_MAX) + ROUNDING;
}

/* False: there are too many outcomes, or there is no memory for them. */
static bool enumerate(const struct split *s, double *chance)
{
	uint64_t draws = s->stages->draws, cells = s->stages->worker_cnt;
	struct outcomes all = {.limit = log_chance_of(s)};
	struct outcome none = {.left = draws, .smallest = draws, .cells = cells};
	double *table;

	/* No more than all outcomes can be as improbable as this one. */
	*chance = exp(all.limit + lgamma((double)(draws + cells)) - lgamma((double)draws + 1) -
		      lgamma((double)cells));
	if (*chance < SURELY_UNEVEN)
		return true;
	/* In order of size there are n/2 or more. */
	if (draws > 2 * OUTCOMES_MAX || cells > OUTCOMES_MAX || are_surely_too_many(draws, cells))
		return false;
	table = log_factorials(draws > cells ? draws : cells);
	if (!table)
		return false;
	all.log_factorial = table;
	none.log_chance = table[draws] - (double)draws * log((double)cells);
	none.log_orders = table[cells];
	walk_outcomes(&all, &none);
	free(table);
	*chance = fmin(all.sum, 1);
	return all.cnt <= OUTCOMES_MAX;
}

/* ---- several stages, or very many outcomes: fair splits by lot ---- */

#define LOTS 9999
/* So many of the first ones as uneven as what was seen, and it is not rare: it is not looked into any more. */
#define AS_UNEVEN_MAX 10
/* Turns of a loop that all lots together may take; fewer than this many lots say nothing. */
#define TURNS_MAX 4e8
#define LOTS_MIN  1999

/* How likely the middle of a binomial distribution is. */
struct middle {
	uint64_t n, cells; /* 0: none yet */
	double chance;
};

/* So many are remembered: most splits ask for the same ones in each lot. */
#define MIDDLES 4096

struct lots {
	uint64_t seed;
	struct middle *middles; /* each where its hash says; NULL: none is remembered */
};

/* xorshift64*: in [0, 1). Always the same: a recording gives the same report. */
static double next_lot(struct lots *l)
{
	l->seed ^= l->seed >> 12;
	l->seed ^= l->seed << 25;
	l->seed ^= l->seed >> 27;
	return (double)((l->seed * UINT64_C(0x2545f4914f6cdd1d)) >> 11) * 0x1p-53;
}

static double middle_chance(uint64_t n, uint64_t cells, uint64_t at)
{
	double p = 1 / (double)cells;

	return exp(lgamma((double)n + 1) - lgamma((double)at + 1) - lgamma((double)(n - at) + 1) +
		   (double)at * log(p) + (double)(n - at) * log1p(-p));
}

/* Where the middle is follows from n and cells. */
static double recall_middle(struct lots *lots, uint64_t n, uint64_t cells, uint64_t at)
{
	struct middle *m =
		lots->middles ? &lots->middles[(n + cells * 1021) % MIDDLES] : &(struct middle){0};

	if (m->n != n || m->cells != cells)
		*m = (struct middle){n, cells, middle_chance(n, cells, at)};
	return m->chance;
}

/* How many of n fair draws one of so many cells gets: from the middle of the distribution to both sides. */
static uint64_t draw_binomial(uint64_t n, uint64_t cells, struct lots *lots)
{
	double p = 1 / (double)cells, odds = p / (1 - p), lot = next_lot(lots), up, down;
	uint64_t high = (uint64_t)((double)(n + 1) * p), low;

	if (high > n)
		high = n;
	low = high;
	up = down = recall_middle(lots, n, cells, high);
	for (lot -= up; lot > 0 && (high < n || low);) {
		if (high < n) {
			up *= odds * (double)(n - high) / (double)(high + 1);
			high++;
			lot -= up;
			if (lot <= 0)
				return high;
		}
		if (low) {
			down *= (double)low / (odds * (double)(n - low + 1));
			low--;
			lot -= down;
			if (lot <= 0)
				return low;
		}
		if (up + down < 1e-300)
			break;
	}
	return (uint64_t)((double)(n + 1) * p);
}

static bool draws_one_by_one(const struct split_stage *stage)
{
	return stage->draws <= 4 * stage->worker_cnt;
}

static void draw_stage(const struct split_stage *stage, uint64_t *wins, struct lots *lots)
{
	uint64_t left = stage->draws;

	if (draws_one_by_one(stage)) {
		while (left--)
			wins[stage->workers[(size_t)(next_lot(lots) * stage->worker_cnt)]]++;
		return;
	}
	for (size_t i = 0; left && i + 1 < stage->worker_cnt; i++) {
		uint64_t got = draw_binomial(left, stage->worker_cnt - i, lots);

		wins[stage->workers[i]] += got;
		left -= got;
	}
	wins[stage->workers[stage->worker_cnt - 1]] += left;
}

static double unevenness(const uint64_t *wins, const double *expected, size_t cnt)
{
	double sum = 0;

	for (size_t i = 0; i < cnt; i++) {
		double off = (double)wins[i] - expected[i];

		sum += expected[i] > 0 ? off * off / expected[i] : 0;
	}
	return sum;
}

static double turns_of(const struct split *s)
{
	double turns = (double)s->worker_cnt;

	for (size_t i = 0; i < s->stage_cnt; i++) {
		const struct split_stage *stage = &s->stages[i];
		double cells = (double)stage->worker_cnt;

		turns += draws_one_by_one(stage)
				 ? (double)stage->draws
				 : cells * (4 + 2 * sqrt((double)stage->draws / cells));
	}
	return turns;
}

/*
 * The share of fair splits that are as uneven, what was seen being one of them: so it is never 0, and below
 * 0.001 once in a thousand times. When it is clear that they are not rare, those so far will do
 * (Besag and Clifford's sequential test).
 */
static double share_as_uneven(const struct split *s, const double *expected, uint64_t *wins,
			      struct lots *lots, size_t cnt)
{
	double seen = unevenness(s->wins, expected, s->worker_cnt) * (1 - ROUNDING);
	size_t as_uneven = 0;

	for (size_t lot = 1; lot <= cnt; lot++) {
		memset(wins, 0, s->worker_cnt * sizeof(*wins));
		for (size_t i = 0; i < s->stage_cnt; i++)
			draw_stage(&s->stages[i], wins, lots);
		as_uneven += unevenness(wins, expected, s->worker_cnt) >= seen;
		if (as_uneven == AS_UNEVEN_MAX)
			return (double)as_uneven / (double)lot;
	}
	return (double)(as_uneven + 1) / (double)(cnt + 1);
}

static void expect(const struct split *s, double *expected)
{
	for (size_t i = 0; i < s->stage_cnt; i++)
		for (size_t j = 0; j < s->stages[i].worker_cnt; j++)
			expected[s->stages[i].workers[j]] +=
				(double)s->stages[i].draws / (double)s->stages[i].worker_cnt;
}

static double cast_lots(const struct split *s, size_t cnt)
{
	struct lots lots = {.seed = UINT64_C(0x9e3779b97f4a7c15)};
	double *expected = calloc(s->worker_cnt, sizeof(*expected));
	uint64_t *wins = calloc(s->worker_cnt, sizeof(*wins));
	double share = 1;

	if (expected && wins) {
		expect(s, expected);
		lots.middles = calloc(MIDDLES, sizeof(*lots.middles));
		share = share_as_uneven(s, expected, wins, &lots, cnt);
		free(lots.middles);
	}
	free(expected);
	free(wins);
	return share;
}

#define COMMON       0.004
#define EXPECTED_MIN 5

/* What is not rare by far need not be known exactly: chi-square, where there is enough for it. */
static bool is_common(const struct split *s, double *chance)
{
	double *expected = calloc(s->worker_cnt, sizeof(*expected)), least = INFINITY;

	if (!expected)
		return false;
	expect(s, expected);
	for (size_t i = 0; i < s->worker_cnt; i++)
		least = fmin(least, expected[i]);
	*chance = chi_square__tail(unevenness(s->wins, expected, s->worker_cnt), s->worker_cnt - 1);
	free(expected);
	return least >= EXPECTED_MIN && *chance > COMMON;
}

double split__chance(const struct split *s)
{
	double lots = s->stage_cnt ? floor(TURNS_MAX / turns_of(s)) : 0, chance;

	if (!s->stage_cnt)
		return 1;
	if (is_common(s, &chance))
		return chance;
	if (s->stage_cnt == 1 && enumerate(s, &chance))
		return chance;
	return lots < LOTS_MIN ? 1 : cast_lots(s, lots < LOTS ? (size_t)lots : LOTS);
}

/* ---- bounds ---- */

/* The continued fraction of the incomplete beta function, by Lentz' method. */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	h = d = 1 / (fabs(d) < tiny ? tiny : d);
	for (int m = 1; m < 10000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), step;

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		h *= d * c;
		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-12)
			break;
	}
	return h;
}

/* The regularised incomplete beta function I_x(a, b). */
static double beta_share(double a, double b, double x)
{
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));

	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

bool split__is_below(double wins, double draws, double share)
{
	if (wins >= draws || share <= 0)
		return false;
	return share >= 1 || beta_share(wins + 1, draws - wins, share) > 0.95;
}

double split__upper_share(double wins, double draws)
{
	double low = 0, high = 1;

	if (wins >= draws)
		return 1;
	/* To nine digits. */
	for (int i = 0; i < 30; i++) {
		double middle = (low + high) / 2;

		if (split__is_below(wins, draws, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

double split__upper_of_none(uint64_t trials)
{
	return trials ? 1 - pow(0.05, 1 / (double)trials) : 1;
}
