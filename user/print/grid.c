// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * How wide a character is wcwidth() knows, by the locale; what is printed must not depend on the reader's. So
 * it is asked in C.UTF-8 here, whatever the environment says, and only characters of which it is sure
 * that each takes one cell on every terminal are printed; others are written as \xNN, as all are where
 * there is no C.UTF-8.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "print/grid.h"
#include "base/text.h"
#include "base/vector.h"

#define MAX_COLUMNS 20
#define SEPARATOR   "  "
#define PLAIN       "\033[0m"

/* The end of what is cut. */
#define CUT "~"

struct column {
	const char *name;
	enum grid_align align;
	bool shown;
	size_t width; /* of the widest cell, the head included */
	size_t least; /* cells that are left when the column is cut, 0: it may not be cut */
};

struct cell {
	char *text; /* NULL: empty */
	const char *color;
};

struct line {
	struct cell cells[MAX_COLUMNS];
};

/* What becomes of lines. */
enum mode {
	KEEPING, /* until grid__print() */
	MEASURING,
	STREAMING,
};

struct grid {
	struct terminal terminal;
	locale_t utf8; /* 0: there is none */
	struct column columns[MAX_COLUMNS];
	unsigned column_cnt;
	enum mode mode;
	FILE *out; /* while streaming; not owned */
	bool has_line;
	struct line line; /* that is being filled */
	VECTOR(struct line) kept;
	int err;
};

struct grid *grid__new(const struct terminal *terminal)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->terminal = *terminal;
	grid->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return grid;
}

static void drop_line(struct line *line)
{
	for (unsigned i = 0; i < MAX_COLUMNS; i++)
		free(line->cells[i].text);
	*line = (struct line){0};
}

void grid__free(struct grid *grid)
{
	if (!grid)
		return;
	for (size_t i = 0; i < grid->kept.cnt; i++)
		drop_line(&grid->kept.at[i]);
	free(grid->kept.at);
	drop_line(&grid->line);
	if (grid->utf8)
		freelocale(grid->utf8);
	free(grid);
}

static void keep_error(struct grid *grid, int err)
{
	if (err && !grid->err)
		grid->err = err;
}

void grid__column(struct grid *grid, const char *name, enum grid_align align, bool shown)
{
	grid__cut_column(grid, name, align, shown, 0);
}

void grid__cut_column(struct grid *grid, const char *name, enum grid_align align, bool shown,
		      size_t least)
{
	if (grid->column_cnt == MAX_COLUMNS) {
		keep_error(grid, -E2BIG);
		return;
	}
	grid->columns[grid->column_cnt++] = (struct column){
		.name = name,
		.align = align,
		.shown = shown,
		.width = strlen(name),
		.least = least,
	};
}

void grid__show(struct grid *grid, unsigned column, bool shown)
{
	grid->columns[column].shown = shown;
}

/* Latin, Greek and Cyrillic: one cell each on every terminal. Of others one cannot be sure. */
static bool is_one_cell(const struct grid *grid, const char *piece)
{
	size_t len;
	uint32_t code_point = text__code_point(piece, &len);
	locale_t before;
	int cells;

	if (code_point < 0x80)
		return true;
	if (!grid->utf8 || code_point < 0xa0 || code_point > 0x52f ||
	    (code_point > 0x2ff && code_point < 0x370))
		return false;
	before = uselocale(grid->utf8);
	cells = wcwidth((wchar_t)code_point);
	uselocale(before);
	return cells == 1;
}

static char *append_hex(char *to, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		to += sprintf(to, "\\x%02x", (unsigned char)*bytes);
	return to;
}

/* The text as it is printed on terminals that can show it. */
static char *printable(const struct grid *grid, const char *text)
{
	const char *from = text ? text : "";
	char piece[TEXT_PIECE_SIZE];
	char *whole, *to;

	/* A byte becomes four at most: \xNN. */
	whole = malloc(strlen(from) * 4 + 1);
	if (!whole)
		return NULL;
	to = whole;
	while (text__take(&from, piece) > 0) {
		if (is_one_cell(grid, piece))
			to = stpcpy(to, piece);
		else
			to = append_hex(to, piece);
	}
	*to = '\0';
	return whole;
}

/* The same, for where it is printed. The caller frees it; NULL: no memory. */
static char *cell_text(const struct grid *grid, const char *text)
{
	char *whole = printable(grid, text), *plain;

	if (!grid->terminal.ascii || !whole)
		return whole;
	plain = text__plain(whole);
	free(whole);
	return plain;
}

