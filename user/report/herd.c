// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Was more than one task woken for a connection? */
#include <inttypes.h>

#include "report/state.h"

static bool herd_not_possible(struct report_verdict *v, const struct totals *t)
{
	const char *why = t->summary.selections
				  ? ": with SO_REUSEPORT each listener has its own queue, and one "
				    "task waiting on it"
				  : ": start more workers, or wait until they are idle";

	if (t->herd.possible)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "%" PRIu64
				    " connections found two tasks waiting and woke at most "
				    "one each, %d are needed to rule a herd out",
				    t->herd.possible, HERD_MIN_ARRIVALS);
	return verdict__set(v, VERDICT_INCONCLUSIVE,
			    "none of %" PRIu64
			    " connections found two tasks waiting for it, so a herd "
			    "could not have shown itself%s",
			    t->summary.connections, why);
}

bool herd__decide(struct report_verdict *v, const struct totals *t)
{
	const struct herd_sample *h = &t->herd;

	if (h->many)
		return verdict__set(v, VERDICT_PROVED,
				    "%" PRIu64 " of %" PRIu64
				    " connections woke more than one of up to "
				    "%u waiting tasks, at most %u",
				    h->many, h->possible, h->most_waiters, h->most);
	if (h->possible < HERD_MIN_ARRIVALS)
		return herd_not_possible(v, t);
	return verdict__set(v, VERDICT_REFUTED,
			    "%" PRIu64
			    " connections found up to %u tasks waiting, and each woke at "
			    "most one",
			    h->possible, h->most_waiters);
}
