/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_PRINT_TERMINAL_H
#define HERDTRACE_PRINT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum color_mode {
	COLOR_AUTO, /* on a terminal that has some, unless NO_COLOR is set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* What a table may do there. */
struct terminal {
	bool color;
	bool ascii;     /* no other characters */
	unsigned width; /* cells in a line; 0: not known */
};

struct terminal terminal__describe(FILE *out, enum color_mode mode);

/* It obeys control sequences: no file, and none that TERM calls dumb. */
bool terminal__is_smart(FILE *out);

/*
 * Can it show nothing but ASCII? As the locale of the environment has it. Where that names none a
 * terminal is not trusted with more, and a file or pipe gets UTF-8, the same everywhere.
 */
bool terminal__is_ascii(FILE *out);

#endif
