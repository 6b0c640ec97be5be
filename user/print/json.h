/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Building JSON values with jansson, for the renderers. Texts are made harmless. */
#ifndef HERDTRACE_PRINT_JSON_H
#define HERDTRACE_PRINT_JSON_H

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/*
 * Sets a member and gives up the value. When anything fails the object is given up and NULL from
 * then on, so that only the end of a row of calls has to look.
 */
static inline void set(json_t **object, const char *key, json_t *value)
{
	if (!*object) {
		json_decref(value);
		return;
	}
	if (json_object_set_new(*object, key, value) < 0) {
		json_decref(*object);
		*object = NULL;
	}
}

static inline void append(json_t **array, json_t *value)
{
	if (!*array) {
		json_decref(value);
		return;
	}
	if (json_array_append_new(*array, value) < 0) {
		json_decref(*array);
		*array = NULL;
	}
}

static inline json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* For numbers whose 0 says that there is none. */
static inline json_t *number_or_null(uint64_t value)
{
	return value ? number(value) : json_null();
}

static inline json_t *time_or_null(int64_t ns)
{
	return ns < 0 ? json_null() : json_integer(ns);
}

static inline json_t *string(const char *text)
{
	char *harmless = text__harmless(text);
	json_t *value = harmless ? json_string(harmless) : NULL;

	free(harmless);
	return value;
}

static inline json_t *string_or_null(const char *text)
{
	return text && text[0] != '\0' ? string(text) : json_null();
}

static inline json_t *strings(char *const *texts, size_t cnt)
{
	json_t *array = json_array();

	for (size_t i = 0; i < cnt; i++)
		append(&array, string(texts[i]));
	return array;
}

/* Prints a finished document and gives it up. 0 or negative errno, also for a NULL document. */
static inline int print_json(FILE *out, json_t *document)
{
	int err;

	if (!document)
		return -ENOMEM;
	errno = 0;
	err = json_dumpf(document, out, JSON_INDENT(2)) ? -(errno ? errno : EIO) : 0;
	json_decref(document);
	fputc('\n', out);
	return err;
}

#endif
