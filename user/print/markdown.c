// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Renderers see it, readers do not: it parts what would be a link, and nothing else does so everywhere. */
#define GAP "<!-- -->"

/* Does a link begin there, for those who look for addresses in a text? */
static bool begins_link(const char *text, const char *at)
{
	if (*at == ':')
		return at[1] == '/' && at[2] == '/';
	return *at == '.' && at - text >= 3 && !strncasecmp(at - 3, "www", 3);
}

/* A piece is a character of harmless text. */
static void put_text(FILE *out, const char *piece)
{
	switch (piece[0]) {
	case '&': fputs("&amp;", out); break;
	case '<': fputs("&lt;", out); break;
	case '>': fputs("&gt;", out); break;
	case '@':
	case '#': fprintf(out, "\\%s" GAP, piece); break;
	default:
		if (strchr("\\`*_[]~|!$", piece[0]))
			fputc('\\', out);
		fputs(piece, out);
	}
}

void markdown__text(FILE *out, const char *text)
{
	const char *from = text ? text : "", *at = from;
	char piece[TEXT_PIECE_SIZE];

	for (text = from; text__take(&from, piece); at = from) {
		put_text(out, piece);
		if (begins_link(text, at))
			fputs(GAP, out);
	}
}

/* Between backquotes all is text; but they cannot hold any of these, not everywhere. */
static bool fits_quotes(const char *name)
{
	const char *from = name, *last = name;
	char piece[TEXT_PIECE_SIZE];

	while (text__take(&from, piece)) {
		if (strchr("\\`|", piece[0]))
			return false;
		last = from - 1;
	}
	return *name != ' ' && *last != ' ';
}

/* Numbers of characters are no punctuation to any parser. */
static void put_coded(FILE *out, const char *name)
{
	char piece[TEXT_PIECE_SIZE];

	fputs("<code>", out);
	while (text__take(&name, piece)) {
		for (const char *at = piece; *at; at++) {
			if (ispunct((unsigned char)*at) || *at == ' ')
				fprintf(out, "&#%d;", *at);
			else
				fputc(*at, out);
		}
	}
	fputs("</code>", out);
}

void markdown__name(FILE *out, const char *name)
{
	if (!name || !*name)
		fputc('-', out);
	else if (fits_quotes(name))
		fprintf(out, "`%s`", name);
	else
		put_coded(out, name);
}
