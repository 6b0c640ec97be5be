/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Files that take the place of what had their name only when they are complete: until then they are
 * written beside it, as NAME.part. Links are followed, so that a link stays one. What is no regular file
 * (devices, FIFOs), and what is somebody's open file (/dev/stdout, /dev/fd/N), is written as it is.
 */
#ifndef HERDTRACE_BASE_OUTFILE_H
#define HERDTRACE_BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct outfile {
	FILE *stream;     /* NULL: not open */
	const char *name; /* as it was given, not owned; NULL: stdout */
	char *path;       /* what it becomes; NULL: it is written as it is */
	char *part;       /* what it is until then; NULL likewise */
	int hold;         /* of part, keeps other runs off it; -1: none */
	bool keeps_part;  /* also where it cannot be completed */
};

#define OUTFILE_CLOSED ((struct outfile){.hold = -1})

/*
 * Opens the file of that name, stdout for NULL. What is there keeps its mode and its owner. Returns 0,
 * or negative errno with an error (FAULT_INPUT); then it is closed.
 */
int outfile__open(struct outfile *file, const char *name, struct error *error);

/*
 * Would opening that name write to what this one is, becomes or replaces? Not so for /dev/null, which
 * takes everything from everybody.
 */
bool outfile__is_at(const struct outfile *file, const char *name);

/*
 * Closes it. It gets its name if all of it is written and err is 0, else what has that name stays.
 * Returns err or what failed, negative errno, with an error (FAULT_DATA) that has the name, or for
 * stdout what it was to hold.
 */
int outfile__finish(struct outfile *file, int err, const char *what, struct error *error);

/* Closes it. What is written of it stays, as part. */
void outfile__leave(struct outfile *file);

/* Closes it, as if it had not been opened. One that is closed stays so. */
void outfile__discard(struct outfile *file);

#endif
