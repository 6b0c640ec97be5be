/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Records come from a kernel or from a file, and neither is trusted: whatever gets past here is
 * well-formed.
 */
#ifndef HERDTRACE_RECORD_CHECK_H
#define HERDTRACE_RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/record.h"

/*
 * Checks one record of at most size bytes. One that is longer than this program knows is good: later
 * versions append fields. So is one as short as version 1 had it.
 * Returns its length in bytes, or -EBADMSG with *why set to a constant text.
 */
int record__check(const void *data, size_t size, const char **why);

/* The same for a header alone, whatever follows it. Returns NULL, or a constant text. */
const char *record__check_header(const struct record_header *header);

/* Is it of a type that this program does not know and can do without? */
bool record__is_skipped(const struct record_header *header);

/* The size that this program knows of a type of record, META's, STACK's and PLACE's without their text. */
size_t record__size(enum record_type type);

#endif
