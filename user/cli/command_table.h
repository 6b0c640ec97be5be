/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Every command, once: parsing, --help, the manual and completion are made from this table. */
#ifndef HERDTRACE_CLI_COMMAND_TABLE_H
#define HERDTRACE_CLI_COMMAND_TABLE_H

#include "cli/options.h"

enum operand_kind {
	OPERAND_NONE,
	OPERAND_COMMAND_LINE, /* ends the options: all that follows belongs to it */
	OPERAND_FILE,
	OPERAND_CLAIM,  /* its id */
	OPERAND_LESSON, /* its number or name */
};

/* One way to call a command. */
struct command_form {
	const char *operands; /* "-p PID"; "": none */
	const char *does;
};

#define FORMS_MAX 2

struct command_row {
	const char *word;                     /* NULL: a trace, which has none */
	struct command_form forms[FORMS_MAX]; /* those that have operands that are not NULL */
	const char *doc;                      /* what --help says first */
	const char *statuses;                 /* what it says last, NULL: nothing */

	enum operand_kind operand;
	unsigned least, most;           /* how many operands */
	const char *too_few, *too_many; /* what to say then */

	/* What no single option can know. NULL: nothing. Returns 0, or negative errno and an error. */
	int (*check)(const struct options *options, struct error *error);
};

/* Indexed by enum action. */
extern const struct command_row command_table[ACTION_CNT];

/* Which action a word stands for; ACTION_TRACE when it is not that of a command. */
enum action command_table__find(const char *word);

/* The word of a command that is meant where this one is mistyped, NULL: it is like none. */
const char *command_table__near(const char *word);

#endif
