/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where there is no screen: lines for a log, each with its time, of words that a program can read too. */
#ifndef HERDTRACE_TOP_LINES_H
#define HERDTRACE_TOP_LINES_H

#include <stdio.h>
#include <time.h>

#include "top/columns.h"

enum lines_rows {
	LINES_TOTAL, /* a line for all */
	LINES_WORKERS,
	LINES_LISTENERS, /* ... and one for each of these */
};

/* when: since 1970. What was since the look before. Errors are left in the stream. */
void lines__print(FILE *out, const struct top_numbers *numbers, enum lines_rows rows, time_t when);

#endif
