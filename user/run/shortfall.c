// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/shortfall.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 200

bool run_end__by_user(enum run_end end)
{
	return end == RUN_DURATION || end == RUN_INTERRUPTED;
}

/* ---- nothing listened ---- */

static const char *name_server(const struct shortfall *s, char name[NAME_SIZE])
{
	if (s->command)
		snprintf(name, NAME_SIZE, "%s", s->command);
	else
		snprintf(name, NAME_SIZE, "%s", s->running);
	return name;
}

static int describe_silence(const struct shortfall *s, char *text, size_t size)
{
	const char *where = s->has_udp ? "" : " on TCP or AF_UNIX";
	char name[NAME_SIZE];

	name_server(s, name);
	if (run_end__by_user(s->end))
		return snprintf(text, size, "%s had not listened%s when the trace ended", name,
				where);
	if (s->end == RUN_SERVER_GONE && *s->server_end)
		return snprintf(text, size, "%s ended (%s) before it listened", name,
				s->server_end);
	if (s->end == RUN_SERVER_GONE)
		return snprintf(text, size, "%s ended before it listened", name);
	if (s->wait_sec <= 0)
		return snprintf(text, size, "%s does not listen%s", name, where);
	return snprintf(text, size, "%s did not listen%s within %g s", name, where, s->wait_sec);
}

void shortfall__describe_silence(const struct shortfall *s, char *text, size_t size)
{
	size_t used = describe_silence(s, text, size);

	if (s->has_udp && used < size)
		snprintf(text + used, size - used,
			 "; it has bound UDP sockets: herdtrace traces listeners of TCP and "
			 "AF_UNIX");
}

/* ---- too few connections ---- */

static void describe_end(const struct shortfall *s, char *text, size_t size)
{
	if (s->end == RUN_DURATION)
		snprintf(text, size, "the duration was over");
	else if (s->end == RUN_INTERRUPTED)
		snprintf(text, size, "the trace was interrupted");
	else if (s->killed)
		snprintf(text, size, "the server was %s", s->server_end);
	else if (*s->server_end)
		snprintf(text, size, "the server ended (%s)", s->server_end);
	else
		snprintf(text, size, "the server ended");
}

void shortfall__describe_connections(const struct shortfall *s, char *text, size_t size)
{
	char end[NAME_SIZE];

	describe_end(s, end, sizeof(end));
	if (s->end != RUN_DONE)
		snprintf(text, size, "%s after %u of %u connections", end, s->arrived, s->asked);
	else if (s->failed)
		snprintf(text, size, "%u of %u connections arrived: %u could not be made: %s",
			 s->arrived, s->asked, s->failed, strerror(s->error));
	else
		snprintf(text, size, "%u of %u connections arrived at a listener that is traced",
			 s->arrived, s->asked);
}
