/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Why an option was not taken, in one line: argp would say it in several, and suggest nothing. */
#ifndef HERDTRACE_CLI_COMPLAIN_H
#define HERDTRACE_CLI_COMPLAIN_H

#include "cli/options.h"

/*
 * Looks for the first option of the words (which begin behind the program's name and end with NULL) that
 * cannot be one of the action. Returns a negative errno, and an error.
 */
int complain__about(char *const *words, enum action action, struct error *error);

#endif
