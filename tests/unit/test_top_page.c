// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What is on a screen, of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "top/page.h"
#include "top_fixture.h"

/* What is seen, line by line. */
#define PAGE_WORKERS                                                                         \
	"herdtrace top: port 8888                                     00:00:01, every 1 s\n" \
	"now: 8.0 connections/s, 2.00 wakes each, 8.0/s wasted (50 %), 0.0 % of a CPU\n"     \
	"wait: p50 8.5 µs, p99 9.0 µs, queue 1 (most 1), 4 workers: 75 % max, 0 % min\n"   \
	"in all: 8 connections, 16 wakes, 8 wasted\n"                                        \
	"HERD: PROVED - 8 of 8 connections found two or more tasks waiting (up to 2); all\n" \
	"SKEW: INCONCLUSIVE - 8 connections over 4 workers: from 0 % to 75 % each where 2\n" \
	"STRANDING: INCONCLUSIVE - 1 of 8 connections came while a worker was busy and no\n" \
	"\n"                                                                                 \
	"PID     COMMAND   CONN/S SHARE  WAKES WASTED/S CPU %     P50     P99\n"             \
	"11      server       6.0  75 %   1.00        0   0.0  8.5 µs  9.0 µs\n"           \
	"13      server       1.0  12 %   2.00      1.0   0.0  8.5 µs  9.0 µs\n"           \
	"14      server       1.0  12 %   2.00      1.0   0.0  8.5 µs  9.0 µs\n"           \
	"12      server         0   0 %      -      6.0   0.0       -       -\n"             \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"\n"                                                                                 \
	"q quit  s sort  r reverse  p pause  w workers  l listeners  t mean  h help\n"
#define PAGE_LISTENERS                                                                         \
	"herdtrace top: port 8888                                     00:00:01, every 1 s\n"   \
	"now: 8.0 connections/s, 2.00 wakes each, 8.0/s wasted (50 %), 0.0 % of a CPU\n"       \
	"wait: p50 8.5 µs, p99 9.0 µs, queue 1 (most 1), 4 workers: 75 % max, 0 % min\n"     \
	"in all: 8 connections, 16 wakes, 8 wasted\n"                                          \
	"HERD: PROVED - 8 of 8 connections found two or more tasks waiting (up to 2); all\n"   \
	"SKEW: INCONCLUSIVE - 8 connections over 4 workers: from 0 % to 75 % each where 2\n"   \
	"STRANDING: INCONCLUSIVE - 1 of 8 connections came while a worker was busy and no\n"   \
	"\n"                                                                                   \
	"NO  ADDRESS         CONN/S SHARE  WAKES WASTED/S CPU %     P50     P99     QUEUE\n"   \
	"1   127.0.0.1:8888     8.0 100 %   2.00      8.0   0.0  8.5 µs  9.0 µs     1/128\n" \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"\n"                                                                                   \
	"q quit  s sort  r reverse  p pause  w workers  l listeners  t mean  h help\n"
#define PAGE_SMALL                                   \
	"herdtrace top: port~ 00:00:01, every 1 s\n" \
	"now: 8.0 connections/s, 2.00 wakes each,\n" \
	"wait: p50 8.5 us, p99 9.0 us, queue 1 (m\n" \
	"in all: 8 connections, 16 wakes, 8 waste\n" \
	"herd proved, skew inconclusive, strandin\n" \
	"PID     COMMAND   CONN/S  WAKES WASTED/S\n" \
	"11      server       6.0   1.00        0\n" \
	"13      server       1.0   2.00      1.0\n" \
	"14      server       1.0   2.00      1.0\n" \
	"q quit  s sort  r reverse  p pause  w wo\n"

static const struct top_size usual = {80, 24, false, true, 1, "port 8888"};

/* Four workers, of which one gets most; a listener that has one in its queue. */
static const struct top_numbers *look_at_skewed(struct watched *w)
{
	struct tape *t = &w->live.tape;

	watched__begin(w);
	tape__listen(t, TOP_LISTENER, 8888);
	for (uint32_t tid = 11; tid < 15; tid++)
		tape__task(t, TASK_SEEN, tid, "server");
	watched__look(w);
	for (int i = 0; i < 6; i++)
		watched__connect(w, TOP_LISTENER, 11, 12);
	watched__connect(w, TOP_LISTENER, 13, 14);
	watched__connect(w, TOP_LISTENER, 14, 13);
	tape__arrival(t, 100, TOP_LISTENER);
	return watched__look(w);
}

static char *print(const struct top_page *page, bool color)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	top_page__print(out, page, color);
	fclose(out);
	return text;
}

static void assert_page(const struct top_numbers *n, const struct top_choice *c,
			const struct top_size *size, const char *expected)
{
	struct top_page page = {0};
	char *text;

	assert_int_equal(top_page__make(&page, n, c, size), 0);
	text = print(&page, false);
	assert_string_equal(text, expected);
	free(text);
	top_page__drop(&page);
}

static void test_workers(void **state)
{
	struct top_choice c = TOP_CHOICE;
	struct watched w;

	(void)state;
	assert_page(look_at_skewed(&w), &c, &usual, PAGE_WORKERS);
	watched__end(&w);
}

