// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/advice.h"
#include "report/chi_square.h"

/* Sets a verdict; false when out of memory. */
static bool decide(struct report_verdict *v, enum verdict value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool decide(struct report_verdict *v, enum verdict value, const char *format, ...)
{
	va_list args;

	v->value = value;
	va_start(args, format);
	if (vasprintf(&v->reason, format, args) < 0)
		v->reason = NULL;
	va_end(args);
	return v->reason;
}

/* ---- herd ---- */

static bool herd_not_possible(struct verdicts *v, const struct totals *t)
{
	const char *why = t->summary.selections
				  ? ": with SO_REUSEPORT each listener has its own queue, and one "
				    "task waiting on it"
				  : ": start more workers, or wait until they are idle";

	if (t->herd.possible)
		return decide(&v->herd, VERDICT_INCONCLUSIVE,
			      "%" PRIu64 " connections found two tasks waiting and woke at most "
			      "one each, %d are needed to rule a herd out",
			      t->herd.possible, HERD_MIN_ARRIVALS);
	return decide(&v->herd, VERDICT_INCONCLUSIVE,
		      "none of %" PRIu64 " connections found two tasks waiting for it, so a herd "
		      "could not have shown itself%s",
		      t->summary.connections, why);
}

static bool decide_herd(struct verdicts *v, const struct totals *t)
{
	const struct herd_sample *h = &t->herd;

	if (h->many)
		return decide(&v->herd, VERDICT_PROVED,
			      "%" PRIu64 " of %" PRIu64 " connections woke more than one of up to "
			      "%u waiting tasks, at most %u",
			      h->many, h->possible, h->most_waiters, h->most);
	if (h->possible < HERD_MIN_ARRIVALS)
		return herd_not_possible(v, t);
	return decide(&v->herd, VERDICT_REFUTED,
		      "%" PRIu64 " connections found up to %u tasks waiting, and each woke at "
		      "most one",
		      h->possible, h->most_waiters);
}

/* ---- skew ---- */

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

static bool decide_skew(struct verdicts *v, const struct totals *t)
{
	uint64_t accepted = t->summary.accepted;
	unsigned workers = t->worker_cnt;
	struct split s;
	double limit;

	if (workers < 2)
		return decide(&v->skew, VERDICT_INCONCLUSIVE, "there is no split among %u worker%s",
			      workers, workers == 1 ? "" : "s");
	if (accepted < UINT64_C(5) * workers)
		return decide(&v->skew, VERDICT_INCONCLUSIVE,
			      "%" PRIu64 " accepted connections are too few to judge %u workers, "
			      "%u are needed",
			      accepted, workers, 5 * workers);
	s = take_split(t);
	limit = chi_square__critical(workers - 1);
	return decide(&v->skew, s.chi_square > limit ? VERDICT_PROVED : VERDICT_REFUTED,
		      "%" PRIu64 " connections over %u workers, from %" PRIu64 " to %" PRIu64
		      " each: chi-square %.1f, an even split exceeds %.1f once in a thousand times",
		      accepted, workers, s.least, s.most, s.chi_square, limit);
}

/* ---- stranding ---- */

static bool decide_stranding(struct verdicts *v, const struct totals *t)
{
	uint64_t connections = t->summary.connections;
	const int limit_ms = STRANDED_NS / 1000000;

	if (t->late || t->summary.lost)
		return decide(&v->stranding, VERDICT_PROVED,
			      "%" PRIu64 " of %" PRIu64 " connections waited more than %d ms while "
			      "another task slept, %" PRIu64
			      " were lost when their listener closed",
			      t->late, connections, limit_ms, t->summary.lost);
	if (!connections)
		return decide(&v->stranding, VERDICT_INCONCLUSIVE, "there was no connection");
	return decide(&v->stranding, VERDICT_REFUTED,
		      "none of %" PRIu64 " connections waited more than %d ms while another task "
		      "slept, none was lost",
		      connections, limit_ms);
}

/* ---- together ---- */

static bool decide_complete(struct verdicts *v, const struct totals *t)
{
	if (!decide_herd(v, t) || !decide_skew(v, t) || !decide_stranding(v, t))
		return false;
	v->advice = advice__make(v, t);
	return v->advice;
}

static bool decide_incomplete(struct verdicts *v, const struct report_loss *loss)
{
	v->advice = strdup("");
	return v->advice &&
	       decide(&v->herd, VERDICT_INCONCLUSIVE, "data is missing: %s", loss->reason) &&
	       decide(&v->skew, VERDICT_INCONCLUSIVE, "data is missing") &&
	       decide(&v->stranding, VERDICT_INCONCLUSIVE, "data is missing");
}

int verdicts__decide(struct verdicts *v, const struct totals *t, const struct report_loss *loss)
{
	return (loss->incomplete ? decide_incomplete(v, loss) : decide_complete(v, t)) ? 0
										       : -ENOMEM;
}
