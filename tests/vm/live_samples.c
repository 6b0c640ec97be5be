// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "live_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 600 /* a fifth of a second between two; Prometheus takes its time in emulation */

char *live__read_command(const char *command)
{
	char *text = calloc(1, 1 << 20);
	FILE *from = popen(command, "r");
	size_t got = from && text ? fread(text, 1, (1 << 20) - 1, from) : 0;

	if (from)
		pclose(from);
	if (text)
		text[got] = '\0';
	return text;
}

double live__sum_of(const char *text, const char *begin)
{
	double sum = -1;

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, begin, strlen(begin)))
			sum = (sum < 0 ? 0 : sum) + atof(line + strcspn(line, " "));
	}
	return sum;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
}

double live__await_sample(const char *command, const char *begin, double wanted)
{
	double seen = -1;

	for (int i = 0; i < TRIES && seen != wanted; i++) {
		char *text = live__read_command(command);

		seen = live__sum_of(text, begin);
		free(text);
		if (seen != wanted)
			nap();
	}
	return seen;
}
