// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Sooner a rate says nothing. */
#define RATE_AFTER_NS (NS_PER_SEC / 2)

static void add(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

static bool has_rate(const struct status *s)
{
	return s->connections && s->elapsed_ns >= RATE_AFTER_NS;
}

static double per_second(const struct status *s)
{
	return (double)s->connections * NS_PER_SEC / (double)s->elapsed_ns;
}

/* In seconds, whichever comes first of the last connection and the end of the time; negative: nobody knows. */
static double seconds_left(const struct status *s)
{
	double left = s->left_ns == UINT64_MAX ? -1 : (double)s->left_ns / NS_PER_SEC, client;

	if (!has_rate(s) || s->connections > s->asked)
		return left;
	client = (double)(s->asked - s->connections) / per_second(s);
	return left < 0 || client < left ? client : left;
}

void status__describe(const struct status *s, char *text, size_t size)
{
	double left = seconds_left(s);

	*text = '\0';
	add(text, size, "%" PRIu64, s->connections);
	if (s->asked)
		add(text, size, " of %" PRIu64, s->asked);
	add(text, size, " connections");
	if (has_rate(s))
		add(text, size, ", %.*f per second", per_second(s) < 10 ? 1 : 0, per_second(s));
	add(text, size, ", %" PRIu64 " wakes", s->wakes);
	if (left >= 0)
		add(text, size, ", %.0f s left", left);
	add(text, size, "; Ctrl-C reports");
}
