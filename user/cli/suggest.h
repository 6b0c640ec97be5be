/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What somebody may have meant who wrote a word that we do not know. */
#ifndef HERDTRACE_CLI_SUGGEST_H
#define HERDTRACE_CLI_SUGGEST_H

#include <stddef.h>

/* Longer words are like no other. */
#define SUGGEST_WORD_MAX 31

/*
 * How many letters to put in, take out, replace or swap with the next one make b of a.
 * SUGGEST_WORD_MAX + 1 where one of them is too long.
 */
size_t suggest__distance(const char *a, const char *b);

/* The one of two candidates that is nearer to the word; either may be NULL, as what is too far is. */
const char *suggest__nearer(const char *word, const char *a, const char *b);

#endif
