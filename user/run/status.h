/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How far a run has come, in a line for who waits at the terminal. */
#ifndef HERDTRACE_RUN_STATUS_H
#define HERDTRACE_RUN_STATUS_H

#include <stddef.h>
#include <stdint.h>

struct status {
	uint64_t connections, wakes;
	uint64_t asked;      /* connections, 0: as many as come */
	uint64_t elapsed_ns; /* since the first connection */
	uint64_t left_ns;    /* until --duration is over, UINT64_MAX: without */
};

void status__describe(const struct status *status, char *text, size_t size);

#endif
