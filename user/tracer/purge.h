/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the programs cannot forget themselves: connections of a listener that was closed before they were accepted. */
#ifndef HERDTRACE_TRACER_PURGE_H
#define HERDTRACE_TRACER_PURGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does this record, of so many bytes, say that a listener was closed? */
bool purge__is_due(const void *record, size_t size);

/* Deletes them from the map queued, which has room for so many, while the programs change it and the map of listeners. */
void purge__orphans(int queued_fd, int listeners_fd, uint32_t room);

#endif
