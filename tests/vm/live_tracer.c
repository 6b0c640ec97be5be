// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "live_tracer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "live.h"

static struct tracer *open_tracer;

void live_tracer__open(const char *attach)
{
	live_tracer__open_small(attach, 0);
}

void live_tracer__open_small(const char *attach, unsigned buffer_kib)
{
	const struct tracer_options options = {
		.mode = strcmp(attach, "kprobe") ? ATTACH_FENTRY : ATTACH_KPROBE,
		.buffer_bytes = buffer_kib * 1024ul,
	};
	struct error error = {0};

	live_tracer__close();
	if (!tracer__open(&open_tracer, &options, NULL, NULL, &error))
		return;
	live__begin("a tracer for many runs, %s", attach);
	live__fail("%s", error.text);
	live__end();
}

void live_tracer__close(void)
{
	tracer__free(open_tracer);
	open_tracer = NULL;
}

pid_t live_tracer__spawn(char *const argv[], const char *out, const char *err)
{
	struct error error = {0};
	struct options options;
	pid_t pid = live__fork(out, err);
	int argc = 0, status;

	if (pid)
		return pid;
	while (argv[argc])
		argc++;
	if (!open_tracer || options__parse(&options, argc, (char **)argv, &error))
		_exit(EXIT_USAGE);
	status = command__trace_again(&options, open_tracer);
	fflush(NULL);
	_exit(status);
}
