/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Writes JSON as it comes, for what a document can have millions of: no value is built first. The layout is that of
 * print/json.h, with two blanks for each level. Keys and words are ours, texts are made harmless.
 *
 * A value inside of an object has a key; one inside of an array has NULL.
 */
#ifndef HERDTRACE_PRINT_JSON_TEXT_H
#define HERDTRACE_PRINT_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_text {
	FILE *out;      /* not owned */
	unsigned depth; /* of the value that comes next */
	bool begun;     /* the innermost object or array has a value */
	bool dense;     /* no layout, and no character that HTML knows: a text can end no element */
	int err;        /* the first error, negative errno; nothing is written after it */
	size_t len;
	char buffer[1 << 15];
};

/* Goes on in a document: so many objects and arrays are open, the innermost has a value or not. */
void json_text__begin(struct json_text *text, FILE *out, unsigned depth, bool begun);

/* Hands everything to the stream. Returns 0 or negative errno. */
int json_text__end(struct json_text *text);

/* bracket: '{' or '[', and what closes it. */
void json_text__open(struct json_text *text, const char *key, char bracket);
void json_text__close(struct json_text *text, char bracket);

/* INT64_MAX at most. */
void json_text__number(struct json_text *text, const char *key, uint64_t number);
void json_text__string(struct json_text *text, const char *key, const char *string);

/* null, true or false. */
void json_text__word(struct json_text *text, const char *key, const char *word);

static inline void json_text__boolean(struct json_text *text, const char *key, bool value)
{
	json_text__word(text, key, value ? "true" : "false");
}

/* For numbers whose 0 says that there is none. */
static inline void json_text__number_or_null(struct json_text *text, const char *key,
					     uint64_t number)
{
	if (number)
		json_text__number(text, key, number);
	else
		json_text__word(text, key, "null");
}

/* For times, which are negative where they are not known. */
static inline void json_text__time_or_null(struct json_text *text, const char *key, int64_t ns)
{
	if (ns >= 0)
		json_text__number(text, key, ns);
	else
		json_text__word(text, key, "null");
}

#endif
