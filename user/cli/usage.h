/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What to say to somebody who calls the tool otherwise than it can be called. */
#ifndef HERDTRACE_CLI_USAGE_H
#define HERDTRACE_CLI_USAGE_H

#include <stdio.h>

#include "base/error.h"

/* Each form of each command, in a line. */
void usage__print(FILE *out);

/* The same lines for all commands but a trace, which has them in its --help. */
void usage__print_others(FILE *out);

/* Describes wrong usage, and points to --help. Returns a negative errno. */
int usage__refuse(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
