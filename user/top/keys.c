// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/keys.h"

#define CTRL_L 12

static void show(struct top_choice *c, enum top_by by)
{
	c->by = by;
	c->first = 0;
	while (!columns__has(c->by, c->sort))
		c->sort = TOP_CONNECTIONS;
}

static void sort_by_next(struct top_choice *c)
{
	do
		c->sort = (c->sort + 1) % TOP_COLUMN_CNT;
	while (!columns__has(c->by, c->sort));
	c->first = 0;
}

static bool scroll(struct top_choice *c, int key, size_t rows)
{
	switch (key) {
	case 'k':
	case TOP_KEY_UP: c->first -= c->first > 0; return true;
	case 'j':
	case TOP_KEY_DOWN: c->first++; return true;
	case TOP_KEY_PAGE_UP: c->first -= c->first < rows ? c->first : rows; return true;
	case TOP_KEY_PAGE_DOWN: c->first += rows; return true;
	case TOP_KEY_HOME: c->first = 0; return true;
	default: return false;
	}
}

bool keys__take(struct top_choice *c, int key, size_t rows)
{
	switch (key) {
	case 'q':
	case 'Q': c->quits = true; return true;
	case 's': sort_by_next(c); return true;
	case 'r': c->reversed = !c->reversed; return true;
	case ' ':
	case 'p': c->is_paused = !c->is_paused; return true;
	case 'w': show(c, TOP_WORKERS); return true;
	case 'l': show(c, TOP_LISTENERS); return true;
	case '\t': show(c, c->by == TOP_WORKERS ? TOP_LISTENERS : TOP_WORKERS); return true;
	case 't': c->span = c->span == TOP_PERIOD ? TOP_WHOLE : TOP_PERIOD; return true;
	case 'h':
	case '?': c->shows_help = !c->shows_help; return true;
	case TOP_KEY_RESIZED:
	case CTRL_L: return true;
	default: return scroll(c, key, rows);
	}
}
