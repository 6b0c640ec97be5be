/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Writes a finished report for a person (table, html), a program (json), a spreadsheet (csv), Perfetto's picture of it, a
 * flame graph (folded), what runs tests (junit, tap) or the comment on a change (markdown). What is written depends on the report and the options only: not on the locale, the clock or the
 * terminal.
 */
#ifndef HERDTRACE_RENDER_H
#define HERDTRACE_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "print/terminal.h"
#include "report/expectation.h"
#include "report/report.h"

/* The formats: RENDER_NAME, the word for it on the command line, its renderer render_WORD__write(). */
#define RENDER_FORMATS(FORMAT)     \
	FORMAT(TABLE, table)       \
	FORMAT(JSON, json)         \
	FORMAT(CSV, csv)           \
	FORMAT(HTML, html)         \
	FORMAT(PERFETTO, perfetto) \
	FORMAT(FOLDED, folded)     \
	FORMAT(JUNIT, junit)       \
	FORMAT(TAP, tap)           \
	FORMAT(MARKDOWN, markdown)

enum render_format {
#define RENDER_VALUE(NAME, word) RENDER_##NAME,
	RENDER_FORMATS(RENDER_VALUE)
#undef RENDER_VALUE
		RENDER_FORMAT_CNT,
};

/* Of connections, in the table. */
struct render_rows {
	bool given; /* else: those that matter, where they are many */
	size_t most;
};

/* Does it draw connections, and so need their stories (model__keep_stories())? */
bool render_format__is_picture(enum render_format format);

struct render_options {
	enum render_format format;
	bool summary_only;                         /* no rows by connection */
	const struct expectation_results *results; /* of what was expected, NULL: nothing was */
	/* Of the table: */
	bool verbose; /* also how it was traced */
	struct render_rows rows;
	struct terminal terminal;
};

/* Of no use on a terminal. */
static inline bool render_format__is_binary(enum render_format format)
{
	return format == RENDER_PERFETTO;
}

/* Made of connections: with .summary_only there is nothing in it. */
static inline bool render_format__wants_rows(enum render_format format)
{
	return format == RENDER_PERFETTO || format == RENDER_FOLDED;
}

/* Made of the kernel stacks of wakes. */
static inline bool render_format__wants_stacks(enum render_format format)
{
	return format == RENDER_FOLDED;
}

/*
 * Writes the report and flushes the stream. 0 or negative errno; a stream that could not take
 * everything is an error.
 */
int render__report(FILE *out, const struct report *report, const struct render_options *options);

#endif
