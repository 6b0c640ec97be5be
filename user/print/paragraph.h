/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Sentences, broken between words where the line ends. Knows nothing of herds. */
#ifndef HERDTRACE_PRINT_PARAGRAPH_H
#define HERDTRACE_PRINT_PARAGRAPH_H

#include <stdio.h>

#include "print/terminal.h"

/* A part of the text in colour: its first occurrence, where the terminal has colours. */
struct paragraph_color {
	const char *text; /* NULL: none */
	const char *sequence;
};

/*
 * Writes the text, made harmless, and ends the line; further lines are indented. A word that is longer
 * than a line stays whole. Returns 0 or -ENOMEM; what the stream cannot take is left in it.
 */
int paragraph__print(FILE *out, const struct terminal *terminal, const char *text,
		     struct paragraph_color color);

#endif
