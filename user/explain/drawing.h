/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the drawing: what its pieces have in common, and a file for each of them. */
#ifndef HERDTRACE_EXPLAIN_DRAWING_H
#define HERDTRACE_EXPLAIN_DRAWING_H

#include "explain/explain.h"
#include "print/paragraph.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

#define WHO_SIZE 48

struct drawing {
	FILE *out;
	const struct report *report;
	const struct report_connection *row;
	const struct report_listener *listener; /* NULL: its row is gone */
	const struct terminal *terminal;
	int err; /* the first one */
};

void drawing__keep_error(struct drawing *drawing, int err);

/* A sentence, or several. */
void drawing__say(struct drawing *drawing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool drawing__is_unix(const struct drawing *drawing);

/* "worker 3 (4711)" */
void drawing__who(char who[WHO_SIZE], unsigned worker, uint32_t tid);

/* The name that the task gave itself, untrusted bytes. */
const char *drawing__comm(const struct drawing *drawing, unsigned worker);

/* The last wake of a worker for this connection that is no hand-over of the lock, NULL: there was none. */
const struct report_wake *drawing__wake_of(const struct drawing *drawing, unsigned worker);

/* "accepted it", "EAGAIN", ... in so many cells as the lanes have for it. */
#define CAME_OF_SIZE  32
#define CAME_OF_CELLS 12
void drawing__came_of(char text[CAME_OF_SIZE], const struct drawing *drawing,
		      const struct report_wake *wake);

/* As text__duration(), but to a hundredth: steps are close to each other. TEXT_DURATION_SIZE bytes. */
void drawing__time(char *to, int64_t ns);

/* ---- queue.c ---- */

void drawing__queue(struct drawing *drawing);

/* ---- walk.c ---- */

/* Why the walk came as far as it did. */
void drawing__walk(struct drawing *drawing);

/* ---- lanes.c ---- */

void drawing__lanes(struct drawing *drawing);

/* ---- steps.c ---- */

void drawing__steps(struct drawing *drawing);

#endif
