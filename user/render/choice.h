/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which rows of many a reader gets to see: of rows that are alike the worst one, and of all the worst. It sees
 * every row once and keeps a limited number.
 */
#ifndef HERDTRACE_RENDER_CHOICE_H
#define HERDTRACE_RENDER_CHOICE_H

#include "report/report.h"
#include "report/words.h"

/* Of more kinds than these only the number of rows is known. */
#define CHOICE_KINDS_MAX 64

struct choice_row {
	struct report_connection connection; /* without its wakes */
	char causes[WORDS_CAUSES_SIZE];
};

struct choice_kind {
	struct choice_row worst;
	uint64_t cnt;
	uint64_t shown; /* of them; known in the end */
};

struct choice {
	size_t most;              /* rows to show */
	size_t enough;            /* so many, where kinds do not ask for more */
	struct choice_row *worst; /* a heap, whose first is the best of them */
	size_t worst_cnt;
	struct choice_kind kinds[CHOICE_KINDS_MAX];
	size_t kind_cnt;
	uint64_t total, others; /* rows; of them: of no kind above */

	/* In the end: rows to show, in order of arrival. */
	struct choice_row *rows;
	size_t row_cnt;
};

/* most, enough: at least 1. NULL: no memory. */
struct choice *choice__new(size_t most, size_t enough);
void choice__free(struct choice *choice);

void choice__take(struct choice *choice, const struct report_connection *connection);

/* All have been seen: chooses. */
void choice__finish(struct choice *choice);

#endif
