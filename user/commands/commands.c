// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "base/log.h"
#include "cli/usage.h"

static enum exit_status (*const commands[ACTION_CNT])(const struct options *options) = {
	[ACTION_TRACE] = command__trace,     [ACTION_REPORT] = command__report,
	[ACTION_DOCTOR] = command__doctor,   [ACTION_VERIFY] = command__verify,
	[ACTION_COMPARE] = command__compare,
};

enum exit_status commands__run(int argc, char **argv)
{
	struct options options;
	struct error error = {0};
	int err;

	if (argc < 2) {
		usage__print(stderr);
		return EXIT_USAGE;
	}
	err = options__parse(&options, argc, argv, &error);
	if (err == OPTIONS_ANSWERED)
		return EXIT_RAN;
	if (err)
		return command__fail(&error);
	log_set_verbose(options.verbose);
	return commands[options.action](&options);
}
