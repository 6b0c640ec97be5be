/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Before a run: will there be enough connections for what it is to show? */
#ifndef HERDTRACE_COMMANDS_ENOUGH_H
#define HERDTRACE_COMMANDS_ENOUGH_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* How many it would take, "" where there is nothing to say. Returns whether there is. */
bool enough__describe(const struct options *options, char *text, size_t size);

#endif
