/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Where the traced tasks are: their numbers in a PID namespace of their own, their unit, their container. /proc tells,
 * as long as they are there: soon after they became known.
 */
#ifndef HERDTRACE_TARGET_PLACES_H
#define HERDTRACE_TARGET_PLACES_H

#include <stdint.h>
#include <stdio.h>

#include "base/vector.h"
#include "record/stream.h"

struct place_task {
	uint32_t pid, tid;
};

struct places {
	/* Who became known, or executed another program, and was not looked at since. */
	VECTOR(struct place_task) waiting;
	uint64_t credit_ns, last_ns; /* for looks at new tasks, as of that record */
};

/* A sink. It never fails: without memory nobody is looked at. */
int places__take(void *places, const struct record_header *record);

/* Looks at them, with a PLACE record for each that is anywhere worth mentioning. Returns 0 or negative errno. */
int places__tell(struct places *places, struct stream *stream);

void places__free(struct places *places);

/* The numbers in a PID namespace of its own from /proc/PID/status, 0 where there is none. */
void places__parse_status(FILE *status, uint32_t *ns_pid, uint32_t *ns_tid);

/* The path of the cgroup from /proc/PID/cgroup, "" where there is none. */
void places__parse_cgroup(FILE *cgroup, char *path, size_t size);

#endif
