/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whom to follow: each task is made known to the kernel side, and to the stream by a TASK record. */
#ifndef HERDTRACE_TARGET_FOLLOW_H
#define HERDTRACE_TARGET_FOLLOW_H

#include <sys/types.h>

#include "record/stream.h"
#include "tracer/tracer.h"

/* One task, and what it forks from now on. Returns 0 or negative errno. */
int follow__task(struct tracer *tracer, struct stream *stream, pid_t pid, pid_t tid);

/*
 * A running process with all its threads, and everything below it. Returns 0, or negative errno
 * after a line on stderr.
 */
int follow__running(struct tracer *tracer, struct stream *stream, pid_t pid);

#endif
