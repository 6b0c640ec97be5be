/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Runs the command of a step as the reader would, and keeps what came of it. */
#ifndef HERDTRACE_LEARN_STEP_H
#define HERDTRACE_LEARN_STEP_H

#include "learn/value.h"

/*
 * Runs it by a shell that finds this herdtrace and the reference servers; input is /dev/null, and all that it prints
 * is kept. A run of herdtrace also writes a recording: DIRECTORY/NAME.rec, its report in .json, and the drawing of a
 * connection in .drawing. What it printed is in NAME.out. Waits for its end. Returns 0, or negative errno and an error.
 */
int step__run(const struct lesson_step *step, const char *directory, struct outcome *outcome,
	      struct error *error);
void outcome__free(struct outcome *outcome);

/* The drawing of a step that has been run, to be freed. NULL: there is none, or no memory. */
char *step__drawing(const char *name, const char *directory);

#endif
