/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The head of the stream: what a report says about the system, the hooks and the command. */
#ifndef HERDTRACE_RUN_HEAD_H
#define HERDTRACE_RUN_HEAD_H

#include <sys/types.h>

#include "record/stream.h"
#include "tracer/tracer.h"

/*
 * Pushes the META records that come before all others. command: NULL-terminated; NULL: that of the
 * running process pid. Returns 0 or negative errno.
 */
int head__push(struct stream *stream, const struct tracer *tracer, char *const *command, pid_t pid);

/* The one that comes with the end: when that was. */
void head__push_end(struct stream *stream);

#endif
