/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Numbers of a run that something can be expected of: their names, what they are counted in, and how sure they are. One
 * table: what --expect takes, and what the manual has, is in it.
 */
#ifndef HERDTRACE_REPORT_QUANTITY_H
#define HERDTRACE_REPORT_QUANTITY_H

#include "report/report.h"

/* How a limit is written, and a value printed. */
enum quantity_unit {
	UNIT_NUMBER,
	UNIT_PERCENT,
	UNIT_TIME, /* in nanoseconds */
};

#define MEASURED_WHY_SIZE 160

/*
 * A value lies between low and high, which differ where the run ended before all was decided. Where it is not known at all,
 * or not exactly, why says for what reason. Of a sample smaller than needed it is known, but stands for nothing.
 */
struct measured {
	bool is_known;
	double low, high;
	char why[MEASURED_WHY_SIZE];
	uint64_t sample, needed;
	bool is_drawn; /* by lot: what a small sample shows may be chance, and does not fail either */
};

struct quantity {
	const char *name; /* "wakes/connection" */
	const char *of;   /* in words behind a value: "wakes per connection" */
	enum quantity_unit unit;
	bool wants_rows; /* is counted from the rows of connections */

	/* To a struct of zeros. Returns 0, or what reading the rows failed with. */
	int (*measure)(struct measured *to, const struct report *report);
};

extern const struct quantity quantities[];
extern const size_t quantity_cnt;

/* A value as it is printed: "1.05", "7.1 %", "31 ms", with at most so many digits (17) where it is no whole number. */
#define QUANTITY_TEXT_SIZE 48
void quantity__print(char to[QUANTITY_TEXT_SIZE], const struct quantity *quantity, double value,
		     int digits);

#endif
