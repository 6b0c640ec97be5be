/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Texts in Markdown as GitHub renders it, in a table's cell or elsewhere: any bytes are shown as they are, and mark nothing
 * up. They become no HTML, link, mention of a user, or number of an issue either. Errors are left in the stream.
 */
#ifndef HERDTRACE_PRINT_MARKDOWN_H
#define HERDTRACE_PRINT_MARKDOWN_H

#include <stdio.h>

/* A sentence. */
void markdown__text(FILE *out, const char *text);

/* A name, as code; "-" where there is none. */
void markdown__name(FILE *out, const char *name);

#endif
