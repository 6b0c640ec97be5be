/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is on a screen of some size, as lines of text. Knows no terminal, and where the locale has UTF-8 as LC_CTYPE, wide letters. */
#ifndef HERDTRACE_TOP_PAGE_H
#define HERDTRACE_TOP_PAGE_H

#include <stdio.h>

#include "top/keys.h"

enum top_style {
	TOP_PLAIN,
	TOP_BOLD,
	TOP_RED,
	TOP_YELLOW,
	TOP_GREEN,
	TOP_REVERSE,
	TOP_STYLE_CNT,
};

/* Wider than that nothing gets. */
#define TOP_CELLS_MAX 240
#define TOP_LINE_SIZE (4 * TOP_CELLS_MAX + 1)

struct top_line {
	char text[TOP_LINE_SIZE]; /* harmless */
	enum top_style style;     /* of the whole line ... */
	size_t mark, mark_len;    /* ... but of these bytes */
	enum top_style mark_style;
};

struct top_page {
	VECTOR(struct top_line);
	size_t rows;  /* of workers or listeners that it has room for */
	size_t first; /* the one that it begins with */
};

struct top_size {
	unsigned columns, rows;
	bool ascii;    /* nothing else */
	bool has_keys; /* says what they are */
	double every_sec;
	const char *title; /* who is watched; harmless */
};

/* Makes a page anew. Returns 0 or -ENOMEM. */
int top_page__make(struct top_page *page, const struct top_numbers *numbers,
		   const struct top_choice *choice, const struct top_size *size);
void top_page__drop(struct top_page *page);

/* For a terminal that is no screen any more. */
void top_page__print(FILE *out, const struct top_page *page, bool color);

#endif
