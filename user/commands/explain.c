// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <stdlib.h>

#include "commands/conclude.h"
#include "commands/replay.h"
#include "explain/explain.h"

static int refuse(const struct explain_choice *choice, const char *wanted, const char *file,
		  struct error *error)
{
	if (!choice->last)
		return error__set(error, FAULT_INPUT, -ENOENT,
				  "no connection arrived in %s: there is nothing to explain", file);
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "there is no connection %s in %s: it has %u to %u", wanted, file,
			  choice->first, choice->last);
}

static int choose(const struct report *report, const struct options *options,
		  struct explain_choice *choice, struct error *error)
{
	const char *file = options->arguments[0], *wanted = options->arguments[1];
	unsigned id = wanted ? strtoul(wanted, NULL, 10) : 0;
	int err = explain__choose(report, id, choice);

	if (err)
		return error__set(error, FAULT_DATA, err, "cannot read the rows of connections");
	return choice->id ? 0 : refuse(choice, wanted, file, error);
}

static enum exit_status write_drawing(const struct report *report, const struct options *options)
{
	struct explain_choice choice;
	struct error error = {0};
	struct outfile out;

	if (choose(report, options, &choice, &error) ||
	    outfile__open(&out, options->output, &error))
		return command__fail(&error);
	return conclude__drawing(report, &choice, &out, options);
}

enum exit_status command__explain(const struct options *options)
{
	const struct replay_options replay = {
		.file = options->arguments[0],
		.listener = options->listener,
		.wants_rows = true,
		.wants_stories = true,
	};
	struct error error = {0};
	struct report *report = replay__report(&replay, &error);
	enum exit_status status;

	status = report ? write_drawing(report, options) : command__fail(&error);
	report__free(report);
	return status;
}
