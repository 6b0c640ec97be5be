/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Times on so many columns of a terminal. Each time has a column of its own as long as there are enough, so that nothing
 * hides: what room is left is shared in proportion.
 */
#ifndef HERDTRACE_EXPLAIN_SCALE_H
#define HERDTRACE_EXPLAIN_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct scale {
	int64_t *at; /* sorted, each once; owned by whoever made it */
	size_t cnt;
	unsigned columns;
};

/* Sorts the times, cnt of them, and takes each once. columns: at least 1. */
void scale__make(struct scale *scale, int64_t *times, size_t cnt, unsigned columns);

/* The column of a time, from 0: of one that is not there that of the last before it. */
unsigned scale__column(const struct scale *scale, int64_t time);

#endif
