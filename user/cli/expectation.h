/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What --expect takes: a word for a verdict, or a number and its limit. */
#ifndef HERDTRACE_CLI_EXPECTATION_H
#define HERDTRACE_CLI_EXPECTATION_H

#include "base/error.h"
#include "report/expectation.h"

/* A word that an option takes, and what it stands for. */
struct argument_word {
	const char *word;
	int value;
};

/* Words for verdicts, in pairs that exclude each other; the last one has no word. */
extern const struct argument_word expectation_words[];

/*
 * Reads "no-herd", "wakes/connection<=1.05", "wait-p99 < 5ms". The text is not copied. Returns 0, or negative errno and
 * an error that says what was wanted.
 */
int expectation__parse(struct expectation *expectation, const char *text, struct error *error);

/* Adds one, unless it is there already. One too many counts, but has no room. */
void expectations__add(struct expectations *expectations, const struct expectation *expectation);

/* Is there one on this verdict? */
bool expectations__has(const struct expectations *expectations, enum disease disease,
		       enum verdict wanted);

/* Can all of them be true? Returns 0, or negative errno and an error. */
int expectations__check(const struct expectations *expectations, struct error *error);

#endif
