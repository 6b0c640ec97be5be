// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/wrap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unilbrk.h>

#include "base/text.h"

#define WIDTH 80 /* where it is not known, and at most: longer lines are hard to read */
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

/* In place. */
static void drop(char *text, const char *begin, const char *end)
{
	char *from, *to;

	while ((from = strstr(text, begin))) {
		to = strstr(from + strlen(begin), end);
		if (!to)
			return;
		to += strlen(end);
		memmove(from, to, strlen(to) + 1);
		text = from;
	}
}

static void drop_all(char *text, const char *mark)
{
	size_t length = strlen(mark);

	while ((text = strstr(text, mark)))
		memmove(text, text + length, strlen(text + length) + 1);
}

/* What is left of a line; the caller frees it. NULL: no memory. */
static char *clean(const struct terminal *terminal, const char *line)
{
	char *text = text__harmless(line), *plain;

	if (!text)
		return NULL;
	drop(text, "<!--", "-->");
	if (!terminal->ascii)
		return text;
	plain = text__plain(text);
	free(text);
	return plain;
}

int wrap__print_verbatim(FILE *out, const struct terminal *terminal, const char *line)
{
	char *text = clean(terminal, line);

	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}

static size_t count_heading(const char *text)
{
	size_t hashes = strspn(text, "#");

	return hashes && text[hashes] == ' ' ? hashes + 1 : 0;
}

/* Cells to the left of all lines but the first of an item ("- text", "1. text"). */
static int item_indent(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!strncmp(text, "- ", 2))
		return 2;
	return digits && !strncmp(text + digits, ". ", 2) ? (int)digits + 2 : 0;
}

static void print_broken(FILE *out, const char *text, const char *breaks, int indent)
{
	for (; *text; text++, breaks++) {
		bool blank = *text == ' ' && breaks[1] == UC_BREAK_POSSIBLE;

		if (*breaks == UC_BREAK_POSSIBLE)
			fprintf(out, "\n%*s", indent, "");
		/* The blank before a break is not to be seen. */
		if (!blank)
			fputc(*text, out);
	}
}

int wrap__print(FILE *out, const struct terminal *terminal, const char *line)
{
	char *text = clean(terminal, line), *breaks = text ? calloc(1, strlen(text) + 1) : NULL;
	size_t heading = text ? count_heading(text) : 0;
	int width = terminal->width && terminal->width < WIDTH ? (int)terminal->width : WIDTH;
	int indent;
	char *rest;

	if (!breaks) {
		free(text);
		return -ENOMEM;
	}
	/* Without bold type its marks show what it is. */
	heading = terminal->color ? heading : 0;
	drop_all(text + heading, "**");
	indent = item_indent(text + heading);
	rest = text + heading + indent;
	u8_width_linebreaks((const uint8_t *)rest, strlen(rest), width - indent, 0, 0, NULL,
			    "UTF-8", breaks);
	fprintf(out, "%s%.*s", heading ? BOLD : "", indent, text + heading);
	print_broken(out, rest, breaks, indent);
	fprintf(out, "%s\n", heading ? PLAIN : "");
	free(breaks);
	free(text);
	return 0;
}
