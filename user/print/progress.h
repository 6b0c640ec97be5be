/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The line that shows on a terminal that something is going on. */
#ifndef HERDTRACE_PRINT_PROGRESS_H
#define HERDTRACE_PRINT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"

struct progress {
	bool terminal; /* stderr is one */
	bool shown;
	uint64_t last_ns;
};

void progress__begin(struct progress *progress);

/* Shows where the run stands, at most five times a second. */
void progress__show(struct progress *progress, const struct model *model, uint64_t now_ns);

/* Takes the line away. */
void progress__end(struct progress *progress);

#endif
