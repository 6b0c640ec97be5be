/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is said on stderr, and reading recordings from memory. To be included after cmocka.h. */
#ifndef HERDTRACE_STREAM_FIXTURE_H
#define HERDTRACE_STREAM_FIXTURE_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/model.h"
#include "records.h"
#include "record/stream.h"

#define LISTENER 0x1111

struct capture {
	int file, saved;
};

static inline struct capture capture__begin(void)
{
	struct capture c = {.file = memfd_create("stderr", 0), .saved = dup(STDERR_FILENO)};

	assert_true(c.file >= 0 && c.saved >= 0);
	assert_true(dup2(c.file, STDERR_FILENO) >= 0);
	return c;
}

/* How many lines were said since; all of them "herdtrace: ..." with this word in it. */
static inline unsigned capture__end(struct capture *c, const char *word)
{
	char text[4096] = "";
	unsigned lines = 0;

	assert_true(dup2(c->saved, STDERR_FILENO) >= 0);
	assert_true(pread(c->file, text, sizeof(text) - 1, 0) >= 0);
	close(c->file);
	close(c->saved);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_memory_equal(line, "herdtrace: ", 11);
		if (!strstr(line, word))
			fail_msg("\"%s\" does not say \"%s\"", line, word);
		lines++;
	}
	return lines;
}

/* What recording__read() returns for these bytes, and the report, if there is to be one. */
static inline int read_bytes(char *bytes, size_t len, struct report **report)
{
	struct model *model = model__new();
	FILE *file = fmemopen(bytes, len, "r");
	int err;

	assert_non_null(model);
	assert_non_null(file);
	err = recording__read(file, "small.rec", model);
	fclose(file);
	if (report)
		*report = model__finish(model);
	model__free(model);
	return err;
}

#endif
