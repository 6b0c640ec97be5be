/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The text of a lesson: Markdown, in which comments on lines of their own say what happens there:
 *
 *   <!--run NAME-->       the reader runs that step; a block of code with its command follows
 *   <!--picture NAME-->   what such a run looked like follows as a block of code
 *   <!--drawing NAME-->   the same, with one of its connections as herdtrace explain draws it
 *   <!--pause-->          the reader thinks first
 */
#ifndef HERDTRACE_LEARN_PAGE_H
#define HERDTRACE_LEARN_PAGE_H

#include <stdio.h>

#include "base/error.h"
#include "print/terminal.h"

/* What is done at such a line. Both return 0, or negative errno: then the page ends there, without an error. */
struct page_reader {
	void *context;
	int (*run)(void *context, const char *step);
	int (*pause)(void *context);
	/* Draws the run that there was. False: there was none, and the text's own drawing is shown. May be NULL. */
	bool (*draw)(void *context, const char *step);
	bool shows_pictures; /* where nothing is run, they stand for what would be seen */
};

/* Returns 0, or negative errno and an error, if it is not the reader's. */
int page__show(const char *path, const struct page_reader *reader, FILE *out,
	       const struct terminal *terminal, struct error *error);

#endif
