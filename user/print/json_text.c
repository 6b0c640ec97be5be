// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define INDENT 2

void json_text__begin(struct json_text *t, FILE *out, unsigned depth, bool begun)
{
	t->out = out;
	t->depth = depth;
	t->begun = begun;
	t->dense = false;
	t->err = 0;
	t->len = 0;
}

int json_text__end(struct json_text *t)
{
	errno = 0;
	if (!t->err && fwrite(t->buffer, 1, t->len, t->out) != t->len)
		t->err = errno ? -errno : -EIO;
	t->len = 0;
	return t->err;
}

/* ---- characters ---- */

static void put(struct json_text *t, const char *text, size_t len)
{
	while (len) {
		size_t room = sizeof(t->buffer) - t->len, piece = len < room ? len : room;

		memcpy(t->buffer + t->len, text, piece);
		t->len += piece;
		text += piece;
		len -= piece;
		if (t->len == sizeof(t->buffer))
			json_text__end(t);
	}
}

static void put_char(struct json_text *t, char c)
{
	t->buffer[t->len++] = c;
	if (t->len == sizeof(t->buffer))
		json_text__end(t);
}

static void put_line_end(struct json_text *t)
{
	static const char line_end[] = "\n                ";
	size_t blanks = (size_t)t->depth * INDENT, most = sizeof(line_end) - 2;

	put(t, line_end, 1 + (blanks < most ? blanks : most));
	for (; blanks > most; blanks--)
		put_char(t, ' ');
}

/* ---- values ---- */

static void begin_value(struct json_text *t, const char *key)
{
	if (t->begun)
		put_char(t, ',');
	/* At the top there is nothing before it. */
	if (t->depth && !t->dense)
		put_line_end(t);
	t->begun = true;
	if (!key)
		return;
	put_char(t, '"');
	put(t, key, strlen(key));
	put(t, "\": ", t->dense ? 2 : 3);
}

void json_text__open(struct json_text *t, const char *key, char bracket)
{
	begin_value(t, key);
	put_char(t, bracket);
	t->depth++;
	t->begun = false;
}

void json_text__close(struct json_text *t, char bracket)
{
	t->depth--;
	if (t->begun && !t->dense)
		put_line_end(t);
	put_char(t, bracket);
	t->begun = true;
}

void json_text__number(struct json_text *t, const char *key, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	if (number > INT64_MAX)
		number = INT64_MAX;
	do {
		digits[--at] = '0' + number % 10;
		number /= 10;
	} while (number);
	begin_value(t, key);
	put(t, digits + at, sizeof(digits) - at);
}

void json_text__word(struct json_text *t, const char *key, const char *word)
{
	begin_value(t, key);
	put(t, word, strlen(word));
}

static bool is_of_html(char c)
{
	return c == '<' || c == '>' || c == '&' || c == '\'';
}

/* Characters that mean nothing to JSON, to a terminal or to HTML: the length of those at the beginning. */
static size_t plain_len(const char *text)
{
	size_t len = 0;

	while (text[len] >= ' ' && text[len] <= '~' && text[len] != '"' && text[len] != '\\' &&
	       !is_of_html(text[len]))
		len++;
	return len;
}

/* Of a harmless text. */
static void put_quoted(struct json_text *t, char c)
{
	char escape[8];

	if (t->dense && is_of_html(c)) {
		put(t, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", c));
		return;
	}
	if (c == '"' || c == '\\')
		put_char(t, '\\');
	put_char(t, c);
}

void json_text__string(struct json_text *t, const char *key, const char *string)
{
	size_t len = plain_len(string);
	char *harmless = string[len] ? text__harmless(string) : NULL;

	if (string[len] && !harmless)
		t->err = t->err ? t->err : -ENOMEM;
	begin_value(t, key);
	put_char(t, '"');
	if (!harmless)
		put(t, string, len);
	for (const char *at = harmless; at && *at; at++)
		put_quoted(t, *at);
	put_char(t, '"');
	free(harmless);
}
