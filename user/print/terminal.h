/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_PRINT_TERMINAL_H
#define HERDTRACE_PRINT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* What a table may do there: use colours, and how many cells are in a line (0: do not fit). */
void terminal__describe(FILE *out, bool *color, unsigned *width);

#endif
