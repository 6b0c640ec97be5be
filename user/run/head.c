// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/head.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/clock.h"
#include "base/procfs.h"
#include "cli/version.h"
#include "tracer/hooks.h"

static void push_time(struct stream *stream, enum meta_key key)
{
	struct timespec now;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)now.tv_sec * NS_PER_SEC + (unsigned long long)now.tv_nsec);
	stream__push_meta(stream, key, text);
}

static void push_system(struct stream *stream)
{
	struct utsname system;

	uname(&system);
	stream__push_meta(stream, META_RELEASE, system.release);
	stream__push_meta(stream, META_ARCH, system.machine);
	stream__push_meta(stream, META_VERSION, HERDTRACE_VERSION);
	stream__push_meta(stream, META_HOST, system.nodename);
	push_time(stream, META_BEGUN);
}

static void push_hooks(struct stream *stream, const struct tracer *tracer)
{
	char text[128];

	stream__push_meta(stream, META_MODE, tracer__mode(tracer));
	for (size_t i = 0; i < hook_cnt; i++) {
		struct tracer_hook hook = tracer__hook(tracer, i);

		if (!hook.function)
			continue;
		snprintf(text, sizeof(text), "%s %s", hook.function, hook.how);
		stream__push_meta(stream, META_HOOK, text);
	}
}

static void push_running_command(struct stream *stream, pid_t pid)
{
	char path[64], text[4096];
	size_t got;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", procfs__living_thread(pid));
	f = fopen(path, "re");
	got = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[got] = '\0';
	for (char *arg = text; arg < text + got; arg += strlen(arg) + 1)
		stream__push_meta(stream, META_ARGUMENT, arg);
}

int head__push(struct stream *stream, const struct tracer *tracer, char *const *command, pid_t pid)
{
	push_system(stream);
	push_hooks(stream, tracer);
	for (char *const *arg = command; arg && *arg; arg++)
		stream__push_meta(stream, META_ARGUMENT, *arg);
	if (!command)
		push_running_command(stream, pid);
	return stream->error;
}

void head__push_end(struct stream *stream)
{
	push_time(stream, META_ENDED);
}
