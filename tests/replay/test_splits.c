// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_splits: how often the verdict on skew is wrong. Draws from true splits, 10,000 runs each: an even one is
 * PROVED uneven at most once in a thousand runs, one in which somebody gets twice an even share or more is REFUTED
 * at most once in twenty. The lots are always the same. TAP.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "report/verdict.h"

#define RUNS    10000
#define WORKERS 4

static const struct true_split {
	const char *name;
	double share[WORKERS];
	bool is_even, has_double;
} true_splits[] = {
	{"even", {0.25, 0.25, 0.25, 0.25}, .is_even = true},
	{"30/25/25/20", {0.30, 0.25, 0.25, 0.20}, .is_even = false},
	{"40/30/20/10", {0.40, 0.30, 0.20, 0.10}, .is_even = false},
	{"70/10/10/10", {0.70, 0.10, 0.10, 0.10}, .has_double = true},
	{"50/17/17/16, just double", {0.5001, 0.17, 0.17, 0.1599}, .has_double = true},
};

static const unsigned sizes[] = {20, 40, 100, 200, 400, 1000};

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* splitmix64, in [0, 1) */
static double lot(void)
{
	static uint64_t state = 20260401;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void give_up(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

static unsigned draw(const struct true_split *s)
{
	double at = lot();
	unsigned worker = 0;

	while (worker + 1 < WORKERS && at >= s->share[worker])
		at -= s->share[worker++];
	return worker;
}

/* The totals of a listener with four workers that have drawn. */
static void fill(struct totals *t, const struct true_split *s, unsigned draws)
{
	const struct record_endpoint local = {.family = AF_INET, .port = 8888};
	struct pool_member *members[WORKERS];

	if (!totals__add_listener(t) || totals__name_listener(t, 0, &local, NULL) ||
	    !totals__pool_of(t, 0))
		give_up("no memory");
	for (unsigned i = 0; i < WORKERS; i++) {
		struct report_worker *w = totals__add_worker(t, 11 + i, 11 + i);

		members[i] = w ? pools__join(&t->pools, 0, i, 0, &w->pools) : NULL;
		if (!members[i])
			give_up("no memory");
	}
	for (unsigned i = 0; i < draws; i++)
		if (pools__draw(&t->pools, members[draw(s)], i))
			give_up("no memory");
	t->pools.all.at[0].connections = draws;
}

static enum verdict judge(const struct true_split *s, unsigned draws)
{
	struct report_loss loss = {0};
	struct verdicts v = {0};
	struct totals t = {0};
	enum verdict value;

	fill(&t, s, draws);
	if (verdicts__decide(&v, &t, &loss))
		give_up("no memory");
	value = v.skew.value;
	free(v.herd.reason);
	free(v.skew.reason);
	free(v.stranding.reason);
	free(v.advice);
	totals__drop(&t);
	return value;
}

/*
 * Of the mild splits both may be said. 10,000 runs of something that happens once in a
 * thousand are 10 of them, give or take 3: no size has 20, and all together have what they may.
 */
static bool check(unsigned number, const struct true_split *s, unsigned draws, unsigned *proved)
{
	unsigned cnt[3] = {0};
	bool ok;

	for (unsigned run = 0; run < RUNS; run++)
		cnt[judge(s, draws)]++;
	*proved += s->is_even ? cnt[VERDICT_PROVED] : 0;
	ok = (!s->is_even || cnt[VERDICT_PROVED] * 500 < RUNS) &&
	     (!s->has_double || cnt[VERDICT_REFUTED] * 20 <= RUNS);
	printf("%sok %u - %s, n = %u: %.2f %% proved, %.2f %% refuted\n", ok ? "" : "not ", number,
	       s->name, draws, 100.0 * cnt[VERDICT_PROVED] / RUNS,
	       100.0 * cnt[VERDICT_REFUTED] / RUNS);
	fflush(stdout);
	return ok;
}

int main(void)
{
	unsigned number = 0, proved = 0;
	bool ok = true;

	for (size_t i = 0; i < sizeof(true_splits) / sizeof(true_splits[0]); i++)
		for (size_t n = 0; n < SIZES; n++)
			ok &= check(++number, &true_splits[i], sizes[n], &proved);
	ok &= proved * 1000 <= RUNS * SIZES;
	printf("%sok %u - even: %u of %zu runs proved\n",
	       proved * 1000 <= RUNS * SIZES ? "" : "not ", ++number, proved, RUNS * SIZES);
	printf("1..%u\n", number);
	return !ok;
}
