/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Is there what is to be traced? Noticed before anything is started, attached or waited for. */
#ifndef HERDTRACE_TARGET_CHECK_H
#define HERDTRACE_TARGET_CHECK_H

#include <sys/types.h>

#include "base/error.h"

/* Are the numbers in /proc those of our processes? Returns 0, or negative errno and an error. */
int check__proc(struct error *error);

/* Is pid a process that can be a server? Returns likewise. */
int check__process(pid_t pid, struct error *error);

/*
 * Would execvp() find a program of this name? Returns 0, or the errno that it would fail with. Some
 * of its failures show only when it is called (a binary of another machine, say).
 */
int check__command(const char *name);

#endif
