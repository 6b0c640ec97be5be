// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A comparison as a table in Markdown. Documents, and names of their files, may hold anything. */
#include "print/markdown.h"

#include <string.h>

#include "compare/rows.h"

static void put_head(FILE *out, const struct comparison *c)
{
	fprintf(out, "| | %s |", c->kind == COMPARE_CLAIMS ? "claim" : "what");
	for (size_t i = 0; i < c->document_cnt; i++) {
		const char *slash = strrchr(c->heads[i], '/');

		fputc(' ', out);
		markdown__name(out, slash ? slash + 1 : c->heads[i]);
		fputs(" |", out);
	}
	fputs("\n|---|---|", out);
	for (size_t i = 0; i < c->document_cnt; i++)
		fputs("---|", out);
	fputc('\n', out);
}

static void put_row(FILE *out, const struct comparison *c, const struct compare_row *row)
{
	fprintf(out, "| %s | ", row->differs ? "\\*" : "");
	markdown__text(out, row->name);
	fputs(" |", out);
	for (size_t i = 0; i < c->document_cnt; i++) {
		fputc(' ', out);
		markdown__text(out, row->cells[i] ? row->cells[i] : "-");
		fputs(" |", out);
	}
	fputc('\n', out);
}

int compare_markdown__write(FILE *out, const struct comparison *c, bool all)
{
	size_t differing = comparison__differing(c);

	if (all || differing)
		put_head(out, c);
	for (size_t i = 0; i < c->row_cnt; i++)
		if (all || c->rows[i].differs)
			put_row(out, c, &c->rows[i]);
	fputs(all || differing ? "\n" : "", out);
	for (size_t i = 0; i < c->changes.cnt; i++) {
		fputs("- ", out);
		markdown__text(out, c->changes.at[i].text);
		fputc('\n', out);
	}
	fprintf(out, "%s%zu of %zu %s differ\n", c->changes.cnt ? "\n" : "", differing, c->row_cnt,
		c->kind == COMPARE_CLAIMS ? "claims" : "lines");
	return 0;
}
