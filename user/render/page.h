/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the report for a person: what its pieces have in common, and a file for each of them. */
#ifndef HERDTRACE_RENDER_PAGE_H
#define HERDTRACE_RENDER_PAGE_H

#include "print/grid.h"
#include "print/paragraph.h"
#include "render/render.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"

#define NO_COLOR ((struct paragraph_color){0})

/* On a narrow terminal these columns may be cut, but so much must be left to tell rows apart. */
#define ENDPOINT_CELLS 21 /* "255.255.255.255:65535": only IPv6 is ever cut */

/* Of a container's ID: as people and their tools shorten it. */
#define CONTAINER_DIGITS 12

struct page {
	FILE *out;
	const struct report *report;
	const struct render_options *options;
	int err; /* the first one, of memory or of reading rows */
};

void page__keep_error(struct page *page, int err);

/* A sentence, or several. */
void page__say(struct page *page, struct paragraph_color color, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* NULL: no memory. */
struct grid *page__grid(struct page *page);

/* Writes a grid, nothing where it is empty, and gives it up; a blank line goes after every table. */
void page__finish_grid(struct page *page, struct grid *grid);

/* Hides columns, the first one first, until the others fit. Returns how many it has hidden. */
size_t page__narrow(struct grid *grid, const unsigned *columns, size_t cnt);

/* Where all workers are, NULL: not all in one place. */
const struct report_place *page__common_place(const struct report *report);

/* Says where the workers are, and what epoll instances watch the listeners. */
void page__say_places(struct page *page);

void page__listeners(struct page *page);
void page__connections(struct page *page);
void page__workers(struct page *page);
void page__histograms(struct page *page);

#endif
