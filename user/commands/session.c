// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run/interrupt.h"
#include "base/log.h"
#include "model/model.h"
#include "print/output.h"
#include "run/run.h"
#include "record/recording.h"

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
		.record = o->record,
		.keeps_rows = !o->summary_only,
		.shows_progress = true,
		.tracer = o->tracer,
	};
}

enum exit_status session__trace(const struct options *options)
{
	struct run_options run = run_options(options);
	struct run_result result;
	enum exit_status status;
	FILE *out = output__open(options->output);

	if (!out)
		return EXIT_USAGE;
	interrupt__catch();
	status = run__trace(&run, NULL, &result);
	if (status == EXIT_RAN && *result.problem) {
		log_error("%s", result.problem);
		status = EXIT_INCOMPLETE;
	}
	if (status == EXIT_RAN)
		status = output__report(result.report, out, options);
	else
		fclose(out);
	report__free(result.report);
	return status;
}

enum exit_status session__report(const struct options *options)
{
	FILE *in = fopen(options->report_file, "re"), *out = NULL;
	enum exit_status status = EXIT_USAGE;
	struct rows *rows = options->summary_only ? NULL : rows__new();
	struct report *report = NULL;
	struct model *model = NULL;
	struct stream stream = {0};
	struct error error = {0};

	if (!in) {
		log_error("cannot read %s: %s", options->report_file, strerror(errno));
		return EXIT_USAGE;
	}
	model = model__new();
	if (!model || (!rows && !options->summary_only))
		log_error("out of memory");
	else if (rows)
		model__add_sink(model, rows__take, rows);
	stream__add_sink(&stream, model__take, model);
	if (model && recording__read(in, options->report_file, &stream, &error))
		log_error("%s", error.text);
	else if (model && (out = output__open(options->output))) {
		report = run__conclude(model, rows);
		rows = NULL;
		status = EXIT_INCOMPLETE;
	}
	if (report)
		status = output__report(report, out, options);
	else if (out)
		fclose(out);
	report__free(report);
	rows__free(rows);
	model__free(model);
	fclose(in);
	return status;
}
