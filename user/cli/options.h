/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The command line. */
#ifndef HERDTRACE_CLI_OPTIONS_H
#define HERDTRACE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "load/client.h"
#include "base/error.h"
#include "print/terminal.h"
#include "render/render.h"
#include "report/expectation.h"
#include "target/whom.h"
#include "tracer/tracer.h"

enum action {
	ACTION_TRACE,
	ACTION_REPORT,
	ACTION_DOCTOR,
	ACTION_VERIFY,
	ACTION_COMPARE,
	ACTION_TOP,
	ACTION_METRICS,
	ACTION_EXPLAIN,
	ACTION_LEARN,
	ACTION_CNT,
};

/* What --by names. */
enum top_lines {
	LINES_BY_DEFAULT,
	LINES_BY_WORKER,
	LINES_BY_LISTENER,
};

struct options {
	enum action action;
	char **command;   /* to trace, NULL-terminated; NULL with whom */
	char **arguments; /* of the other actions, NULL-terminated; NULL: none */
	struct whom whom; /* what runs already */
	bool has_client;
	struct client_options client;
	double duration_sec; /* 0: no limit */
	double wait_sec;     /* of --wait, 0: not given */
	enum render_format format;
	bool summary_only;
	bool explains; /* --explain: one connection is drawn */
	struct render_rows rows;
	const char *listener;  /* number or address, NULL: all */
	const char *output;    /* NULL: stdout */
	const char *record;    /* NULL: none */
	const char *servers;   /* of verify, NULL: where they are by default */
	bool list;             /* of verify */
	bool all;              /* of compare */
	int language;          /* of learn: which of lesson_languages, negative: by the locale */
	bool check, text_only; /* of learn */
	const char *listen;    /* of metrics, NULL: not given */
	const char *textfile;  /* likewise */
	bool verbose, quiet;
	enum color_mode color;
	const char *user;
	double interval_sec;  /* of top and metrics, 0: not given */
	enum top_lines lines; /* of top: what has a row, or a line */
	bool plain;           /* of top: lines, whatever the terminal */
	struct expectations expects;
	struct tracer_options tracer;
};

/* Help or version has been printed: nothing is left to do. */
#define OPTIONS_ANSWERED 1

/*
 * Parses the command line into options, which point into argv; what argv points to is reordered.
 * Returns 0, OPTIONS_ANSWERED, or negative errno and an error.
 */
int options__parse(struct options *options, int argc, char **argv, struct error *error);

#endif
