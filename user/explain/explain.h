/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * One connection as a drawing in the terminal: the wait queue as it stood, the walk over it, what each task did. What is
 * drawn depends on the report, the connection and the terminal given only.
 */
#ifndef HERDTRACE_EXPLAIN_H
#define HERDTRACE_EXPLAIN_H

#include <stdio.h>

#include "print/terminal.h"
#include "report/report.h"

#define EXPLAIN_WHY_SIZE 160

struct explain_choice {
	unsigned id;                /* of the connection, 0: it is not there */
	unsigned first, last;       /* ids that there are, 0: none */
	char why[EXPLAIN_WHY_SIZE]; /* it was chosen, "": it was asked for */
};

/*
 * Chooses the connection to draw: the wanted one; 0: the one from which there is most to learn. Returns 0 or negative
 * errno.
 */
int explain__choose(const struct report *report, unsigned wanted, struct explain_choice *choice);

/*
 * Draws a connection that is there. The report must have its story (model__keep_stories()). Write errors are left in
 * the stream. Returns 0 or negative errno.
 */
int explain__write(FILE *out, const struct report *report, const struct explain_choice *choice,
		   const struct terminal *terminal);

#endif
