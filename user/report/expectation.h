/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What somebody expects of a run (--expect), and whether it is so. What is not known is never as expected: a run that could not
 * have shown it proves nothing.
 */
#ifndef HERDTRACE_REPORT_EXPECTATION_H
#define HERDTRACE_REPORT_EXPECTATION_H

#include "report/quantity.h"

enum disease {
	DISEASE_HERD,
	DISEASE_SKEW,
	DISEASE_STRANDING,
};

enum relation {
	RELATION_LESS,
	RELATION_AT_MOST,
	RELATION_EQUAL,
	RELATION_UNEQUAL,
	RELATION_AT_LEAST,
	RELATION_MORE,
};

/* Of a number, or of a verdict where there is no quantity. */
struct expectation {
	const char *text; /* as it was given: not owned, untrusted */
	enum disease disease;
	enum verdict wanted;
	const struct quantity *quantity;
	enum relation relation;
	double limit; /* percent, or nanoseconds, where the quantity is counted so */
};

/* More than anybody gives. */
#define EXPECTATIONS_MAX 64

struct expectations {
	struct expectation at[EXPECTATIONS_MAX];
	size_t cnt; /* EXPECTATIONS_MAX + 1: there was no room for another one */
};

enum expectation_outcome {
	EXPECTATION_HOLDS,
	EXPECTATION_FAILS,
	EXPECTATION_INCONCLUSIVE,
};

#define EXPECTATION_WHY_SIZE 1024

struct expectation_result {
	const struct expectation *expectation; /* not owned */
	enum expectation_outcome outcome;
	bool has_got;
	double got;
	char why[EXPECTATION_WHY_SIZE]; /* one sentence, also where it holds; untrusted */
};

struct expectation_results {
	struct expectation_result at[EXPECTATIONS_MAX];
	size_t cnt;
};

/* Do some need the rows of connections to be kept? */
bool expectations__want_rows(const struct expectations *expectations);

/*
 * Judges each, in the order in which they were given. Of a run with loss, or short of what was asked for, nothing can be
 * said. Returns 0, or negative errno when rows cannot be read.
 */
int expectations__judge(const struct expectations *expectations, const struct report *report,
			struct expectation_results *results);

/* "holds", "fails", "inconclusive" */
const char *expectation_outcome__name(enum expectation_outcome outcome);

/* "herd", "skew", "stranding" */
const char *disease__name(enum disease disease);

const struct report_verdict *verdicts__of(const struct verdicts *verdicts, enum disease disease);

/* "<", "<=", "=", "!=", ">=", ">" */
const char *relation__sign(enum relation relation);

#endif
