// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static int log_verbose;

static void print_line(const char *format, va_list args)
{
	char line[1024], *harmless;

	vsnprintf(line, sizeof(line), format, args);
	harmless = text__harmless(line);
	if (harmless)
		fprintf(stderr, "herdtrace: %s\n", harmless);
	else
		fputs("herdtrace: out of memory\n", stderr);
	free(harmless);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

void log_detail(const char *format, ...)
{
	va_list args;

	if (!log_verbose)
		return;
	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

void log_set_verbose(int verbose)
{
	log_verbose = verbose;
}

int log_is_verbose(void)
{
	return log_verbose;
}
