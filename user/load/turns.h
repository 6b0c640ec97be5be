/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which of several addresses a connection goes to: each of them once, then each once more, every time in another order.
 * In one and the same order, workers that take turns would fall into step with it: each would meet its own listeners
 * only, and that would look like skew. The orders are the same in every run.
 */
#ifndef HERDTRACE_LOAD_TURNS_H
#define HERDTRACE_LOAD_TURNS_H

#include <stddef.h>

#define TURNS_MAX 64

/* Zeroed: nothing had its turn. */
struct turns {
	unsigned short state[3]; /* of nrand48() */
	size_t order[TURNS_MAX];
	size_t cnt, at;
};

/* Whose turn is next, of cnt: 1 to TURNS_MAX. When it is another number than before, all begin anew. */
size_t turns__next(struct turns *turns, size_t cnt);

#endif
