/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whether the kernel does what it is said to: every claim of the catalogue, tried out. */
#ifndef HERDTRACE_COMMANDS_VERIFY_H
#define HERDTRACE_COMMANDS_VERIFY_H

#include "cli/options.h"

enum exit_status verify__run(const struct options *options);

#endif
