/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Validated records, live or from a recording: whatever gets past here is well-formed, and the
 * code behind it is the same for both.
 */
#ifndef HERDTRACE_RECORD_STREAM_H
#define HERDTRACE_RECORD_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bpf/record.h"

struct model;

struct stream {
	struct model *model; /* gets every record; not owned */
	FILE *recording;     /* gets a copy of every record; NULL: none; not owned */
	uint64_t records;
	int error; /* the first error, negative errno; later records are refused with it */
};

/*
 * Checks one record of at most size bytes.
 * Returns its length in bytes, or -EBADMSG with *why set to a constant text.
 */
int record__check(const void *data, size_t size, const char **why);

/*
 * Takes one record of size bytes: checks it, copies it to the recording, hands it to the model.
 * Returns 0, -EBADMSG for a malformed record, or what writing or the model failed with.
 */
int stream__push(struct stream *stream, const void *data, size_t size);

/* The same for a META record with this text, cut to what a record can hold. */
int stream__push_meta(struct stream *stream, enum meta_key key, const char *text);

/* Writes the head of a recording. Returns 0 or negative errno. */
int recording__begin(FILE *file);

/*
 * Reads a whole recording into the model. name is for messages only.
 * Returns 0, or negative errno after saying on stderr what is wrong and where; -EBADMSG stands
 * for a file that is no recording, is of another version, is malformed or is cut short.
 */
int recording__read(FILE *file, const char *name, struct model *model);

#endif
