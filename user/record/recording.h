/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Recordings: the records of a run in a file.
 *
 * Which are read: those of this version and of every one before it, from 1 on, and they are reported
 * as they were by the program that made them. Versions only append fields to records and add types of
 * records; a reader takes what is longer than it knows and fills up what is shorter. One that would be
 * misread has a higher version number and is refused.
 */
#ifndef HERDTRACE_RECORD_RECORDING_H
#define HERDTRACE_RECORD_RECORDING_H

#include <stdio.h>

#include "base/error.h"
#include "record/stream.h"

/* Writes the head of a recording. Returns 0 or negative errno. */
int recording__begin(FILE *file);

/* A sink that writes every record to the FILE that is its arg. */
int recording__take(void *file, const struct record_header *record);

/*
 * Reads a whole recording into the stream. name is for messages only. One that ends anywhere behind its
 * head, a part of a record included, is good as far as it goes: its run was killed, or the disk was
 * full. Whether it has its end record is for the sinks to see.
 * Returns 0, or negative errno with an error that says what is wrong and where; -EBADMSG stands
 * for a file that is no recording, is of a later version or is malformed.
 */
int recording__read(FILE *file, const char *name, struct stream *stream, struct error *error);

#endif
