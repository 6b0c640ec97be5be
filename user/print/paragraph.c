// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/paragraph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define INDENT 4
#define PLAIN  "\033[0m"

struct paragraph {
	FILE *out;
	size_t width;   /* 0: lines have no end */
	size_t column;  /* cells that are in this line */
	bool has_words; /* this line */
	const char *color_begin, *color_end, *sequence;
};

static void print_byte(struct paragraph *p, const char *at)
{
	if (at == p->color_begin)
		fputs(p->sequence, p->out);
	fputc(*at, p->out);
	p->column += ((unsigned char)*at & 0xc0) != 0x80;
	if (at + 1 == p->color_end)
		fputs(PLAIN, p->out);
}

static size_t count_cells(const char *text, size_t length)
{
	size_t cells = 0;

	while (length--)
		cells += ((unsigned char)*text++ & 0xc0) != 0x80;
	return cells;
}

/* Blanks, and the word behind them: there or in the next line. */
static const char *print_word(struct paragraph *p, const char *at)
{
	size_t blanks = strspn(at, " "), length = strcspn(at + blanks, " ");
	size_t cells = blanks + count_cells(at + blanks, length);

	if (length && p->width && p->has_words && p->column + cells > p->width) {
		fprintf(p->out, "\n%*s", INDENT, "");
		p->column = INDENT;
		at += blanks;
		blanks = 0;
	}
	for (size_t i = 0; i < blanks + length; i++)
		print_byte(p, at + i);
	p->has_words = true;
	return at + blanks + length;
}

static char *clean(const struct terminal *terminal, const char *text)
{
	char *harmless = text__harmless(text), *plain;

	if (!terminal->ascii || !harmless)
		return harmless;
	plain = text__plain(harmless);
	free(harmless);
	return plain;
}

int paragraph__print(FILE *out, const struct terminal *terminal, const char *text,
		     struct paragraph_color color)
{
	struct paragraph p = {.out = out, .width = terminal->width, .sequence = color.sequence};
	char *whole = clean(terminal, text);
	const char *at = whole;

	if (!whole)
		return -ENOMEM;
	if (terminal->color && color.text)
		p.color_begin = strstr(whole, color.text);
	if (p.color_begin)
		p.color_end = p.color_begin + strlen(color.text);
	while (*at)
		at = print_word(&p, at);
	fputc('\n', out);
	free(whole);
	return 0;
}
