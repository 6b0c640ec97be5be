/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A verdict and its reason, whatever the disease. */
#ifndef HERDTRACE_REPORT_REASON_H
#define HERDTRACE_REPORT_REASON_H

#include "report/report.h"

/* So many opportunities to show itself must have passed before a herd, or stranding, is refuted. */
#define VERDICT_MIN_SAMPLE 20

/* Sets a verdict and its reason; false when out of memory. */
bool verdict__set(struct report_verdict *verdict, enum verdict value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
