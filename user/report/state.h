/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the room: a file for each of the three verdicts, and verdict.c that puts them together. */
#ifndef HERDTRACE_REPORT_STATE_H
#define HERDTRACE_REPORT_STATE_H

#include "report/verdict.h"

/* Sets a verdict and its reason; false when out of memory. */
bool verdict__set(struct report_verdict *verdict, enum verdict value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* So many opportunities to see it must have passed before a disease is ruled out. */
#define VERDICT_MIN_SAMPLE 20

/* The share of events that, at 95 %, is the most there can be when n of them were all without one. */
double verdict__bound(uint64_t n);

/* Each decides on complete data; false when out of memory. */
bool herd__decide(struct report_verdict *verdict, const struct totals *totals);
bool skew__decide(struct report_verdict *verdict, const struct totals *totals);
bool stranding__decide(struct report_verdict *verdict, const struct totals *totals);

#endif
