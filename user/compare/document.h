/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Looking into a JSON document of herdtrace's. */
#ifndef HERDTRACE_COMPARE_DOCUMENT_H
#define HERDTRACE_COMPARE_DOCUMENT_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The value at a path such as "summary.wakes_by_cause.epoll", NULL when there is none. Not owned. */
static inline json_t *document__at(const json_t *document, const char *path)
{
	json_t *value = (json_t *)document;
	char key[64];

	while (value && *path) {
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		value = json_object_get(value, key);
		path += len + (path[len] == '.');
	}
	return value;
}

#endif
