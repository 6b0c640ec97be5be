/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where a report goes, and what exit status it stands for. */
#ifndef HERDTRACE_PRINT_OUTPUT_H
#define HERDTRACE_PRINT_OUTPUT_H

#include <stdio.h>

#include "cli/options.h"

/* Opens the file of --output, stdout for NULL. NULL after a line on stderr. */
FILE *output__open(const char *name);

/* What a table may do there: use colours, and how many cells are in a line (0: do not fit). */
void output__terminal(FILE *out, bool *color, unsigned *width);

/*
 * Closes it. Returns err, or negative errno when not everything could be written, after a line on
 * stderr that names the file of --output, or else what it was to hold.
 */
int output__finish(FILE *out, int err, const char *name, const char *what);

/*
 * Renders to out and closes it. Returns the exit status: what --expect says, EXIT_INCOMPLETE for a
 * run with loss or a report that could not be written.
 */
enum exit_status output__report(const struct report *report, FILE *out,
				const struct options *options);

#endif
