/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a recording to its finished report, for the commands that read one. */
#ifndef HERDTRACE_COMMANDS_REPLAY_H
#define HERDTRACE_COMMANDS_REPLAY_H

#include <stdbool.h>

#include "base/error.h"
#include "report/report.h"

struct replay_options {
	const char *file;     /* "-": standard input */
	const char *listener; /* report on it only, NULL: on all; it wants rows */
	bool wants_rows, wants_stories;
};

/* Owned by the caller; NULL, and an error. */
struct report *replay__report(const struct replay_options *options, struct error *error);

#endif
