/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The way of all records, live or from a recording: each is checked once and handed to the sinks, in
 * the order in which these were added. The code behind it is the same for both.
 */
#ifndef HERDTRACE_RECORD_STREAM_H
#define HERDTRACE_RECORD_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/*
 * Takes one well-formed record, which is at least as long as its type (record__size()) and good until
 * the sink returns. Returns 0, or negative errno, which ends the stream.
 */
typedef int (*record_sink)(void *arg, const struct record_header *record);

#define STREAM_SINKS_MAX 8

struct stream {
	struct {
		record_sink take;
		void *arg; /* not owned */
	} sinks[STREAM_SINKS_MAX];
	size_t sink_cnt;
	uint64_t records; /* that were handed on */
	int error;        /* the first error, negative errno; later records are refused with it */
	const char *why;  /* what was wrong with a malformed record, a constant text; else NULL */
};

void stream__add_sink(struct stream *stream, record_sink take, void *arg);

/*
 * Takes one record of size bytes. A shorter one of an older version is filled up with zeros.
 * Returns 0, -EBADMSG for a malformed record (stream->why), or what a sink failed with.
 */
int stream__push(struct stream *stream, const void *data, size_t size);

/* The same for a META record with this text, cut to what a record can hold. */
int stream__push_meta(struct stream *stream, enum meta_key key, const char *text);

#endif
