/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is written to stdout or stderr meanwhile. To be included after cmocka.h. */
#ifndef HERDTRACE_CAPTURE_FIXTURE_H
#define HERDTRACE_CAPTURE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CAPTURE_SIZE 16384

struct capture {
	FILE *stream;
	int file, saved;
	char text[CAPTURE_SIZE];
};

/* No assertion may fail until capture__end(): it would be written there. */
static inline void capture__begin(struct capture *c, FILE *stream)
{
	fflush(stream);
	c->stream = stream;
	c->file = memfd_create("capture", MFD_CLOEXEC);
	c->saved = dup(fileno(stream));
	if (c->file < 0 || c->saved < 0 || dup2(c->file, fileno(stream)) < 0)
		abort();
}

static inline void capture__end(struct capture *c)
{
	ssize_t got;

	fflush(c->stream);
	if (dup2(c->saved, fileno(c->stream)) < 0)
		abort();
	got = pread(c->file, c->text, sizeof(c->text) - 1, 0);
	close(c->file);
	close(c->saved);
	assert_in_range(got, 0, sizeof(c->text) - 1);
	c->text[got] = '\0';
}

#endif
