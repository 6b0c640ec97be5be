// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How long connections waited, and how many tasks each woke: two histograms side by side. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "render/page.h"

/* The longest bar; both of them fit 80 columns. */
#define BAR_CELLS 16

enum histogram_column { WAIT, WAIT_CNT, WAIT_BAR, WAKES, WAKES_CNT, WAKES_BAR };

/* Of what is there something is to be seen. */
static void put_bar(struct grid *grid, unsigned column, uint64_t cnt, uint64_t most)
{
	char bar[BAR_CELLS + 1];
	size_t length = cnt ? (cnt * BAR_CELLS + most / 2) / most : 0;

	if (cnt && !length)
		length = 1;
	memset(bar, '#', length);
	bar[length] = '\0';
	grid__text(grid, column, bar);
}

static uint64_t find_most(const struct histogram *h)
{
	uint64_t most = 0;

	for (size_t i = 0; i < HISTOGRAM_SIZE; i++)
		most = h->of[i] > most ? h->of[i] : most;
	return most;
}

static void put_count(struct grid *grid, unsigned column, const struct histogram *h, size_t bucket)
{
	grid__number(grid, column, h->of[bucket]);
	put_bar(grid, column + 1, h->of[bucket], find_most(h));
}

/* "< 1.0 ms" */
static void put_wait(struct grid *grid, size_t bucket)
{
	char text[TEXT_DURATION_SIZE];

	/* Beyond it there are no microseconds that nanoseconds can hold. */
	text__duration(text, bucket < 53 ? (INT64_C(1) << bucket) * 1000 : INT64_MAX);
	grid__format(grid, WAIT, "< %s", text);
}

/* "0", "1", "2-3", "4-7" */
static void put_wakes(struct grid *grid, size_t bucket)
{
	uint64_t least = bucket ? UINT64_C(1) << (bucket - 1) : 0;

	if (bucket < 2)
		grid__number(grid, WAKES, least);
	else
		grid__format(grid, WAKES, "%" PRIu64 "-%" PRIu64, least, 2 * least - 1);
}

static void fill(struct grid *grid, const struct histogram *waits, const struct histogram *wakes)
{
	size_t wait, last_wait, wake, last_wake;
	size_t wait_cnt = histogram__range(waits, &wait, &last_wait);
	size_t wake_cnt = histogram__range(wakes, &wake, &last_wake);

	for (size_t i = 0; i < wait_cnt || i < wake_cnt; i++) {
		grid__line(grid);
		if (i < wait_cnt) {
			put_wait(grid, wait + i);
			put_count(grid, WAIT_CNT, waits, wait + i);
		}
		if (i < wake_cnt) {
			put_wakes(grid, wake + i);
			put_count(grid, WAKES_CNT, wakes, wake + i);
		}
	}
}

void page__histograms(struct page *page)
{
	const struct totals *totals = &page->report->totals;
	bool waits = totals->summary.accepted > 0;
	struct grid *grid = page__grid(page);

	if (!grid)
		return;
	grid__column(grid, "wait", GRID_RIGHT, waits);
	grid__column(grid, "conns", GRID_RIGHT, waits);
	grid__column(grid, "", GRID_LEFT, waits);
	grid__column(grid, "woken", GRID_RIGHT, true);
	grid__column(grid, "conns", GRID_RIGHT, true);
	grid__column(grid, "", GRID_LEFT, true);
	fill(grid, &totals->waits_us, &totals->wakes);
	page__finish_grid(page, grid);
}
