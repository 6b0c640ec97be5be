/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How uneven a fair split comes out. */
#ifndef HERDTRACE_REPORT_CHI_SQUARE_H
#define HERDTRACE_REPORT_CHI_SQUARE_H

/*
 * The chi-square value that a fair split over degrees + 1 workers exceeds once in a thousand
 * times. Wilson and Hilferty's approximation: 3 % too high at one degree, 1 % at six, so it errs
 * on the side of a fair split.
 */
double chi_square__critical(unsigned degrees);

/* The probability that a fair split has this chi-square or a larger one. */
double chi_square__tail(double value, unsigned degrees);

#endif
