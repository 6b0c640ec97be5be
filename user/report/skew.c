// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Did the workers get the connections evenly? */
#include <inttypes.h>

#include "report/chi_square.h"
#include "report/state.h"

struct split {
	double chi_square;
	uint64_t least, most;
};

static struct split take_split(const struct totals *t)
{
	double even = (double)t->summary.accepted / t->worker_cnt;
	struct split s = {.least = UINT64_MAX};

	for (size_t i = 0; i < t->worker_cnt; i++) {
		uint64_t accepted = t->workers[i].accepted;
		double off = (double)accepted - even;

		s.chi_square += off * off / even;
		if (accepted < s.least)
			s.least = accepted;
		if (accepted > s.most)
			s.most = accepted;
	}
	return s;
}

bool skew__decide(struct report_verdict *v, const struct totals *t)
{
	uint64_t accepted = t->summary.accepted;
	unsigned workers = t->worker_cnt;
	struct split s;
	double limit;

	if (workers < 2)
		return verdict__set(v, VERDICT_INCONCLUSIVE, "there is no split among %u worker%s",
				    workers, workers == 1 ? "" : "s");
	if (accepted < UINT64_C(5) * workers)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "%" PRIu64
				    " accepted connections are too few to judge %u workers, "
				    "%u are needed",
				    accepted, workers, 5 * workers);
	s = take_split(t);
	limit = chi_square__critical(workers - 1);
	return verdict__set(
		v, s.chi_square > limit ? VERDICT_PROVED : VERDICT_REFUTED,
		"%" PRIu64 " connections over %u workers, from %" PRIu64 " to %" PRIu64
		" each: chi-square %.1f, an even split exceeds %.1f once in a thousand times",
		accepted, workers, s.least, s.most, s.chi_square, limit);
}
