/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The terminal as a screen: the only file that knows ncurses. One at a time. */
#ifndef HERDTRACE_TOP_SCREEN_H
#define HERDTRACE_TOP_SCREEN_H

#include <stdbool.h>

#include "top/page.h"

struct screen;

/* Is stdout a terminal that TERM describes, on which the cursor can be moved? */
bool screen__is_possible(void);

/*
 * Takes the terminal over, until screen__close(). Keys come from stdin, or from the controlling terminal where
 * that is none. NULL: it cannot be done.
 */
struct screen *screen__open(bool color);

/* Gives it back as it was. NULL is allowed. */
void screen__close(struct screen *screen);

/* Readable when there is a key; -1: there is nowhere to read them from. */
int screen__fd(const struct screen *screen);

/* As large as it is now. */
void screen__measure(const struct screen *screen, unsigned *width, unsigned *height);

void screen__show(struct screen *screen, const struct top_page *page);

/* The next key, a character or an enum top_key; -1: there is none now. *gone: nor will there be any more. */
int screen__key(struct screen *screen, bool *gone);

#endif
