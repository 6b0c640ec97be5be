/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * libsmartcols measures cells with mbrtowc() and wcwidth(), which know the locale; and what is printed
 * must not depend on the reader's. So it works in C.UTF-8 here, whatever the environment says, and sees
 * only characters of which it is sure that each takes one cell on every terminal; others are written as
 * \xNN, as all are where there is no C.UTF-8.
 */
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "print/grid.h"
#include "base/text.h"

#define MAX_COLUMNS 16
#define SEPARATOR   "  "

struct column {
	struct libscols_column *library; /* NULL: not shown */
	size_t index;                    /* in the library's line */
	const char *name;
	size_t width; /* of the widest cell, the head included */
	size_t least; /* cells that are left when the column is cut, 0: it may not be cut */
};

struct grid {
	struct libscols_table *table;
	struct libscols_line *line;
	struct column columns[MAX_COLUMNS];
	unsigned column_cnt;
	size_t shown_cnt;
	locale_t utf8; /* 0: there is none */
	struct terminal terminal;
	int err;
};

struct grid *grid__new(const struct terminal *terminal)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->terminal = *terminal;
	grid->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	grid->table = scols_new_table();
	if (!grid->table) {
		grid__free(grid);
		return NULL;
	}
	scols_table_enable_noencoding(grid->table, 1);
	scols_table_enable_colors(grid->table, terminal->color);
	scols_table_set_column_separator(grid->table, SEPARATOR);
	/* Never ask the terminal: the output may go elsewhere, and a replay must not depend on it. */
	scols_table_set_termforce(grid->table, SCOLS_TERMFORCE_NEVER);
	return grid;
}

void grid__free(struct grid *grid)
{
	if (!grid)
		return;
	scols_unref_table(grid->table);
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
	int flags = SCOLS_FL_NOEXTREMES;
	struct column *column;

	if (grid->column_cnt == MAX_COLUMNS) {
		keep_error(grid, -E2BIG);
		return;
	}
	column = &grid->columns[grid->column_cnt++];
	if (!shown)
		return;
	flags |= align == GRID_RIGHT ? SCOLS_FL_RIGHT : 0;
	flags |= least > 0 ? SCOLS_FL_TRUNC : 0;
	column->name = name;
	column->width = strlen(name);
	column->least = least;
	column->index = grid->shown_cnt++;
	column->library = scols_table_new_column(grid->table, name, 0, flags);
	if (!column->library)
		keep_error(grid, -ENOMEM);
}

void grid__line(struct grid *grid)
{
	grid->line = scols_table_new_line(grid->table, NULL);
	if (!grid->line)
		keep_error(grid, -ENOMEM);
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

/* The text as it is printed; ascii: nothing but that, in a column that may be cut. */
static char *printable(const struct grid *grid, const char *text, bool ascii)
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
		if (is_one_cell(grid, piece) && !(ascii && (unsigned char)piece[0] >= 0x80))
			to = stpcpy(to, piece);
		else
			to = append_hex(to, piece);
	}
	*to = '\0';
	return whole;
}

/* The same, for where it is printed. The caller frees it; NULL: no memory. */
static char *cell_text(const struct grid *grid, const char *text, bool ascii)
{
	char *whole = printable(grid, text, ascii), *plain;

	if (!grid->terminal.ascii || !whole)
		return whole;
	plain = text__plain(whole);
	free(whole);
	return plain;
}

static size_t count_cells(const char *text)
{
	size_t cells = 0;

	for (; *text != '\0'; text++)
		cells += ((unsigned char)*text & 0xc0) != 0x80;
	return cells;
}

/* NULL: there is nothing to do for this column. */
static struct column *shown_column(struct grid *grid, unsigned column)
{
	if (grid->err || !grid->line || column >= grid->column_cnt)
		return NULL;
	return grid->columns[column].library ? &grid->columns[column] : NULL;
}

void grid__text(struct grid *grid, unsigned column, const char *text)
{
	struct column *to = shown_column(grid, column);
	size_t width;
	char *whole;
	int err;

	if (!to)
		return;
	whole = cell_text(grid, text, to->least > 0);
	if (!whole) {
		keep_error(grid, -ENOMEM);
		return;
	}
	width = count_cells(whole);
	err = scols_line_refer_data(grid->line, to->index, whole);
	if (err)
		free(whole);
	else if (width > to->width)
		to->width = width;
	keep_error(grid, err);
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
	struct column *of = shown_column(grid, column);
	struct libscols_cell *cell;

	if (!grid->terminal.color || !of)
		return;
	cell = scols_line_get_cell(grid->line, of->index);
	if (cell)
		keep_error(grid, scols_cell_set_color(cell, sequence));
}

static size_t least_width(const struct column *column)
{
	size_t head = strlen(column->name);
	size_t least = column->least > head ? column->least : head;

	return column->least > 0 && least < column->width ? least : column->width;
}

/* The library cuts a column down to the width of its head, hence the blanks. */
static int widen_head(const struct column *column)
{
	size_t width = least_width(column);
	char *head = malloc(width + 1);
	int err;

	if (!head)
		return -ENOMEM;
	snprintf(head, width + 1, "%-*s", (int)width, column->name);
	err = scols_cell_set_data(scols_column_get_header(column->library), head);
	free(head);
	return err;
}

/*
 * Has the library fit the grid into its width, but only where that can be done: cut columns in
 * lines that are too long all the same would help nobody.
 */
static int fit_to_width(struct grid *grid)
{
	size_t least = 0;
	int err = 0;

	for (unsigned i = 0; i < grid->column_cnt; i++) {
		if (grid->columns[i].library)
			least += least_width(&grid->columns[i]) + strlen(SEPARATOR);
	}
	if (least > grid->terminal.width + strlen(SEPARATOR))
		return 0;
	for (unsigned i = 0; !err && i < grid->column_cnt; i++) {
		if (grid->columns[i].library && grid->columns[i].least > 0)
			err = widen_head(&grid->columns[i]);
	}
	scols_table_set_termwidth(grid->table, grid->terminal.width);
	scols_table_set_termforce(grid->table, SCOLS_TERMFORCE_ALWAYS);
	return err;
}

static int lay_out(struct grid *grid, char **laid_out)
{
	locale_t before = grid->utf8 ? uselocale(grid->utf8) : (locale_t)0;
	int err = scols_print_table_to_string(grid->table, laid_out);

	if (grid->utf8)
		uselocale(before);
	/* The library calls it a success when it had no memory for the text. */
	return err || *laid_out ? err : -ENOMEM;
}

int grid__print(struct grid *grid, FILE *out)
{
	char *laid_out = NULL;
	int err = grid->err;

	if (!err && scols_table_is_empty(grid->table))
		return 0;
	if (!err && grid->terminal.width > 0)
		err = fit_to_width(grid);
	if (!err)
		err = lay_out(grid, &laid_out);
	errno = 0;
	if (!err && fprintf(out, "%s\n", laid_out) < 0)
		err = errno ? -errno : -EIO;
	free(laid_out);
	return err;
}
