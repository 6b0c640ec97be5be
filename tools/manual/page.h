/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The page of a command: what the manual says of it and of its options, so that each is said in one place. The page's
 * own source has what the manual has not: its name, examples, and lines that stand for the rest:
 *
 *   @synopsis@   its forms
 *   @section@    what its section in the manual says, without options and exit status
 *   @options@    every option that it takes
 *   @statuses@   its exit status
 */
#ifndef HERDTRACE_TOOLS_MANUAL_PAGE_H
#define HERDTRACE_TOOLS_MANUAL_PAGE_H

#include "cli/command_table.h"

/* The lines of the manual's source. */
struct manual {
	char **lines;
	size_t cnt;
};

/* Each returns 0, or -1 after a line on stderr. */
int manual__read(struct manual *manual, const char *path);
int manual__print_section(const struct manual *manual, enum action action);
int manual__print_options(const struct manual *manual, enum action action);
int manual__print_statuses(const struct manual *manual, enum action action);

void manual__free(struct manual *manual);

#endif
