/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From the text of an option's argument to what it stands for. */
#ifndef HERDTRACE_CLI_ARGUMENT_H
#define HERDTRACE_CLI_ARGUMENT_H

#include "cli/option_table.h"

/*
 * Reads a text as the argument of an option; text is not used where the option takes none. Texts in
 * the value are not copied. Returns 0, or negative errno and an error that says what it wants.
 */
int argument__parse(const struct option_row *option, const char *text, union argument_value *value,
		    struct error *error);

#endif
