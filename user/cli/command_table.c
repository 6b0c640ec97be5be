// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/command_table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/expectation.h"
#include "cli/suggest.h"
#include "cli/usage.h"

static int check_format(const struct options *o, struct error *error)
{
	if (o->summary_only && render_format__wants_rows(o->format))
		return usage__refuse(error,
				     "with --summary there is nothing to draw: leave it out, or "
				     "take another format");
	return 0;
}

static int check_report(const struct options *o, struct error *error)
{
	if (check_format(o, error))
		return -EINVAL;
	return expectations__check(&o->expects, error);
}

/* What runs already is named in one of these ways; NULL: it is not. */
static const char *name_whom(const struct whom *w)
{
	return w->pid_cnt     ? "-p PID"
	       : w->port      ? "--port N"
	       : w->unit      ? "--unit NAME"
	       : w->cgroup    ? "--cgroup PATH"
	       : w->container ? "--container ID"
			      : NULL;
}

static int check_whom(const struct options *o, struct error *error)
{
	const struct whom *w = &o->whom;
	const char *name = name_whom(w);

	if (!o->command && !name)
		return usage__refuse(error,
				     "nothing to trace: give a COMMAND after --, or what runs "
				     "already by -p PID, --port N, --unit NAME, --cgroup PATH or "
				     "--container ID");
	if (o->command && name)
		return usage__refuse(error, "%s and a COMMAND exclude each other", name);
	if (!!w->pid_cnt + !!w->port + !!w->unit + !!w->cgroup + !!w->container > 1)
		return usage__refuse(error, "-p, --port, --unit, --cgroup and --container exclude "
					    "each other");
	if (w->pid_cnt > WHOM_PIDS_MAX)
		return usage__refuse(error, "-p takes up to %d processes, not %zu", WHOM_PIDS_MAX,
				     w->pid_cnt);
	return o->user && name ? usage__refuse(error, "--user is for a COMMAND") : 0;
}

static int check_metrics(const struct options *o, struct error *error)
{
	if (check_whom(o, error))
		return -EINVAL;
	if (o->listen && o->textfile)
		return usage__refuse(error, "--listen and --textfile exclude each other");
	if (o->interval_sec > 0 && !o->textfile)
		return usage__refuse(error, "--interval goes with --textfile: by HTTP Prometheus "
					    "asks when it wants to");
	return 0;
}

static int check_explain(const struct options *o, struct error *error)
{
	const char *text = o->arguments[1];
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (text && (!digits || digits > 9 || text[digits] || !strtoul(text, NULL, 10)))
		return usage__refuse(error, "CONN is the number of a connection, from 1, not '%s'",
				     text);
	return 0;
}

static int check_verify(const struct options *o, struct error *error)
{
	if (!o->list || o->format == RENDER_TABLE || o->format == RENDER_JSON)
		return 0;
	return usage__refuse(error, "--list is a table or json: it tries nothing");
}

static int check_trace(const struct options *o, struct error *error)
{
	if (check_whom(o, error))
		return -EINVAL;
	if (!o->has_client && (o->client.gap_ms >= 0 || o->client.concurrency > 1))
		return usage__refuse(error, "--gap and --concurrency go with -n");
	if (check_format(o, error))
		return -EINVAL;
	return expectations__check(&o->expects, error);
}

/* More often than that nobody can read, and a look has its price. */
static int check_top(const struct options *o, struct error *error)
{
	if (check_whom(o, error))
		return -EINVAL;
	return o->interval_sec && (o->interval_sec < 0.1 || o->interval_sec > 86400)
		       ? usage__refuse(error, "-i wants 0.1 to 86400 seconds, not %g",
				       o->interval_sec)
		       : 0;
}

static int check_learn(const struct options *o, struct error *error)
{
	return o->check && o->text_only
		       ? usage__refuse(error, "--check and --text exclude each other")
		       : 0;
}

const struct command_row command_table[ACTION_CNT] = {
	[ACTION_TRACE] =
		{
			.forms = {{"-- COMMAND [ARG...]", "run COMMAND and trace it"},
				  {"-p PID", "trace a running server; also --port N, --unit NAME, "
					     "--container ID"}},
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
	[ACTION_EXPLAIN] =
		{
			.word = "explain",
			.forms = {{"FILE [CONN]", "draw one connection of a recording"}},
			.doc = "Draws one connection of a recording, its wait queue, the walk over "
			       "it and what each task did: the connection numbered CONN, or the "
			       "one from which there is most to learn.",
			.operand = OPERAND_FILE,
			.least = 1,
			.most = 2,
			.check = check_explain,
			.too_few = "which recording? give its FILE",
			.too_many = "explain takes one recording and one connection",
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
			.check = check_verify,
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
	[ACTION_TOP] =
		{
			.word = "top",
			.forms = {{"-- COMMAND [ARG...]", "run COMMAND and watch it live"},
				  {"-p PID", "watch a running server; also --port N and the "
					     "like"}},
			.doc = "Shows live what each worker and each listener gets: connections, "
			       "wakes, wasted wakes and their CPU time, waits, queues, and the "
			       "verdicts so far.",
			.statuses = "0 ran until q, Ctrl-C, -d or the end of the server, 2 wrong "
				    "usage, 3 this kernel or these privileges cannot do it, 4 the "
				    "result is incomplete.",
			.operand = OPERAND_COMMAND_LINE,
			.most = UINT_MAX,
			.check = check_top,
		},
	[ACTION_METRICS] =
		{
			.word = "metrics",
			.forms = {{"-- COMMAND [ARG...]", "run COMMAND, and give metrics of it to "
							  "Prometheus"},
				  {"-p PID", "the same of a running server; also --port N, --unit "
					     "NAME, --container ID"}},
			.doc = "Traces a server until it is told to stop, and gives counts, waits "
			       "and verdicts to Prometheus: by HTTP, or in a file for "
			       "node_exporter.",
			.statuses = "0 ran, 2 wrong usage, 3 this kernel or these privileges "
				    "cannot do it, 4 nothing listened.",
			.operand = OPERAND_COMMAND_LINE,
			.most = UINT_MAX,
			.check = check_metrics,
		},
	[ACTION_LEARN] =
		{
			.word = "learn",
			.forms = {{"[LESSON...]", "lessons on wake-ups, which run what they say"}},
			.doc = "Shows lessons on how the kernel wakes tasks, by number or name, "
			       "and as "
			       "root runs their commands step by step; without one, lists them.",
			.statuses =
				"0 ran, 1 a command did not print what its lesson says, 2 wrong "
				"usage, 3 this kernel or these privileges cannot do it (--check).",
			.operand = OPERAND_LESSON,
			.most = UINT_MAX,
			.check = check_learn,
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
