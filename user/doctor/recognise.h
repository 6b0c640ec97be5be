/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whether a task that waits is seen to wait: each connection of the exercise found one asleep. */
#ifndef HERDTRACE_DOCTOR_RECOGNISE_H
#define HERDTRACE_DOCTOR_RECOGNISE_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor/exercise.h"
#include "doctor/findings.h"

struct recognition {
	pid_t pid; /* of the server */
	uint64_t arrivals[EXERCISE_WAYS];
	unsigned causes[EXERCISE_WAYS]; /* with which it was seen waiting for each: bits */
	size_t cnt;
};

/* A sink of a stream, whose arg is the recognition. */
int recognition__take(void *recognition, const struct record_header *record);

/*
 * A finding for each way to wait: recognised, or not, or not tried. traces_unix: connections on AF_UNIX are to be
 * seen, else that way has none. Returns 0 or -ENOMEM.
 */
int recognition__judge(const struct recognition *recognition, const struct exercise *exercise,
		       bool traces_unix, struct findings *findings);

#endif
