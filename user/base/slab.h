/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Many objects of one size that come and go: to take one and to give it back is a few instructions, where
 * malloc() and free() are a few hundred. Its memory stays: as much as there ever was at a time.
 */
#ifndef HERDTRACE_BASE_SLAB_H
#define HERDTRACE_BASE_SLAB_H

#include <stddef.h>

struct slab_chunk;

/* Begins as {.size = ...}: a multiple of the size of a pointer, and at least that. */
struct slab {
	size_t size;
	/* Linked by what they begin with: taken from the first, and given back to it, or to the last (slab.c). */
	void *given, *given_last;
	size_t given_cnt;
	char *fresh;      /* what has never been taken ... */
	size_t fresh_cnt; /* ... of the newest chunk */
	struct slab_chunk *chunks;
};

/*
 * An object of the slab's own: zeros, or one that was given back, of which only what it begins with, as much as a
 * pointer, is another one. NULL when out of memory.
 */
void *slab__take(struct slab *s);

/* The same of what was given back only; NULL when all of that is taken. */
void *slab__take_given(struct slab *s);

void slab__give(struct slab *s, void *object);

/* Frees all objects, whether they were given back or not. */
void slab__drop(struct slab *s);

#endif
