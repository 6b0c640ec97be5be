/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From the rows of a report to its three verdicts and the advice. */
#ifndef HERDTRACE_REPORT_VERDICT_H
#define HERDTRACE_REPORT_VERDICT_H

#include "report/report.h"

/* Arrivals with two or more waiters that it takes to refute a herd. */
#define HERD_MIN_ARRIVALS 5

/* A connection that waits longer than this while another task of its group sleeps is stranded. */
#define STRANDED_NS INT64_C(100000000)

/*
 * Decides herd, skew and stranding, marks stranded connections, and writes the advice.
 * Returns 0 or -ENOMEM.
 */
int verdict__decide(struct report *report);

/*
 * The chi-square value that a fair split over degrees + 1 workers exceeds once in a thousand
 * times. Wilson and Hilferty's approximation: 3 % too high at one degree, 1 % at six, so it errs
 * on the side of a fair split.
 */
double chi_square__critical(unsigned degrees);

#endif
