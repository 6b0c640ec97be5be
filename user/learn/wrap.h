/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A line of Markdown for a terminal: no marks, and broken where English and Chinese may be. */
#ifndef HERDTRACE_LEARN_WRAP_H
#define HERDTRACE_LEARN_WRAP_H

#include <stdio.h>

#include "print/terminal.h"

/*
 * Writes the line as a paragraph of its own: without comments and "**", what belongs to an item of a list
 * indented, a heading bold. Returns 0 or -ENOMEM.
 */
int wrap__print(FILE *out, const struct terminal *terminal, const char *line);

/* The same line as it is, but for comments: of a table, of a block of code. */
int wrap__print_verbatim(FILE *out, const struct terminal *terminal, const char *line);

#endif
