// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Tables: alignment, cutting, hiding, lines that are kept and lines that are streamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "print/grid.h"

struct printed {
	FILE *out;
	char *text;
	size_t size;
};

static void begin(struct printed *p)
{
	p->text = NULL;
	p->out = open_memstream(&p->text, &p->size);
	assert_non_null(p->out);
}

/* What has been printed is just this. */
static void end(struct printed *p, const char *expected)
{
	assert_int_equal(fclose(p->out), 0);
	assert_string_equal(p->text, expected);
	free(p->text);
}

static struct grid *new_grid(struct terminal terminal)
{
	struct grid *grid = grid__new(&terminal);

	assert_non_null(grid);
	grid__column(grid, "n", GRID_RIGHT, true);
	grid__cut_column(grid, "name", GRID_LEFT, true, 6);
	grid__column(grid, "at", GRID_LEFT, true);
	return grid;
}

static void put(struct grid *grid, unsigned number, const char *name, const char *at)
{
	grid__line(grid);
	grid__number(grid, 0, number);
	grid__text(grid, 1, name);
	grid__color(grid, 1, "\033[31m");
	grid__text(grid, 2, at);
}

static void print(struct grid *grid, const char *expected)
{
	struct printed p;

	begin(&p);
	assert_int_equal(grid__print(grid, p.out), 0);
	end(&p, expected);
	grid__free(grid);
}

static void test_alignment(void **state)
{
	struct grid *grid = new_grid((struct terminal){0});

	(void)state;
	put(grid, 7, "a", "x");
	put(grid, 100, "abc", "");
	print(grid, "  n  name  at\n"
		    "  7  a     x\n"
		    "100  abc\n");
}

static void test_empty(void **state)
{
	(void)state;
	print(new_grid((struct terminal){0}), "");
}

static void test_cut(void **state)
{
	struct grid *grid = new_grid((struct terminal){.width = 14});

	(void)state;
	put(grid, 1,
	    "abcd\xc3\xb6"
	    "fghijk",
	    "xyz");
	put(grid, 2, "abcdef", "xyz");
	print(grid, "n  name    at\n"
		    "1  abcd\xc3\xb6~  xyz\n"
		    "2  abcdef  xyz\n");
}

/* Below what must be left nothing is cut. */
static void test_too_narrow(void **state)
{
	struct grid *grid = new_grid((struct terminal){.width = 13});

	(void)state;
	put(grid, 1, "abcdefghijk", "xyz");
	assert_false(grid__fits(grid));
	grid__show(grid, 2, false);
	assert_true(grid__fits(grid));
	grid__show(grid, 2, true);
	print(grid, "n  name         at\n"
		    "1  abcdefghijk  xyz\n");
}

static void test_hidden(void **state)
{
	struct grid *grid = new_grid((struct terminal){0});

	(void)state;
	put(grid, 1, "a", "x");
	grid__show(grid, 1, false);
	print(grid, "n  at\n1  x\n");
}

static void test_color(void **state)
{
	struct grid *grid = new_grid((struct terminal){.color = true});

	(void)state;
	put(grid, 1, "a", "x");
	print(grid, "n  name  at\n1  \033[31ma\033[0m     x\n");
}

static void test_ascii(void **state)
{
	struct grid *grid = new_grid((struct terminal){.ascii = true});

	(void)state;
	put(grid, 1, "w\xc3\xb6", "5 \xc2\xb5s");
	print(grid, "n  name       at\n1  w\\xc3\\xb6  5 us\n");
}

/* As wide as what was measured, and written line by line. */
static void test_stream(void **state)
{
	struct grid *grid = new_grid((struct terminal){0});
	struct printed p;

	(void)state;
	begin(&p);
	grid__measure(grid);
	put(grid, 1000, "abcdefgh", "x");
	put(grid, 1, "a", "x");
	grid__stream(grid, p.out);
	put(grid, 1000, "abcdefgh", "x");
	put(grid, 1, "a", "x");
	fflush(p.out);
	assert_string_equal(p.text, "   n  name      at\n1000  abcdefgh  x\n");
	assert_int_equal(grid__print(grid, p.out), 0);
	end(&p, "   n  name      at\n1000  abcdefgh  x\n   1  a         x\n");
	grid__free(grid);
}

static void test_too_much(void **state)
{
	struct grid *grid = new_grid((struct terminal){0});
	struct printed p;

	(void)state;
	begin(&p);
	for (int i = 0; i < 30; i++)
		grid__column(grid, "more", GRID_LEFT, true);
	assert_true(grid__print(grid, p.out) < 0);
	end(&p, "");
	grid__free(grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_cut),       cmocka_unit_test(test_too_narrow),
		cmocka_unit_test(test_hidden),    cmocka_unit_test(test_color),
		cmocka_unit_test(test_ascii),     cmocka_unit_test(test_stream),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
