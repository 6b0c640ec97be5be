// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <stdio.h>

#include "base/outfile.h"
#include "commands/conclude.h"
#include "commands/replay.h"

static int open_output(struct outfile *out, const struct options *options, struct error *error)
{
	int err = outfile__open(out, options->output, error);

	if (err)
		return err;
	err = conclude__check(out, options, error);
	if (err)
		outfile__discard(out);
	return err;
}

static enum exit_status write_report(const struct report *report, const struct options *options)
{
	struct error error = {0};
	struct outfile out;

	if (open_output(&out, options, &error))
		return command__fail(&error);
	return conclude__report(report, &out, options);
}

enum exit_status command__report(const struct options *options)
{
	const struct replay_options replay = {
		.file = options->arguments[0],
		.listener = options->listener,
		.wants_rows = conclude__needs_rows(options),
		.wants_stories = conclude__needs_stories(options),
	};
	struct error error = {0};
	struct report *report = replay__report(&replay, &error);
	enum exit_status status;

	status = report ? write_report(report, options) : command__fail(&error);
	report__free(report);
	return status;
}
