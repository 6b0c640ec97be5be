/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Every option, once: parsing, --help, the manual and completion are made from this table. */
#ifndef HERDTRACE_CLI_OPTION_TABLE_H
#define HERDTRACE_CLI_OPTION_TABLE_H

#include "cli/expectation.h"
#include "cli/options.h"

enum argument_kind {
	ARGUMENT_NONE,
	ARGUMENT_NUMBER,      /* whole, from least to most */
	ARGUMENT_PIDS,        /* likewise, and with commas several of them */
	ARGUMENT_SECONDS,     /* above 0, need not be whole */
	ARGUMENT_ROWS,        /* a number up to most, "all" or "none" */
	ARGUMENT_WORD,        /* one of words */
	ARGUMENT_EXPECTATION, /* likewise, or a number with its limit */
	ARGUMENT_FILE,
	ARGUMENT_DIRECTORY,
	ARGUMENT_CGROUP, /* as below its mount */
	ARGUMENT_UNIT,   /* of systemd */
	ARGUMENT_USER,
	ARGUMENT_NAME, /* nobody but who runs the server knows which there are */
	ARGUMENT_LISTENER,
};

/* What the text of an argument stands for: the member that its kind has. */
union argument_value {
	long number; /* of rows: -1: all */
	double seconds;
	int word;
	const char *text; /* of a file, a directory, a user, numbers with commas */
	struct expectation expectation;
};

/* In the order in which --help shows them. */
enum option_group {
	GROUP_HELP = -1, /* argp puts negative ones last */
	GROUP_WORK = 1,  /* what is done, and how much of it */
	GROUP_SERVER,
	GROUP_REPORT,
	GROUP_TRACING,
};

/* Options that print something instead of setting something. */
enum option_answer {
	ANSWER_NONE,
	ANSWER_HELP,
	ANSWER_USAGE,
	ANSWER_VERSION,
};

#define ACTION_BIT(action) (1u << (action))

struct option_row {
	const char *name;  /* without its dashes */
	char letter;       /* the short form, '\0': there is none */
	char other_letter; /* a second one, which --help does not show */
	unsigned actions;  /* ACTION_BIT() of each that it belongs to */
	enum option_group group;
	enum option_answer answer;
	const char *help;

	const char *argument; /* its name, NULL: there is none */
	enum argument_kind kind;
	long least, most;
	const struct argument_word *words; /* ends with one without a word */
	bool repeats;                      /* a second one adds to the first */

	void (*set)(struct options *options, union argument_value value);
};

extern const struct option_row option_table[];
extern const size_t option_cnt;

#endif
