/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading recordings from memory. To be included after cmocka.h. */
#ifndef HERDTRACE_STREAM_FIXTURE_H
#define HERDTRACE_STREAM_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "model/model.h"
#include "records.h"
#include "record/check.h"
#include "record/recording.h"

#define LISTENER 0x1111

/*
 * What recording__read() returns for these bytes, what it says is wrong, and the report, if there is to
 * be one.
 */
static inline int read_bytes(char *bytes, size_t len, struct error *error, struct report **report)
{
	struct model *model = model__new();
	struct rows *rows = rows__new();
	FILE *file = fmemopen(bytes, len, "r");
	struct stream stream = {0};
	int err;

	assert_non_null(model);
	assert_non_null(file);
	assert_non_null(rows);
	model__add_sink(model, rows__take, rows);
	stream__add_sink(&stream, model__take, model);
	err = recording__read(file, "small.rec", &stream, error);
	fclose(file);
	if (report) {
		*report = model__finish(model, rows);
		assert_int_equal(report__load(*report), 0);
	} else {
		rows__free(rows);
	}
	model__free(model);
	return err;
}

#endif
