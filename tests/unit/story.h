/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Tapes at random: few tasks, listeners and arrivals, so that records have to do with each other. */
#ifndef HERDTRACE_TEST_STORY_H
#define HERDTRACE_TEST_STORY_H

#include <stdbool.h>

#include "records.h"

/* What may be drawn: in a hostile stream everything that is well-formed. */
struct story {
	uint64_t *seed; /* not 0 */
	bool hostile;
	uint64_t arrivals; /* made so far, numbered from 1; one is needed when it is not hostile */
};

/* xorshift64*: the same numbers on every machine. */
uint32_t draw(uint64_t *seed, uint32_t below);

/* Adds a record, or the few that belong together. */
void story__record(struct tape *tape, struct story *story);

/* A whole tape, with its END. */
void story__make(struct tape *tape, struct story *story);

#endif
