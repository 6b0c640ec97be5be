/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Pacing: has the server come to rest, so that the next connection finds it as the one before did?
 * The model says what is in flight, /proc whether the tasks sleep. It costs a file or two for
 * each task to look there, on CPUs that the server may want: the model says when that may be of use.
 */
#ifndef HERDTRACE_LOAD_PACE_H
#define HERDTRACE_LOAD_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

enum pace_phase {
	PACE_BEFORE,  /* there is a listener, and no connection yet: workers are being made */
	PACE_BETWEEN, /* two connections */
	PACE_AFTER,   /* the server was told to do something, and may have to start workers */
};

struct pace {
	enum pace_phase phase;
	uint64_t since_ns;  /* when the wait began */
	bool asleep;        /* the last look has found all tasks asleep, */
	uint64_t asleep_ns; /* and those before it, for so long */
	uint64_t looked_ns; /* the last look, 0: none */
	bool in_flight;     /* at the last question */
	size_t open_wakes;
	uint64_t steady_since; /* since when there have been so many */
	size_t live_tasks;     /* at the last question */
	bool counted;          /* there was one */
	bool restless;         /* a task has ended since the wait began */
	uint64_t grown_ns;     /* when a task was last seen to be new, 0: never */
};

/* A new wait begins. */
void pace__begin(struct pace *pace, enum pace_phase phase, uint64_t now_ns);

/*
 * Has the server come to rest: nothing that matters is in flight, and every task has gone back to
 * sleep? Where that takes too long, it has to do without.
 */
bool pace__settled(struct pace *pace, const struct model *model, bool in_flight, uint64_t now_ns);

/* When to ask next, if no record comes before. It may be over. */
uint64_t pace__next_ns(const struct pace *pace);

#endif
