// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/outfile.h"
#include "commands/conclude.h"
#include "model/model.h"
#include "record/recording.h"
#include "run/run.h"

static int read_recording(const char *name, struct model *model, struct error *error)
{
	bool is_standard = !strcmp(name, "-");
	FILE *in = is_standard ? stdin : fopen(name, "re");
	struct stream stream = {0};
	int err;

	if (!in)
		return error__set(error, FAULT_INPUT, -errno, "cannot read %s: %s", name,
				  strerror(errno));
	stream__add_sink(&stream, model__take, model);
	err = recording__read(in, is_standard ? "standard input" : name, &stream, error);
	if (!is_standard)
		fclose(in);
	return err;
}

/* rows: taken over. */
static enum exit_status render(struct model *model, struct rows *rows,
			       const struct options *options)
{
	struct error error = {0};
	struct outfile out;
	struct report *report;
	enum exit_status status;

	if (outfile__open(&out, options->output, &error)) {
		rows__free(rows);
		return command__fail(&error);
	}
	report = run__conclude(model, rows, options->listener, &error);
	if (report) {
		status = conclude__report(report, &out, options);
	} else {
		status = command__fail(&error);
		outfile__discard(&out);
	}
	report__free(report);
	return status;
}

enum exit_status command__report(const struct options *options)
{
	bool wants_rows = !options->summary_only || options->listener;
	struct rows *rows = wants_rows ? rows__new() : NULL;
	struct model *model = model__new();
	struct error error = {0};
	enum exit_status status;
	int err = 0;

	if (!model || (wants_rows && !rows))
		err = error__set(&error, FAULT_INPUT, -ENOMEM, "out of memory");
	else if (rows)
		model__add_sink(model, rows__take, rows);
	if (!err && conclude__needs_stories(options))
		model__keep_stories(model);
	if (!err)
		err = read_recording(options->arguments[0], model, &error);
	if (err) {
		status = command__fail(&error);
		rows__free(rows);
	} else {
		status = render(model, rows, options);
	}
	model__free(model);
	return status;
}
