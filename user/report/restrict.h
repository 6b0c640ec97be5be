/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A report on some of the listeners only. */
#ifndef HERDTRACE_REPORT_RESTRICT_H
#define HERDTRACE_REPORT_RESTRICT_H

#include "report/report.h"

/* Is it meant by this name: its number ("2"), its address, or ":PORT" of that? */
bool listener__is_called(const struct report_listener *listener, const char *name);

/*
 * Counts anew, with the connections only that the listeners of that name got: totals, workers and rows,
 * which the report must have; verdicts are still to be made. A note says so. Workers that nothing of this
 * concerned have no row. Returns how many listeners are meant, or negative errno.
 */
int report__restrict(struct report *report, const char *name);

#endif
