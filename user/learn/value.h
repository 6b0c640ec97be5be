/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a command has printed, looked up by name, and whether it is what a lesson says. Pure. */
#ifndef HERDTRACE_LEARN_VALUE_H
#define HERDTRACE_LEARN_VALUE_H

#include <jansson.h>
#include <stdbool.h>

#include "learn/lesson.h"

#define VALUE_SIZE 128

/* What came of a step. */
struct outcome {
	json_t *document; /* the run's report as herdtrace/1; NULL: it was no run */
	char *output;     /* all that it printed */
	char *drawing; /* of one of the run's connections, as explain makes it; NULL: there is none */
	int status;    /* its exit status */
};

/*
 * Writes what was measured, as many decimals as the bounds have. How a value is named:
 *
 *   summary.wakes           a member; of an array the sum over its elements
 *   max workers.accepted    also min, and count: how many are above 0
 *   A / B                   of two of these
 *   lines REGEX             how many lines of the output match
 *   drawn REGEX             how many lines of the drawing match
 *   status                  the exit status
 *
 * Returns whether it is within the bounds. What is not there is "not there", which may be what is said.
 */
bool value__holds(const char *what, const struct lesson_bounds *bounds,
		  const struct outcome *outcome, char measured[VALUE_SIZE]);

/* The bounds in words: "20", "2.0 to 2.6", "at least 3". */
void value__expected(const struct lesson_bounds *bounds, char expected[VALUE_SIZE]);

#endif