static bool is_inside(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t count_cells(const char *text)
{
	size_t cells = 0;

	for (; *text != '\0'; text++)
		cells += !is_inside(*text);
	return cells;
}

/* The bytes of the first cells. */
static size_t bytes_of(const char *text, size_t cells)
{
	const char *end = text;

	while (*end && (cells || is_inside(*end)))
		cells -= !is_inside(*end++);
	return end - text;
}

/* ---- lines ---- */

static void put_blanks(FILE *out, size_t cnt)
{
	fprintf(out, "%*s", (int)cnt, "");
}

/* A text in its column's width; *blanks are still owed before it, and then behind it. */
static void put_cell(const struct grid *grid, const struct column *column, const struct cell *cell,
		     size_t *blanks)
{
	const char *text = cell->text ? cell->text : "";
	size_t cells = count_cells(text);
	bool cut = cells > column->width;
	size_t shown = cut ? column->width - 1 : cells, pad = cut ? 0 : column->width - cells;
	bool colored = grid->terminal.color && cell->color;

	*blanks += column->align == GRID_RIGHT ? pad : 0;
	if (*text) {
		put_blanks(grid->out, *blanks);
		fprintf(grid->out, "%s%.*s%s%s", colored ? cell->color : "",
			(int)bytes_of(text, shown), text, cut ? CUT : "", colored ? PLAIN : "");
		*blanks = 0;
	}
	*blanks += (column->align == GRID_LEFT ? pad : 0) + strlen(SEPARATOR);
}

static void put_line(const struct grid *grid, const struct line *line)
{
	size_t blanks = 0;

	for (unsigned i = 0; i < grid->column_cnt; i++)
		if (grid->columns[i].shown)
			put_cell(grid, &grid->columns[i], &line->cells[i], &blanks);
	fputc('\n', grid->out);
}

static void put_head(const struct grid *grid)
{
	struct line head = {0};

	for (unsigned i = 0; i < grid->column_cnt; i++)
		head.cells[i].text = (char *)grid->columns[i].name;
	put_line(grid, &head);
}

/* The line that has been filled is complete. */
static void finish_line(struct grid *grid)
{
	struct line *to = NULL;

	if (!grid->has_line)
		return;
	grid->has_line = false;
	if (grid->mode == STREAMING && !grid->err)
		put_line(grid, &grid->line);
	if (grid->mode == KEEPING)
		to = vector_add(&grid->kept);
	if (to) {
		*to = grid->line;
		grid->line = (struct line){0};
		return;
	}
	if (grid->mode == KEEPING)
		keep_error(grid, -ENOMEM);
	drop_line(&grid->line);
}

void grid__line(struct grid *grid)
{
	finish_line(grid);
	grid->has_line = true;
}

/* ---- cells ---- */

void grid__text(struct grid *grid, unsigned column, const char *text)
{
	struct cell *cell;
	size_t width;

	if (grid->err || !grid->has_line || column >= grid->column_cnt)
		return;
	cell = &grid->line.cells[column];
	free(cell->text);
	cell->text = cell_text(grid, text);
	if (!cell->text) {
		keep_error(grid, -ENOMEM);
		return;
	}
	width = count_cells(cell->text);
	if (grid->mode != STREAMING && width > grid->columns[column].width)
		grid->columns[column].width = width;
}

void grid__number(struct grid *grid, unsigned column, uint64_t number)
{
	grid__format(grid, column, "%" PRIu64, number);
}

void grid__duration(struct grid *grid, unsigned column, int64_t ns)
{
	char text[TEXT_DURATION_SIZE];

	text__duration(text, ns);
	grid__text(grid, column, text);
}

void grid__format(struct grid *grid, unsigned column, const char *format, ...)
{
	char text[GRID_FORMAT_SIZE];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		keep_error(grid, -E2BIG);
	else
		grid__text(grid, column, text);
}

void grid__color(struct grid *grid, unsigned column, const char *sequence)
{
	if (grid->has_line && column < grid->column_cnt)
		grid->line.cells[column].color = sequence;
}

/* ---- widths ---- */

static size_t least_width(const struct column *column)
{
	size_t head = strlen(column->name);
	size_t least = column->least > head ? column->least : head;

	return column->least > 0 && least < column->width ? least : column->width;
}

/* Cells of a line; least: when all is cut that may be. */
static size_t line_width(const struct grid *grid, bool least)
{
	size_t width = 0;

	for (unsigned i = 0; i < grid->column_cnt; i++) {
		const struct column *column = &grid->columns[i];

		if (column->shown)
			width += (width ? strlen(SEPARATOR) : 0) +
				 (least ? least_width(column) : column->width);
	}
	return width;
}

bool grid__fits(const struct grid *grid)
{
	return !grid->terminal.width || line_width(grid, true) <= grid->terminal.width;
}

/* The column that has most to give, NULL: none has. */
static struct column *find_longest(struct grid *grid)
{
	struct column *longest = NULL;
	size_t most = 0;

	for (unsigned i = 0; i < grid->column_cnt; i++) {
		struct column *column = &grid->columns[i];
		size_t spare = column->width - least_width(column);

		if (!column->shown || spare <= most)
			continue;
		most = spare;
		longest = column;
	}
	return longest;
}

/* Only where that can be done: cut columns in lines that are too long all the same help nobody. */
static void fit_to_width(struct grid *grid)
{
	struct column *longest;

	if (!grid->terminal.width || !grid__fits(grid))
		return;
	while (line_width(grid, false) > grid->terminal.width && (longest = find_longest(grid)))
		longest->width--;
}

/* ---- printing ---- */

void grid__measure(struct grid *grid)
{
	grid->mode = MEASURING;
}

void grid__stream(struct grid *grid, FILE *out)
{
	finish_line(grid);
	grid->mode = STREAMING;
	grid->out = out;
	fit_to_width(grid);
	put_head(grid);
}

int grid__print(struct grid *grid, FILE *out)
{
	finish_line(grid);
	if (grid->err || grid->mode != KEEPING || !grid->kept.cnt)
		return grid->err;
	grid->out = out;
	fit_to_width(grid);
	errno = 0;
	put_head(grid);
	for (size_t i = 0; i < grid->kept.cnt; i++)
		put_line(grid, &grid->kept.at[i]);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
