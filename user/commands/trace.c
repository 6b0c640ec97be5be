// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <stdio.h>

#include "commands/conclude.h"
#include "print/output.h"
#include "run/interrupt.h"
#include "run/run.h"

static struct run_options run_options(const struct options *o)
{
	return (struct run_options){
		.command = o->command,
		.pid = o->pid,
		.user = o->user,
		.output_fd = -1,
		.has_client = o->has_client,
		.client = o->client,
		.duration_sec = o->duration_sec,
		.wait_sec = o->wait_sec,
		.record = o->record,
		.keeps_rows = !o->summary_only,
		.shows_progress = true,
		.tracer = o->tracer,
	};
}

enum exit_status command__trace(const struct options *options)
{
	struct run_options run = run_options(options);
	struct run_result result;
	struct error error = {0};
	FILE *out = output__open(options->output, &error);
	enum exit_status status;
	int err;

	if (!out)
		return command__fail(&error);
	interrupt__catch();
	err = run__trace(&run, NULL, &result, &error);
	if (!err && *result.problem)
		err = error__set(&error, FAULT_DATA, -ENODATA, "%s%s", result.problem,
				 result.too_late ? " (--wait SEC gives it more time)" : "");
	if (err) {
		status = command__fail(&error);
		fclose(out);
	} else {
		status = conclude__report(result.report, out, options);
	}
	report__free(result.report);
	return status;
}
