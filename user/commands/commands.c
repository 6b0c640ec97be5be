// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "base/log.h"
#include "base/outfile.h"
#include "cli/usage.h"

static enum exit_status (*const commands[ACTION_CNT])(const struct options *options) = {
	[ACTION_TRACE] = command__trace,     [ACTION_REPORT] = command__report,
	[ACTION_DOCTOR] = command__doctor,   [ACTION_VERIFY] = command__verify,
	[ACTION_COMPARE] = command__compare, [ACTION_TOP] = command__top,
	[ACTION_METRICS] = command__metrics, [ACTION_EXPLAIN] = command__explain,
	[ACTION_LEARN] = command__learn,
};

/* What has been printed is all there is to do. */
static enum exit_status finish_answer(void)
{
	struct error error = {0};
	struct outfile out;

	if (outfile__open(&out, NULL, &error) || outfile__finish(&out, 0, "the answer", &error))
		return command__fail(&error);
	return EXIT_RAN;
}

enum exit_status commands__run(int argc, char **argv)
{
	struct options options;
	struct error error = {0};
	int err;

	log_set_ascii(terminal__is_ascii(stderr));
	if (argc < 2) {
		usage__print(stderr);
		return EXIT_USAGE;
	}
	err = options__parse(&options, argc, argv, &error);
	if (err == OPTIONS_ANSWERED)
		return finish_answer();
	if (err)
		return command__fail(&error);
	log_set_verbose(options.verbose);
	log_set_quiet(options.quiet);
	return commands[options.action](&options);
}
