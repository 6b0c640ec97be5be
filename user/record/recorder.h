/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A recording while it is made. When it cannot be written, that costs the recording, and not the run. */
#ifndef HERDTRACE_RECORD_RECORDER_H
#define HERDTRACE_RECORD_RECORDER_H

#include "base/error.h"
#include "base/outfile.h"
#include "bpf/record.h"

struct recorder {
	struct outfile file;
	int error; /* negative errno: why nothing more is written */
};

#define RECORDER_CLOSED ((struct recorder){.file = OUTFILE_CLOSED})

/* Begins a recording. Returns 0, or negative errno and an error (FAULT_INPUT). */
int recorder__open(struct recorder *recorder, const char *name, struct error *error);

/* A sink that writes every record, as long as that works; it never fails. */
int recorder__take(void *recorder, const struct record_header *record);

/* Whoever is killed from now on leaves what has been taken. */
void recorder__flush(struct recorder *recorder);

/*
 * The run is over: the recording gets its name. Returns 0, or negative errno and an error (FAULT_DATA)
 * that says where what there is of it stays.
 */
int recorder__finish(struct recorder *recorder, struct error *error);

/* The run broke off: what there is of it stays; always with such an error. */
void recorder__leave(struct recorder *recorder, struct error *error);

/* There was no run. */
void recorder__discard(struct recorder *recorder);

#endif
