// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/command_table.h"

#include <limits.h>
#include <string.h>

#include "cli/expectation.h"
#include "cli/suggest.h"
#include "cli/usage.h"

/* Nothing can be both. */
static int check_expectations(unsigned expects, struct error *error)
{
	for (enum expectation e = EXPECT_HERD; e < EXPECT_CNT; e += 2)
		if ((expects & EXPECT_BIT(e)) && (expects & EXPECT_BIT(e + 1)))
			return usage__refuse(error,
					     "--expect=%s and --expect=%s exclude each other",
					     expectation__name(e), expectation__name(e + 1));
	return 0;
}

static int check_report(const struct options *o, struct error *error)
{
	return check_expectations(o->expects, error);
}

static int check_trace(const struct options *o, struct error *error)
{
	if (!o->command && !o->pid)
		return usage__refuse(error, "nothing to trace: give a COMMAND after --, or -p PID");
	if (o->command && o->pid)
		return usage__refuse(error, "-p PID and a COMMAND exclude each other");
	if (o->user && o->pid)
		return usage__refuse(error, "--user is for a COMMAND");
	if (!o->has_client && (o->client.gap_ms >= 0 || o->client.concurrency > 1))
		return usage__refuse(error, "--gap and --concurrency go with -n");
	return check_expectations(o->expects, error);
}

const struct command_row command_table[ACTION_CNT] = {
	[ACTION_TRACE] =
		{
			.forms = {{"-- COMMAND [ARG...]", "run COMMAND and trace it"},
				  {"-p PID", "trace a running server"}},
			.doc = "Shows which tasks the kernel wakes for each connection "
			       "of a server, and whether it has a thundering herd.",
			.statuses = "0 ran, 1 --expect does not hold, 2 wrong usage, 3 this "
				    "kernel or these privileges cannot do it, 4 the result is "
				    "incomplete.",
			.operand = OPERAND_COMMAND_LINE,
			.check = check_trace,
		},
	[ACTION_REPORT] =
		{
			.word = "report",
			.forms = {{"FILE", "render a recording"}},
			.doc = "Renders a recording that --record made; - stands for "
			       "standard input.",
			.operand = OPERAND_FILE,
			.least = 1,
			.most = 1,
			.check = check_report,
			.too_few = "which recording? give its FILE",
			.too_many = "one recording at a time",
		},
	[ACTION_DOCTOR] =
		{
			.word = "doctor",
			.forms = {{"", "what can be attached on this kernel"}},
			.doc = "Says what can be attached on this kernel, how, and what "
			       "is missing.",
			.too_many = "doctor takes no argument",
		},
	[ACTION_VERIFY] =
		{
			.word = "verify",
			.forms = {{"[ID...]", "check claims about this kernel"}},
			.doc = "Checks claims about how the kernel wakes tasks, by "
			       "trying each of them out on this kernel: all, or those "
			       "named by ID.",
			.statuses = "0 every claim holds, 1 one is broken, 2 wrong usage, 3 "
				    "this kernel or these privileges cannot do it, 4 none is "
				    "broken, but about one nothing can be said.",
			.operand = OPERAND_CLAIM,
			.most = UINT_MAX,
		},
	[ACTION_COMPARE] =
		{
			.word = "compare",
			.forms = {{"A.json B.json...", "what differs between kernels or runs"}},
			.doc = "Compares what 'herdtrace verify -f json' says on several "
			       "kernels, or what several runs with -f json say: what "
			       "differs.",
			.statuses = "0 nothing differs, 1 something does, 2 trouble.",
			.operand = OPERAND_FILE,
			.least = 2,
			.most = UINT_MAX,
			.too_few = "compare wants two files or more",
		},
};

enum action command_table__find(const char *word)
{
	for (unsigned i = 0; i < ACTION_CNT; i++)
		if (command_table[i].word && !strcmp(command_table[i].word, word))
			return i;
	return ACTION_TRACE;
}

const char *command_table__near(const char *word)
{
	const char *near = NULL;

	for (unsigned i = 0; i < ACTION_CNT; i++)
		near = suggest__nearer(word, near, command_table[i].word);
	return near;
}
