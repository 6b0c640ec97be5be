// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

struct report *replay__report(const struct replay_options *o, struct error *error)
{
	struct rows *rows = o->wants_rows ? rows__new() : NULL;
	struct model *model = model__new();
	struct report *report = NULL;
	int err = 0;

	if (!model || (o->wants_rows && !rows))
		err = error__set(error, FAULT_INPUT, -ENOMEM, "out of memory");
	else if (rows)
		model__add_sink(model, rows__take, rows);
	if (!err && o->wants_stories)
		model__keep_stories(model);
	if (!err)
		err = read_recording(o->file, model, error);
	if (err)
		rows__free(rows);
	else
		report = run__conclude(model, rows, o->listener, error);
	model__free(model);
	return report;
}
