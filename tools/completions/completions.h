/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From the tables of commands and options to lines of a shell's completion file. */
#ifndef HERDTRACE_TOOLS_COMPLETIONS_H
#define HERDTRACE_TOOLS_COMPLETIONS_H

#include <stdbool.h>

#include "cli/command_table.h"
#include "cli/option_table.h"

/* How a shell is told of one command. Lessons: their names, NULL-terminated. */
struct completion_shell {
	const char *name;
	void (*print)(enum action action, char *const *lessons);
};

extern const struct completion_shell completion_bash, completion_zsh, completion_fish;

/* Its word; that of a trace, which has none, is "-". */
const char *completion__word(enum action action);
/* Whether a command takes an option. */
bool completion__takes(enum action action, const struct option_row *option);
/* A text inside of single quotes; escaped: characters that get a backslash before that, besides it. */
void completion__quote(const char *text, const char *escaped);

#endif
