/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where the name of a file leads. */
#ifndef HERDTRACE_BASE_PLACE_H
#define HERDTRACE_BASE_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

struct place {
	char *path;        /* the name, its links followed, but none of /proc */
	bool exists;       /* something is there ... */
	struct stat there; /* ... and what */
	bool is_file;      /* a regular file is there, or one could be made */
	int own_fd;        /* -1, or what of ours it is a name for: /dev/stdout, /dev/fd/N */
};

/* Returns 0, or negative errno: then there is nothing to free. */
int place__find(struct place *place, const char *name);
void place__free(struct place *place);

/* Do the two stand for one file? */
bool place__is_one_file(const struct stat *a, const struct stat *b);

#endif
