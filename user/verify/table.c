// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The claims as a table, then all that needs explaining. */
#include <errno.h>

#include "verify/catalogue.h"
#include "print/grid.h"
#include "base/text.h"
#include "verify/report.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"

/* What must be left of a sentence on a narrow terminal. */
#define SENTENCE_CELLS 20

enum result_column { CLAIM, EXPECTED, MEASURED, RESULT };

static const char *color_of(enum claim_outcome outcome)
{
	switch (outcome) {
	case CLAIM_HOLDS: return GREEN;
	case CLAIM_BROKEN: return RED;
	case CLAIM_INCONCLUSIVE: break;
	}
	return YELLOW;
}

static void put_claim(struct grid *grid, const struct verify_claim *c)
{
	grid__line(grid);
	grid__text(grid, CLAIM, c->claim->id);
	grid__text(grid, EXPECTED, c->expected);
	grid__text(grid, MEASURED, *c->measured ? c->measured : "-");
	grid__text(grid, RESULT, claim_outcome__name(c->outcome));
	grid__color(grid, RESULT, color_of(c->outcome));
}

static void print_words(FILE *out, const char *const *word)
{
	for (; *word; word++)
		fprintf(out, "%s%s", *word, word[1] ? " " : "");
}

static void explain(FILE *out, const struct verify_claim *c)
{
	fprintf(out, "\n%s: %s\n  %s\n  %s\n", c->claim->id, claim_outcome__name(c->outcome),
		c->claim->text, c->claim->source);
	for (size_t i = 0; i < c->run_cnt; i++) {
		const struct finding *f = &c->runs[i].finding;

		fputs("  ", out);
		print_words(out, c->claim->servers[i]);
		fputs(": ", out);
		text__print(out, *f->measured ? f->measured : "nothing measured");
		if (*f->detail) {
			fputs(" (", out);
			text__print(out, f->detail);
			fputc(')', out);
		}
		if (*f->reason) {
			fputs(": ", out);
			text__print(out, f->reason);
		}
		fputc('\n', out);
	}
}

static int print_grid(FILE *out, const struct verify_report *r, const struct terminal *terminal)
{
	struct grid *grid = grid__new(terminal);
	int err;

	if (!grid)
		return -ENOMEM;
	grid__column(grid, "claim", GRID_LEFT, true);
	grid__column(grid, "expected", GRID_LEFT, true);
	grid__column(grid, "measured", GRID_LEFT, true);
	grid__column(grid, "result", GRID_LEFT, true);
	for (size_t i = 0; i < r->claim_cnt; i++)
		put_claim(grid, &r->claims[i]);
	err = grid__print(grid, out);
	grid__free(grid);
	return err;
}

int verify_table__write(FILE *out, const struct verify_report *r, const struct terminal *terminal)
{
	int err;

	fputs("kernel ", out);
	text__print(out, r->kernel_release);
	fputc(' ', out);
	text__print(out, r->kernel_arch);
	fprintf(out, ", attach mode %s; n is the number of workers\n\n", r->attach_mode);
	err = print_grid(out, r, terminal);
	for (size_t i = 0; i < r->claim_cnt; i++)
		if (r->claims[i].outcome != CLAIM_HOLDS)
			explain(out, &r->claims[i]);
	verify_report__print_sums(r, out);
	if (r->interrupted)
		fputs("interrupted: the other claims were not tried\n", out);
	return err;
}

int verify_table__list(FILE *out, const struct terminal *terminal)
{
	struct grid *grid = grid__new(terminal);
	int err;

	if (!grid)
		return -ENOMEM;
	grid__column(grid, "claim", GRID_LEFT, true);
	grid__column(grid, "expected", GRID_LEFT, true);
	grid__cut_column(grid, "what it says", GRID_LEFT, true, SENTENCE_CELLS);
	for (size_t i = 0; i < catalogue_cnt; i++) {
		const struct claim *c = &catalogue[i];

		grid__line(grid);
		grid__text(grid, 0, c->id);
		if (c->feature == FEATURE_NONE)
			grid__text(grid, 1, c->expected);
		else
			grid__format(grid, 1, "%s (or %s)", c->expected, c->expected_without);
		grid__text(grid, 2, c->text);
	}
	err = grid__print(grid, out);
	grid__free(grid);
	return err;
}
