// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MAX 10000

bool terminal__is_smart(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && (!term || strcmp(term, "dumb"));
}

static const char *set_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* The name is enough: where its locale is not installed here, the terminal is still what it says. */
bool terminal__is_ascii(FILE *out)
{
	const char *locale = set_variable("LC_ALL");

	if (!locale)
		locale = set_variable("LC_CTYPE");
	if (!locale)
		locale = set_variable("LANG");
	if (!locale)
		return isatty(fileno(out));
	return !strcasestr(locale, "utf-8") && !strcasestr(locale, "utf8");
}

static bool has_color(FILE *out, enum color_mode mode)
{
	if (mode != COLOR_AUTO)
		return mode == COLOR_ALWAYS;
	return terminal__is_smart(out) && !getenv("NO_COLOR");
}

static unsigned find_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long number;

	if (!ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	number = columns ? strtol(columns, NULL, 10) : 0;
	return number > 0 && number <= COLUMNS_MAX ? number : 0;
}

struct terminal terminal__describe(FILE *out, enum color_mode mode)
{
	return (struct terminal){
		.color = has_color(out, mode),
		.ascii = terminal__is_ascii(out),
		.width = find_width(out),
	};
}
