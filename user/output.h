/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where a report goes, and what exit status it stands for. */
#ifndef HERDTRACE_OUTPUT_H
#define HERDTRACE_OUTPUT_H

#include <stdio.h>

#include "model.h"
#include "options.h"

/* Opens the file of --output, stdout without one. NULL after a line on stderr. */
FILE *output__open(const struct options *options);

/*
 * Finishes the model, decides, renders to out and closes it. Returns the exit status: what
 * --expect says, EXIT_INCOMPLETE for a run with loss or a report that could not be written.
 */
enum exit_status output__report(struct model *model, FILE *out, const struct options *options);

#endif
