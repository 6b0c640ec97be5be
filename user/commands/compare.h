/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What differs between kernels, or between runs. */
#ifndef HERDTRACE_COMMANDS_COMPARE_H
#define HERDTRACE_COMMANDS_COMPARE_H

#include "cli/options.h"

/* Exit status as diff's: 0 nothing differs, 1 something does, 2 trouble. */
enum exit_status compare__run(const struct options *options);

#endif
