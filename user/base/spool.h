/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Bytes that are kept until later, however many they become: in memory first, then in a temporary file
 * that has no name ($TMPDIR, else /tmp) and is gone when the spool is.
 */
#ifndef HERDTRACE_BASE_SPOOL_H
#define HERDTRACE_BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

struct spool;

/* memory: bytes to keep before a file is made. NULL: no memory. */
struct spool *spool__new(size_t memory);
void spool__free(struct spool *spool);

/* Bytes from the beginning to the last that was put. */
uint64_t spool__size(const struct spool *spool);

/*
 * Puts bytes at an offset, over what is there; what lies between the end and a later offset is zeros.
 * Returns 0, or negative errno: -ENOSPC is what a full disk gives.
 */
int spool__put(struct spool *spool, uint64_t offset, const void *bytes, size_t len);

/* Gets len bytes from an offset. Returns 0 or negative errno; -ENODATA past the end. */
int spool__get(const struct spool *spool, uint64_t offset, void *bytes, size_t len);

#endif
