/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A table whose layout does not depend on the locale. Knows nothing of herds. Its lines are kept until it is
 * printed; or, where they may be many, they are filled twice: to measure the columns, and to be
 * written one by one.
 *
 * Errors are kept until grid__print() returns the first one, so that filling a table reads as a list
 * of its cells.
 */
#ifndef HERDTRACE_PRINT_GRID_H
#define HERDTRACE_PRINT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "print/terminal.h"

#define GRID_FORMAT_SIZE 128

struct grid;

/* How to lay out; width 0: as wide as the contents. NULL: no memory. */
struct grid *grid__new(const struct terminal *terminal);
void grid__free(struct grid *grid);

enum grid_align { GRID_LEFT, GRID_RIGHT };

/*
 * Adds a column; all of them come before the first line. The n-th call is column n, from 0, whether
 * the column is shown or not: the cells of one that is not shown go nowhere. The name is not copied.
 */
void grid__column(struct grid *grid, const char *name, enum grid_align align, bool shown);

/* The same for a column that may be cut to fit the width, to no less than these cells; "~" ends what is cut. */
void grid__cut_column(struct grid *grid, const char *name, enum grid_align align, bool shown,
		      size_t least);

/* The lines from now on only say how wide columns are. */
void grid__measure(struct grid *grid);

/* Could lines as wide as those up to now be made to fit the width? */
bool grid__fits(const struct grid *grid);

/* Another decision on whether a column is shown, before anything is written. */
void grid__show(struct grid *grid, unsigned column, bool shown);

/* Writes the head; lines from now on are written as soon as they are complete. */
void grid__stream(struct grid *grid, FILE *out);

void grid__line(struct grid *grid);

/* Cells of the last line, left to right; a cell may be left out. The texts are made harmless. */
void grid__text(struct grid *grid, unsigned column, const char *text);
void grid__number(struct grid *grid, unsigned column, uint64_t number);
void grid__duration(struct grid *grid, unsigned column, int64_t ns);
/* For short texts: GRID_FORMAT_SIZE with its NUL. */
void grid__format(struct grid *grid, unsigned column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Colours a cell that has been filled, if the grid has colours. */
void grid__color(struct grid *grid, unsigned column, const char *sequence);

/* Writes what has not been, nothing when it has no lines. 0 or the first error of all calls. */
int grid__print(struct grid *grid, FILE *out);

#endif
