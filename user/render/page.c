// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

void page__keep_error(struct page *page, int err)
{
	if (err && !page->err)
		page->err = err;
}

void page__say(struct page *page, struct paragraph_color color, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	page__keep_error(page,
			 text ? paragraph__print(page->out, &page->options->terminal, text, color)
			      : -ENOMEM);
	free(text);
}

struct grid *page__grid(struct page *page)
{
	struct grid *grid = grid__new(&page->options->terminal);

	if (!grid)
		page__keep_error(page, -ENOMEM);
	return grid;
}

void page__finish_grid(struct page *page, struct grid *grid)
{
	page__keep_error(page, grid__print(grid, page->out));
	grid__free(grid);
	fputc('\n', page->out);
}

size_t page__narrow(struct grid *grid, const unsigned *columns, size_t cnt)
{
	size_t hidden = 0;

	while (hidden < cnt && !grid__fits(grid))
		grid__show(grid, columns[hidden++], false);
	return hidden;
}
