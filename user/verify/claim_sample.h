/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the checks of claims have in common. */
#ifndef HERDTRACE_VERIFY_CLAIM_SAMPLE_H
#define HERDTRACE_VERIFY_CLAIM_SAMPLE_H

#include "verify/claim.h"

/* The connections that a check looks at: all of the run. */
struct sample {
	const struct report_connection *at;
	size_t cnt;
	unsigned waiters; /* that each of them found */
};

/*
 * False when they did not all find the same number of tasks waiting, as a load paced by rest does
 * but for a machine too busy to come to rest, or when there are none; the finding has the reason
 * then.
 */
bool sample__take(struct sample *sample, const struct claim_view *view, struct finding *finding);

/* A range of numbers in the words of claims: "1", "n", "none", "1 to 3". */
void measured__range(struct finding *finding, const struct claim_view *view, unsigned least,
		     unsigned most);

/* Sets the measured value, or adds to the detail. */
void measured__set(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void detail__add(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
