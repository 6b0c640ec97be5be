/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Writes a finished report for a person (table), a program (json) or a spreadsheet (csv). What is
 * written depends on the report and the options only: not on the locale, the clock or the terminal.
 */
#ifndef HERDTRACE_RENDER_H
#define HERDTRACE_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

enum render_format {
	RENDER_TABLE,
	RENDER_JSON,
	RENDER_CSV,
	RENDER_FORMAT_CNT,
};

struct render_options {
	enum render_format format;
	bool summary_only; /* no rows by connection */
	bool color;        /* table only */
	unsigned width;    /* of the terminal, table only; 0: do not fit to a width */
};

/* What a format is called on the command line: "table". */
const char *render_format__name(enum render_format format);

/*
 * Writes the report and flushes the stream. 0 or negative errno; a stream that could not take
 * everything is an error.
 */
int render__report(FILE *out, const struct report *report, const struct render_options *options);

#endif
