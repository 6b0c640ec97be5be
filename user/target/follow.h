/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whom to follow: each task is made known to the kernel side, and to the stream by a TASK record. */
#ifndef HERDTRACE_TARGET_FOLLOW_H
#define HERDTRACE_TARGET_FOLLOW_H

#include <sys/types.h>

#include "base/error.h"
#include "record/stream.h"
#include "target/targets.h"
#include "tracer/tracer.h"

/* A command that is held back before exec, of one task. Returns 0, or negative errno and an error. */
int follow__command(struct tracer *tracer, struct stream *stream, pid_t pid, struct error *error);

/*
 * Running processes with all their threads, and everything below them. Returns likewise. What forks after it is followed
 * is followed by the kernel side; what a task forked just before is found by a second call.
 */
int follow__running(struct tracer *tracer, struct stream *stream, const struct targets *targets,
		    struct error *error);

#endif
