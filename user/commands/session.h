/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One run of the tool: from the command line to the exit status. */
#ifndef HERDTRACE_COMMANDS_SESSION_H
#define HERDTRACE_COMMANDS_SESSION_H

#include "cli/options.h"

/* Runs or attaches to a server, traces it, reports. */
enum exit_status session__trace(const struct options *options);

/* Renders a recording. */
enum exit_status session__report(const struct options *options);

#endif
