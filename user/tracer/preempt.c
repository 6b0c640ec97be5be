// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/preempt.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

bool preempt__is_possible(const char *version, const char *modes)
{
	if (!strstr(version, "PREEMPT"))
		return false;
	return !modes || (!strstr(modes, "(none)") && !strstr(modes, "(voluntary)"));
}

/*
 * Who changes the mode while we trace is noticed: a program that is attached once, and was skipped, makes the
 * run incomplete.
 */
bool preempt__is_on(void)
{
	FILE *f = fopen("/sys/kernel/debug/sched/preempt", "re");
	struct utsname system;
	char modes[128];
	size_t got = f ? fread(modes, 1, sizeof(modes) - 1, f) : 0;

	if (f)
		fclose(f);
	modes[got] = '\0';
	return uname(&system) || preempt__is_possible(system.version, got ? modes : NULL);
}
