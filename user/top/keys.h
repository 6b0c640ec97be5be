/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the user chose to see, and how keys change it. */
#ifndef HERDTRACE_TOP_KEYS_H
#define HERDTRACE_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "top/columns.h"

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 256,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_RESIZED,
};

struct top_choice {
	enum top_by by;
	enum top_span span;
	enum top_column sort;
	bool reversed;
	bool is_paused, shows_help, quits;
	size_t first; /* row that is shown */
};

#define TOP_CHOICE                      \
	{                               \
		.sort = TOP_CONNECTIONS \
	}

/* rows: how many the page has room for. Is the page to be made anew? */
bool keys__take(struct top_choice *choice, int key, size_t rows);

#endif
