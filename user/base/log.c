// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static int log_verbose, log_quiet, log_ascii;

/* Fit to be printed; the caller frees it. NULL: no memory. */
static char *clean(const char *line)
{
	char *harmless = text__harmless(line), *plain;

	if (!log_ascii || !harmless)
		return harmless;
	plain = text__plain(harmless);
	free(harmless);
	return plain;
}

static void print_line(const char *format, va_list args)
{
	char line[1024], *cleaned;

	vsnprintf(line, sizeof(line), format, args);
	cleaned = clean(line);
	if (cleaned)
		fprintf(stderr, "herdtrace: %s\n", cleaned);
	else
		fputs("herdtrace: out of memory\n", stderr);
	free(cleaned);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

void log_note(const char *format, ...)
{
	va_list args;

	if (log_quiet)
		return;
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

void log_set_quiet(int quiet)
{
	log_quiet = quiet;
}

void log_set_ascii(int ascii)
{
	log_ascii = ascii;
}

int log_is_verbose(void)
{
	return log_verbose;
}
