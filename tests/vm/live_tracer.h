/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * One tracer for many runs: to load and attach it for each of them takes most of the time of a suite. Runs that it
 * serves are those of the command, but for that; how it starts and ends is for the other suites.
 */
#ifndef HERDTRACE_LIVE_TRACER_H
#define HERDTRACE_LIVE_TRACER_H

#include <sys/types.h>

/* Opens the tracer, "fentry" or "kprobe", in place of one that is open. */
void live_tracer__open(const char *attach);
/* With a ring of so many KiB, 0: the default. */
void live_tracer__open_small(const char *attach, unsigned buffer_kib);
void live_tracer__close(void);

/* Like live__spawn(), of herdtrace with these arguments, but with the tracer. */
pid_t live_tracer__spawn(char *const argv[], const char *out, const char *err);

#endif
