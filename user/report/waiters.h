/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How far the walk over a wait queue came: which of those who slept in it were reached. */
#ifndef HERDTRACE_REPORT_WAITERS_H
#define HERDTRACE_REPORT_WAITERS_H

#include "report/row.h"

/*
 * Completes the list of waiters of a row, whose wakes are there: .known and .exclusive where the way in which a task
 * waits implies them, and .reached.
 */
void waiters__judge(struct report_connection *row);

/* The index of the last one in its own queue whom the walk woke, -1: nobody who is listed. */
long waiters__last_woken(const struct report_connection *row);

#endif
