/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the kernel functions are called in which the steps of a story happen: read in the sources of 5.10, 6.1, 6.12, 7.2. */
#ifndef HERDTRACE_EXPLAIN_NAMES_H
#define HERDTRACE_EXPLAIN_NAMES_H

#include "explain/drawing.h"

/* Where a wake of this cause comes from. */
const char *names__wake(const struct drawing *drawing, const struct report_wake *wake);

/* Where a task that was woken so is once it returns to user space. */
const char *names__return(const struct drawing *drawing, enum wake_cause cause);

const char *names__syn(const struct drawing *drawing);
const char *names__arrival(const struct drawing *drawing);
const char *names__accept(const struct drawing *drawing);

/* What puts a level-triggered item back on the ready list and wakes the next one. */
const char *names__harvest(const struct drawing *drawing);

#endif
