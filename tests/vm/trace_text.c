/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "trace_text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The bracket before the CPU, NULL when there is none. */
static const char *find_bracket(const char *line, const char *end)
{
	const char *bracket = memrchr(line, '[', (size_t)(end - line));

	return bracket && bracket[1] >= '0' && bracket[1] <= '9' ? bracket : NULL;
}

bool trace_text__cpu(const char *line, const char *end, unsigned int *cpu)
{
	const char *bracket = find_bracket(line, end);
	char *after;
	unsigned long value;

	if (!bracket)
		return false;
	value = strtoul(bracket + 1, &after, 10);
	*cpu = (unsigned int)value;
	return *after == ']' && value <= UINT_MAX;
}

bool trace_text__task(const char *line, const char *end, uint32_t *tid)
{
	const char *at = find_bracket(line, end);

	while (at && at > line && at[-1] == ' ')
		at--;
	while (at && at > line && at[-1] >= '0' && at[-1] <= '9')
		at--;
	if (!at || at == line || at[-1] != '-' || *at < '0' || *at > '9')
		return false;
	*tid = (uint32_t)strtoul(at, NULL, 10);
	return true;
}

bool trace_text__number(const char *text, const char *key, uint32_t *number)
{
	const char *at = NULL;
	char *after;
	unsigned long value;

	for (const char *next = text; (next = strstr(next, key)); next++)
		at = next + strlen(key);
	if (!at || *at < '0' || *at > '9')
		return false;
	value = strtoul(at, &after, 10);
	*number = (uint32_t)value;
	return *after == ' ' && value <= INT_MAX;
}

bool trace_text__time(const char *line, const char *end, uint64_t *ns)
{
	const char *at = end;
	char *after;
	unsigned long long seconds, fraction;

	while (at > line && (at[-1] == '.' || (at[-1] >= '0' && at[-1] <= '9')))
		at--;
	seconds = strtoull(at, &after, 10);
	if (after == at || *after != '.')
		return false;
	fraction = strtoull(after + 1, &after, 10);
	*ns = seconds * 1000000000u + fraction * 1000u;
	return after == end;
}

bool trace_text__is_remark(const char *line)
{
	return !*line || *line == '#' || !strncmp(line, "CPU:", strlen("CPU:"));
}
