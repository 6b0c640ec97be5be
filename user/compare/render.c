// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A comparison for people, and as JSON (schema herdtrace-compare/1). */
#include <errno.h>
#include <string.h>

#include "compare/rows.h"
#include "print/grid.h"
#include "print/json.h"
#include "print/paragraph.h"

#define YELLOW "\033[33m"

/* The columns before those of the documents. */
enum { MARK_COLUMN, NAME_COLUMN, FIRST_DOCUMENT };

/* A column's head must be printable ASCII: the grid takes it as it is. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || *text == '`')
			*text = '?';
}

/* The head of a file is what tells it apart: the end of its path. */
static char *make_head(const char *from)
{
	const char *slash = strrchr(from, '/');
	char *head = strdup(slash ? slash + 1 : from);

	if (head)
		make_plain(head);
	return head;
}

static const char *cell_text(const struct compare_row *row, size_t index)
{
	return row->cells[index] ? row->cells[index] : "-";
}

static size_t count_like(const struct comparison *c, const struct compare_row *row,
			 const char *text)
{
	size_t cnt = 0;

	for (size_t i = 0; i < c->document_cnt; i++)
		cnt += !strcmp(cell_text(row, i), text);
	return cnt;
}

/* What more than half of the documents say, NULL when there is no such text. */
static const char *usual_text(const struct comparison *c, const struct compare_row *row)
{
	for (size_t i = 0; i < c->document_cnt; i++)
		if (count_like(c, row, cell_text(row, i)) * 2 > c->document_cnt)
			return cell_text(row, i);
	return NULL;
}

/* A cell that says something else than most is marked; where there is no "most", all stand out. */
static void put_cell(struct grid *grid, unsigned column, const char *text, const char *usual)
{
	char *marked = NULL;

	if (usual && !strcmp(text, usual)) {
		grid__text(grid, column, text);
		return;
	}
	if (usual && asprintf(&marked, "%s *", text) < 0)
		marked = NULL;
	grid__text(grid, column, marked ? marked : text);
	grid__color(grid, column, YELLOW);
	free(marked);
}

static void put_row(struct grid *grid, const struct comparison *c, const struct compare_row *row)
{
	const char *usual = usual_text(c, row);

	grid__line(grid);
	grid__text(grid, MARK_COLUMN, row->differs ? "*" : "");
	grid__text(grid, NAME_COLUMN, row->name);
	for (size_t i = 0; i < c->document_cnt; i++)
		put_cell(grid, FIRST_DOCUMENT + i, cell_text(row, i), usual);
}

static int print_grid(FILE *out, const struct comparison *c, bool all, struct grid *grid,
		      char **heads)
{
	grid__column(grid, "", GRID_LEFT, true);
	grid__column(grid, c->kind == COMPARE_CLAIMS ? "claim" : "what", GRID_LEFT, true);
	for (size_t i = 0; i < c->document_cnt; i++) {
		heads[i] = make_head(c->heads[i]);
		if (!heads[i])
			return -ENOMEM;
		grid__column(grid, heads[i], GRID_LEFT, true);
	}
	for (size_t i = 0; i < c->row_cnt; i++)
		if (all || c->rows[i].differs)
			put_row(grid, c, &c->rows[i]);
	return grid__print(grid, out);
}

/* The first document is what was before. */
static int print_changes(FILE *out, const struct changes *changes, const struct terminal *terminal)
{
	int err = 0;

	for (size_t i = 0; i < changes->cnt && !err; i++) {
		fprintf(out, "%s", i ? "" : "\n");
		err = paragraph__print(out, terminal, changes->at[i].text,
				       (struct paragraph_color){"more than chance", YELLOW});
	}
	return err;
}

int compare_table__write(FILE *out, const struct comparison *c, bool all,
			 const struct terminal *terminal)
{
	char **heads = calloc(c->document_cnt + 1, sizeof(*heads));
	struct grid *grid = grid__new(terminal);
	size_t differing = comparison__differing(c);
	int err = -ENOMEM;

	if (grid && heads)
		err = print_grid(out, c, all, grid, heads);
	grid__free(grid);
	for (size_t i = 0; heads && i < c->document_cnt; i++)
		free(heads[i]);
	free(heads);
	if (!err)
		err = print_changes(out, &c->changes, terminal);
	fprintf(out, "%s%zu of %zu %s differ\n", all || differing || c->changes.cnt ? "\n" : "",
		differing, c->row_cnt, c->kind == COMPARE_CLAIMS ? "claims" : "lines");
	return err;
}

/* ---- JSON ---- */

static json_t *row_object(const struct comparison *c, const struct compare_row *row)
{
	json_t *object = json_object(), *cells = json_array();

	for (size_t i = 0; i < c->document_cnt; i++)
		append(&cells, row->cells[i] ? string(row->cells[i]) : json_null());
	set(&object, "name", string(row->name));
	set(&object, "cells", cells);
	set(&object, "differs", json_boolean(row->differs));
	return object;
}

static json_t *change_object(const struct change *change)
{
	json_t *object = json_object();

	set(&object, "what", json_string(change->what));
	set(&object, "text", string(change->text));
	set(&object, "p", change->is_tested ? json_real(change->p) : json_null());
	set(&object, "more_than_chance", json_boolean(change__is_certain(change)));
	return object;
}

static json_t *changes_array(const struct changes *changes)
{
	json_t *array = json_array();

	for (size_t i = 0; i < changes->cnt; i++)
		append(&array, change_object(&changes->at[i]));
	return array;
}

int compare_json__write(FILE *out, const struct comparison *c, bool all)
{
	const char *kind = c->kind == COMPARE_CLAIMS ? "claims" : "runs";
	json_t *document = json_object(), *rows = json_array();

	for (size_t i = 0; i < c->row_cnt; i++)
		if (all || c->rows[i].differs)
			append(&rows, row_object(c, &c->rows[i]));
	set(&document, "schema", json_string("herdtrace-compare/1"));
	set(&document, "kind", json_string(kind));
	set(&document, "heads", strings(c->heads, c->document_cnt));
	set(&document, "differing", number(comparison__differing(c)));
	set(&document, "rows", rows);
	set(&document, "changes", changes_array(&c->changes));
	return print_json(out, document);
}