static void test_listeners(void **state)
{
	struct top_choice c = TOP_CHOICE;
	struct watched w;

	(void)state;
	c.by = TOP_LISTENERS;
	assert_page(look_at_skewed(&w), &c, &usual, PAGE_LISTENERS);
	watched__end(&w);
}

static void test_small(void **state)
{
	const struct top_size small = {40, 10, true, true, 1, "port 8888"};
	struct top_choice c = TOP_CHOICE;
	struct watched w;

	(void)state;
	assert_page(look_at_skewed(&w), &c, &small, PAGE_SMALL);
	watched__end(&w);
}

/* No size is too small, and none makes more than it has room for. */
static void test_any_size(void **state)
{
	struct top_page page = {0};
	struct top_choice c = TOP_CHOICE;
	struct watched w;
	const struct top_numbers *n = look_at_skewed(&w);

	(void)state;
	for (unsigned columns = 0; columns <= 300; columns += columns < 90 ? 1 : 70) {
		for (unsigned rows = 0; rows < 40; rows++) {
			struct top_size size = {columns, rows, rows % 2, true, 1, "port 8888"};

			c.shows_help = columns % 3 == 0;
			c.by = columns % 2;
			assert_int_equal(top_page__make(&page, n, &c, &size), 0);
			assert_true(page.cnt <= rows);
			for (size_t i = 0; i < page.cnt; i++)
				assert_true(strlen(page.at[i].text) <= 2 * columns);
		}
	}
	top_page__drop(&page);
	watched__end(&w);
}

static const char *line_with(const struct top_page *page, const char *word)
{
	for (size_t i = 0; i < page->cnt; i++)
		if (strstr(page->at[i].text, word))
			return page->at[i].text;
	fail_msg("no line with \"%s\"; the last one is \"%s\"", word,
		 page->cnt > 9 ? page->at[9].text : "");
	return NULL;
}

/* What a task calls itself reaches no terminal as it is; too long a name is cut where it is told that it is. */
static void test_names(void **state)
{
	const struct top_size narrow = {36, 24, true, true, 1, "port 8888"};
	struct top_choice c = TOP_CHOICE;
	struct top_page page = {0};
	struct watched w;

	(void)state;
	look_at_skewed(&w);
	tape__task(&w.live.tape, TASK_RENAMED, 11, "\033[2J\xff\xc3\xa9");
	assert_int_equal(top_page__make(&page, watched__look(&w), &c, &usual), 0);
	line_with(&page, "\\x1b[2J\\xff\xc3\xa9 ");
	assert_int_equal(top_page__make(&page, &w.numbers, &c, &narrow), 0);
	line_with(&page, "11      \\x1b[2J\\xf~");
	for (size_t i = 0; i < page.cnt; i++)
		for (const char *at = page.at[i].text; *at; at++)
			assert_in_range(*at, ' ', '~');
	top_page__drop(&page);
	watched__end(&w);
}

static void test_loss(void **state)
{
	struct top_choice c = TOP_CHOICE;
	struct top_page page = {0};
	struct watched w;
	char *text;

	(void)state;
	look_at_skewed(&w);
	w.loss = (struct report_loss){.incomplete = true, .reason = "so it is"};
	c.is_paused = true;
	assert_int_equal(top_page__make(&page, watched__look(&w), &c, &usual), 0);
	assert_string_equal(page.at[1].text, "INCOMPLETE: so it is");
	text = print(&page, true);
	assert_non_null(strstr(text, "\033[31mINCOMPLETE: so it is\033[0m\n"));
	assert_non_null(strstr(text, "\033[33mPAUSED\033[0m"));
	free(text);
	top_page__drop(&page);
	watched__end(&w);
}

/* Rows below are reached, and not overrun. */
static void test_scrolling(void **state)
{
	const struct top_size low = {80, 9, false, true, 1, "port 8888"};
	struct top_choice c = TOP_CHOICE;
	struct top_page page = {0};
	struct watched w;
	const struct top_numbers *n = look_at_skewed(&w);

	(void)state;
	c.sort = TOP_PID;
	assert_int_equal(top_page__make(&page, n, &c, &low), 0);
	assert_int_equal(page.rows, 2);
	line_with(&page, "11 ");
	for (int i = 0; i < 10; i++)
		keys__take(&c, TOP_KEY_DOWN, page.rows);
	assert_int_equal(top_page__make(&page, n, &c, &low), 0);
	assert_int_equal(page.first, 2);
	line_with(&page, "14 ");
	top_page__drop(&page);
	watched__end(&w);
}

static void test_nothing_listens(void **state)
{
	struct top_choice c = TOP_CHOICE;
	struct top_page page = {0};
	struct watched w;

	(void)state;
	watched__begin(&w);
	assert_int_equal(top_page__make(&page, watched__look(&w), &c, &usual), 0);
	line_with(&page, "nothing listens");
	tape__listen(&w.live.tape, TOP_LISTENER, 8888);
	assert_int_equal(top_page__make(&page, watched__look(&w), &c, &usual), 0);
	line_with(&page, "no worker has waited yet: 1 listener");
	top_page__drop(&page);
	watched__end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workers),   cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_small),     cmocka_unit_test(test_any_size),
		cmocka_unit_test(test_names),     cmocka_unit_test(test_loss),
		cmocka_unit_test(test_scrolling), cmocka_unit_test(test_nothing_listens),
	};

	return cmocka_run_group_tests_name("top_page", tests, NULL, NULL);
}
