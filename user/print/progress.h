/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The line that shows on a terminal that something is going on. */
#ifndef HERDTRACE_PRINT_PROGRESS_H
#define HERDTRACE_PRINT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out;     /* not owned */
	bool terminal; /* that obeys what we do on it; else nothing is shown */
	bool shown;
	uint64_t last_ns;
};

void progress__begin(struct progress *progress, FILE *out);

/* Is it time for a line? At most five times a second, on a terminal only. */
bool progress__is_due(const struct progress *progress, uint64_t now_ns);

/* When it is, a second after the last line where nothing is new; UINT64_MAX: never. */
uint64_t progress__next_ns(const struct progress *progress, bool is_new);

/* Puts a line in the place of the one before, on a terminal only. */
void progress__show(struct progress *progress, uint64_t now_ns, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Takes the line away. */
void progress__end(struct progress *progress);

#endif
