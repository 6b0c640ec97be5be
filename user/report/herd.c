// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Were more tasks woken for a connection than it could feed? */
#include <inttypes.h>
#include <stdio.h>

#include "report/severity.h"
#include "report/split.h"
#include "report/reason.h"
#include "report/state.h"

#define COST_SIZE 160

/* Below this share of a CPU a herd is true, but no trouble. */
#define SMALL_PERCENT 1.0

static void describe_cost(char to[COST_SIZE], const struct totals *t)
{
	struct severity s = severity__of(t);

	to[0] = '\0';
	if (s.connections_per_sec > 0)
		snprintf(to, COST_SIZE,
			 "; at this run's %.3g connections per second %s %.3g wasted wakes per "
			 "second, %.2g %% of one CPU",
			 s.connections_per_sec,
			 s.cpu_percent < SMALL_PERCENT ? "it costs little:" : "it costs",
			 s.wasted_per_sec, s.cpu_percent);
}

/* "all 8", "3 of them", "it" */
static void describe_share(char *to, size_t size, uint64_t part, uint64_t whole)
{
	if (whole == 1)
		snprintf(to, size, "it");
	else if (part == whole && whole == 2)
		snprintf(to, size, "both");
	else if (part == whole)
		snprintf(to, size, "all %" PRIu64, whole);
	else
		snprintf(to, size, "%" PRIu64 " of them", part);
}

static bool prove(struct report_verdict *v, const struct totals *t, const char *load)
{
	const struct herd_sample *h = &t->herd;
	char cost[COST_SIZE], herds[32];

	describe_cost(cost, t);
	describe_share(herds, sizeof(herds), h->herds, h->possible);
	return verdict__set(v, VERDICT_PROVED,
			    "%" PRIu64 " of %" PRIu64
			    " connections found two or more tasks waiting (up to %u); %s woke more "
			    "than could be of use, up to %u at once, %" PRIu64
			    " wake%s for nothing (%s)%s",
			    h->possible, t->summary.connections, h->most_waiters, herds, h->most,
			    h->wasted, h->wasted == 1 ? "" : "s", load, cost);
}

static bool refute(struct report_verdict *v, const struct totals *t, double bound, const char *load)
{
	const struct herd_sample *h = &t->herd;

	return verdict__set(v, VERDICT_REFUTED,
			    "%" PRIu64 " of %" PRIu64
			    " connections found two or more tasks waiting (up to %u), and none "
			    "woke more than were of use: at 95 %%, less than %.1f %% of such "
			    "connections do (%s)",
			    h->possible - h->undecided, t->summary.connections, h->most_waiters,
			    100 * bound, load);
}

/* What has to be different for a herd to show itself. */
static const char *what_is_missing(const struct totals *t)
{
	if (t->worker_cnt + t->folded.workers < 2)
		return "there is one worker: start more";
	if (t->load.arrivals && t->load.busy * 10 >= t->load.arrivals * 9)
		return "the others were busy, or are kept from waiting: lower the load, or look "
		       "for a lock of the server's own";
	return "at most one waited at a time";
}

static bool leave_open(struct report_verdict *v, const struct totals *t, const char *load)
{
	const struct herd_sample *h = &t->herd;
	uint64_t decided = h->possible - h->undecided;

	if (!t->summary.connections)
		return verdict__set(v, VERDICT_INCONCLUSIVE, "there was no connection");
	if (!h->possible)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "none of %" PRIu64
				    " connections found two or more tasks waiting, so a herd could "
				    "not have shown itself: %s (%s)",
				    t->summary.connections, what_is_missing(t), load);
	return verdict__set(
		v, VERDICT_INCONCLUSIVE,
		"%" PRIu64 " of %" PRIu64
		" connections found two or more tasks waiting (up to %u), and none woke "
		"more than were of use: %" PRIu64
		" more such connections are needed to rule a herd out (%s)",
		decided, t->summary.connections, h->most_waiters, VERDICT_MIN_SAMPLE - decided,
		load);
}

bool herd__decide(struct report_verdict *v, double *bound, const struct totals *t)
{
	uint64_t decided = t->herd.possible - t->herd.undecided;
	char load[LOAD_TEXT_SIZE];

	load__describe(load, t);
	*bound = t->herd.herds ? 1 : split__upper_of_none(decided);
	if (t->herd.herds)
		return prove(v, t, load);
	if (decided >= VERDICT_MIN_SAMPLE)
		return refute(v, t, *bound, load);
	return leave_open(v, t, load);
}
