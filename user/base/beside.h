/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What comes with herdtrace: beside the program in a built tree, elsewhere where it is installed. */
#ifndef HERDTRACE_BASE_BESIDE_H
#define HERDTRACE_BASE_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the first of several directories, NULL-terminated, that can be read; their names are relative to the
 * directory of this program. Writes where it is to path. "" stands for the program's own directory.
 */
bool beside__find(char *path, size_t size, const char *const *places);

/* Where the reference servers are. */
bool beside__find_servers(char *path, size_t size);

#endif
