/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How uneven a fair split comes out. */
#ifndef HERDTRACE_REPORT_CHI_SQUARE_H
#define HERDTRACE_REPORT_CHI_SQUARE_H

/* The probability that a fair split has this chi-square or a larger one. */
double chi_square__tail(double value, unsigned degrees);

#endif
