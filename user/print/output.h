/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where something is written: a file of --output, or stdout. Knows nothing of what it is. */
#ifndef HERDTRACE_PRINT_OUTPUT_H
#define HERDTRACE_PRINT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* Opens the file of that name, stdout for NULL. NULL with an error (FAULT_INPUT). */
FILE *output__open(const char *name, struct error *error);

/* What a table may do there: use colours, and how many cells are in a line (0: do not fit). */
void output__terminal(FILE *out, bool *color, unsigned *width);

/*
 * Closes it. Returns err, or negative errno when not everything could be written; then with an
 * error (FAULT_DATA) that has the name, or for stdout (NULL) what it was to hold.
 */
int output__finish(FILE *out, int err, const char *name, const char *what, struct error *error);

#endif
