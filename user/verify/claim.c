// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What is the same for every claim: when a run can say anything at all, and what follows from it. */
#include "verify/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/words.h"

/* "20 connections, 26 wakes: accept 20, chain 6" */
static void describe(const struct report *r, char *text, size_t size)
{
	const char *before = ": ";
	int used = snprintf(text, size, "%" PRIu64 " connections, %" PRIu64 " wakes",
			    r->totals.summary.connections, r->totals.summary.wakes);

	for (int cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++) {
		if (!r->totals.summary.wakes_by_cause.of[cause] || (size_t)used >= size)
			continue;
		used += snprintf(text + used, size - used, "%s%s %" PRIu64, before,
				 wake_cause__name(cause),
				 r->totals.summary.wakes_by_cause.of[cause]);
		before = ", ";
	}
}

void claim__judge(const struct claim_view *view, int server_status, const char *problem,
		  struct finding *f)
{
	const struct report *r = view->report;

	*f = (struct finding){0};
	if (server_status == SERVER_REFUSED) {
		snprintf(f->measured, sizeof(f->measured), "refused");
		snprintf(f->detail, sizeof(f->detail),
			 "the server says that the kernel refuses it");
		return;
	}
	if (*problem) {
		snprintf(f->reason, sizeof(f->reason), "%s", problem);
		return;
	}
	describe(r, f->detail, sizeof(f->detail));
	if (r->loss.incomplete)
		snprintf(f->reason, sizeof(f->reason), "%s", r->loss.reason);
	else if (r->totals.summary.connections < view->claim->connections)
		snprintf(f->reason, sizeof(f->reason), "only %" PRIu64 " of %u connections arrived",
			 r->totals.summary.connections, view->claim->connections);
	else if (r->totals.summary.connections > view->claim->connections)
		snprintf(f->measured, sizeof(f->measured), "%" PRIu64 " rows for %u connections",
			 r->totals.summary.connections, view->claim->connections);
	else
		view->claim->check(view, f);
}

const char *claim_outcome__name(enum claim_outcome outcome)
{
	switch (outcome) {
	case CLAIM_HOLDS: return "HOLDS";
	case CLAIM_BROKEN: return "BROKEN";
	case CLAIM_INCONCLUSIVE: return "INCONCLUSIVE";
	}
	return "unknown";
}

enum claim_outcome claim__conclude(const char *expected, const struct finding *findings, size_t cnt)
{
	enum claim_outcome outcome = cnt ? CLAIM_HOLDS : CLAIM_INCONCLUSIVE;

	for (size_t i = 0; i < cnt; i++) {
		if (!*findings[i].measured)
			outcome = CLAIM_INCONCLUSIVE;
		else if (strcmp(findings[i].measured, expected))
			return CLAIM_BROKEN;
	}
	return outcome;
}
