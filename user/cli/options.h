/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The command line. */
#ifndef HERDTRACE_CLI_OPTIONS_H
#define HERDTRACE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "load/client.h"
#include "cli/exit_status.h"
#include "render/render.h"
#include "tracer/tracer.h"

enum action {
	ACTION_TRACE,
	ACTION_REPORT,
	ACTION_DOCTOR,
	ACTION_VERIFY,
	ACTION_COMPARE,
};

enum expectation {
	EXPECT_NOTHING,
	EXPECT_HERD,
	EXPECT_NO_HERD,
	EXPECT_SKEW,
	EXPECT_NO_SKEW,
	EXPECT_STRANDING,
	EXPECT_NO_STRANDING,
};

struct options {
	enum action action;
	char **command; /* NULL-terminated, NULL with -p */
	pid_t pid;      /* of -p, 0: none */
	bool has_client;
	struct client_options client;
	double duration_sec; /* 0: no limit */
	enum render_format format;
	bool summary_only;
	const char *output; /* NULL: stdout */
	const char *record; /* NULL: none */
	const char *report_file;
	char **arguments;    /* of verify and compare, NULL-terminated; NULL: none */
	const char *servers; /* of verify, NULL: where they are by default */
	bool list;           /* of verify */
	bool all;            /* of compare */
	const char *user;
	enum expectation expect;
	struct tracer_options tracer;
};

/*
 * Parses the command line into options, which point into argv. Prints usage, version or what is
 * wrong and ends the program where that is all there is to do.
 */
void options__parse(struct options *options, int argc, char **argv);

#endif
