/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The end of a trace and of a report alike: a finished report, written and judged. */
#ifndef HERDTRACE_COMMANDS_CONCLUDE_H
#define HERDTRACE_COMMANDS_CONCLUDE_H

#include <stdbool.h>

#include "base/outfile.h"
#include "cli/exit_status.h"
#include "cli/options.h"
#include "explain/explain.h"
#include "report/report.h"

/* Does the report need the stories of its connections (model__keep_stories())? */
bool conclude__needs_stories(const struct options *options);

/* ... or their rows at all? */
bool conclude__needs_rows(const struct options *options);

/*
 * Can the report go there, in the format that was asked for? Returns 0, or negative errno with an error (FAULT_INPUT).
 * To be asked before there is a report, which may have taken long to come by.
 */
int conclude__check(const struct outfile *out, const struct options *options, struct error *error);

/*
 * Renders to out and finishes it. Returns the exit status: what --expect says, or EXIT_INCOMPLETE for
 * a run with loss or short of what was asked for, and for a report that could not be written. Any but
 * EXIT_RAN comes with a line on stderr that says why.
 */
enum exit_status conclude__report(const struct report *report, struct outfile *out,
				  const struct options *options);

/* The same for the drawing of one connection, and nothing else. */
enum exit_status conclude__drawing(const struct report *report, const struct explain_choice *choice,
				   struct outfile *out, const struct options *options);

#endif
