// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/options.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/version.h"

#define DEFAULT_BUFFER_KIB 16384
#define MAX_BUFFER_KIB     (1024 * 1024)

enum option_key {
	KEY_GAP = 256,
	KEY_CONCURRENCY,
	KEY_SUMMARY,
	KEY_ATTACH,
	KEY_EXPECT,
	KEY_STACKS,
	KEY_BUFFER,
	KEY_VERBOSE,
	KEY_JSON,
	KEY_LIST,
	KEY_SERVERS,
	KEY_ALL,
};

static const struct argp_option trace_options[] = {
	{"connections", 'n', "N", 0,
	 "Once the server listens, open N connections, then stop and report", 1},
	{"gap", KEY_GAP, "MS", 0,
	 "Pause between them (default: until every worker is asleep again)", 1},
	{"concurrency", KEY_CONCURRENCY, "C", 0, "With -n: C connections in flight at once", 1},
	{"duration", 'd', "SEC", 0, "Stop and report after SEC seconds (Ctrl-C does at any time)",
	 1},
	{"pid", 'p', "PID", 0, "Trace a server that is running already, with its descendants", 2},
	{"user", 'u', "NAME", 0, "Run COMMAND as NAME", 2},
	{"record", 'w', "FILE", 0, "Keep the records, for 'herdtrace report FILE'", 3},
	{"expect", KEY_EXPECT, "WHAT", 0,
	 "herd, no-herd, skew, no-skew, stranding or no-stranding: exit 1 when it is not so", 3},
	{"stacks", KEY_STACKS, NULL, 0, "Show the kernel stack of each kind of wake", 3},
	{"attach", KEY_ATTACH, "HOW", 0, "auto (default), fentry or kprobe", 4},
	{"buffer", KEY_BUFFER, "KIB", 0, "Size of the ring buffer (default 16384)", 4},
	{"verbose", KEY_VERBOSE, NULL, 0, "Say what is tried and what fails", 4},
	{0},
};

static const struct argp_option render_options[] = {
	{"format", 'f', "FORMAT", 0, "table (default), json or csv", 3},
	{"output", 'o', "FILE", 0, "Write the report to FILE", 3},
	{"summary", KEY_SUMMARY, NULL, 0, "No row for each connection", 3},
	{0},
};

/* ---- values ---- */

/* One line, and out. */
static void __attribute__((noreturn, format(printf, 1, 2))) usage_error(const char *format, ...)
{
	va_list args;
	char line[512];

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_error("%s (see 'herdtrace --help')", line);
	exit(EXIT_USAGE);
}

static long parse_number(const char *what, const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < min || value > max)
		usage_error("%s wants a whole number from %ld to %ld, not '%s'", what, min, max,
			    text);
	return value;
}

static double parse_seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || value <= 0 || value > 1e9)
		usage_error("--duration wants a number of seconds above 0, not '%s'", text);
	return value;
}

struct word {
	const char *word;
	int value;
};

static int parse_word(const char *what, const char *text, const struct word *words)
{
	char known[256] = "";

	for (const struct word *w = words; w->word; w++) {
		if (!strcmp(w->word, text))
			return w->value;
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 w == words ? "" : ", ", w->word);
	}
	usage_error("%s wants one of %s, not '%s'", what, known, text);
}

static const struct word formats[] = {
	{"table", RENDER_TABLE}, {"json", RENDER_JSON}, {"csv", RENDER_CSV}, {0}};

/* Of what verify and compare print. */
static const struct word document_formats[] = {{"table", RENDER_TABLE}, {"json", RENDER_JSON}, {0}};

static const struct word attach_modes[] = {
	{"auto", ATTACH_AUTO}, {"fentry", ATTACH_FENTRY}, {"kprobe", ATTACH_KPROBE}, {0}};

static const struct word expectations[] = {{"herd", EXPECT_HERD},
					   {"no-herd", EXPECT_NO_HERD},
					   {"skew", EXPECT_SKEW},
					   {"no-skew", EXPECT_NO_SKEW},
					   {"stranding", EXPECT_STRANDING},
					   {"no-stranding", EXPECT_NO_STRANDING},
					   {0}};

/* ---- parsers ---- */

static error_t parse_render(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'f': o->format = parse_word("--format", arg, formats); return 0;
	case 'o': o->output = arg; return 0;
	case KEY_SUMMARY: o->summary_only = true; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void check_trace(const struct options *o)
{
	if (!o->command && !o->pid)
		usage_error("nothing to trace: give a COMMAND after --, or -p PID");
	if (o->command && o->pid)
		usage_error("-p PID and a COMMAND exclude each other");
	if (o->user && o->pid)
		usage_error("--user is for a COMMAND");
	if (!o->has_client && (o->client.gap_ms >= 0 || o->client.concurrency > 1))
		usage_error("--gap and --concurrency go with -n");
}

static error_t parse_trace(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = o; return 0;
	case 'n':
		o->client.connections = parse_number("--connections", arg, 1, 10000000);
		o->has_client = true;
		return 0;
	case KEY_GAP: o->client.gap_ms = parse_number("--gap", arg, 0, 3600000); return 0;
	case KEY_CONCURRENCY:
		o->client.concurrency = parse_number("--concurrency", arg, 1, 10000);
		return 0;
	case 'd': o->duration_sec = parse_seconds(arg); return 0;
	case 'p':
		o->pid = parse_number("--pid", arg, 1, INT_MAX);
		o->tracer.running = true;
		return 0;
	case 'u': o->user = arg; return 0;
	case 'w': o->record = arg; return 0;
	case KEY_EXPECT: o->expect = parse_word("--expect", arg, expectations); return 0;
	case KEY_STACKS: o->tracer.stacks = true; return 0;
	case KEY_ATTACH: o->tracer.mode = parse_word("--attach", arg, attach_modes); return 0;
	case KEY_BUFFER:
		o->tracer.buffer_bytes = 1024ul * parse_number("--buffer", arg, 4, MAX_BUFFER_KIB);
		return 0;
	case KEY_VERBOSE: log_set_verbose(1); return 0;
	case ARGP_KEY_ARGS: o->command = state->argv + state->next; return 0;
	case ARGP_KEY_END: check_trace(o); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_report(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = o; return 0;
	case KEY_EXPECT: o->expect = parse_word("--expect", arg, expectations); return 0;
	case ARGP_KEY_ARG:
		if (o->report_file)
			usage_error("one recording at a time");
		o->report_file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->report_file)
			usage_error("which recording? give its FILE");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_doctor(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	(void)arg;
	switch (key) {
	case KEY_VERBOSE: log_set_verbose(1); return 0;
	case KEY_ATTACH: o->tracer.mode = parse_word("--attach", arg, attach_modes); return 0;
	case ARGP_KEY_ARG: usage_error("doctor takes no argument");
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_document(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'f': o->format = parse_word("--format", arg, document_formats); return 0;
	case KEY_JSON: o->format = RENDER_JSON; return 0;
	case 'o': o->output = arg; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* Kept until the program ends, like argv itself. */
static error_t keep_argument(struct options *o, char *arg, struct argp_state *state)
{
	if (!o->arguments)
		o->arguments = calloc(state->argc + 1, sizeof(*o->arguments));
	if (!o->arguments)
		return ENOMEM;
	o->arguments[state->arg_num] = arg;
	return 0;
}

static error_t parse_verify(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = o; return 0;
	case KEY_LIST: o->list = true; return 0;
	case KEY_SERVERS: o->servers = arg; return 0;
	case KEY_ATTACH: o->tracer.mode = parse_word("--attach", arg, attach_modes); return 0;
	case KEY_VERBOSE: log_set_verbose(1); return 0;
	case ARGP_KEY_ARG: return keep_argument(o, arg, state);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_compare(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = o; return 0;
	case KEY_ALL: o->all = true; return 0;
	case ARGP_KEY_ARG: return keep_argument(o, arg, state);
	case ARGP_KEY_END:
		if (!o->arguments || !o->arguments[1])
			usage_error("compare wants two files or more");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* ---- commands ---- */

static const struct argp render_argp = {.options = render_options, .parser = parse_render};

static const struct argp_child render_child[] = {{&render_argp, 0, NULL, 0}, {0}};

static const struct argp trace_argp = {
	.options = trace_options,
	.parser = parse_trace,
	.args_doc = "-- COMMAND [ARG...]\n-p PID",
	.doc = "Shows which tasks the kernel wakes for each connection of a server, and whether it "
	       "has a thundering herd.\v"
	       "Other commands, each with its own --help:\n"
	       "  herdtrace report FILE   render a recording\n"
	       "  herdtrace doctor        what can be attached on this kernel\n"
	       "  herdtrace verify        check claims about this kernel\n"
	       "  herdtrace compare A B   what differs between kernels or runs\n\n"
	       "Exit status: 0 ran, 1 --expect does not hold, 2 wrong usage, 3 this kernel or "
	       "these "
	       "privileges cannot do it, 4 the result is incomplete.",
	.children = render_child,
};

static const struct argp_option report_options[] = {
	{"expect", KEY_EXPECT, "WHAT", 0,
	 "herd, no-herd, skew, no-skew, stranding or no-stranding: exit 1 when it is not so", 3},
	{0},
};

static const struct argp report_argp = {
	.options = report_options,
	.parser = parse_report,
	.args_doc = "FILE",
	.doc = "Renders a recording that --record made.",
	.children = render_child,
};

static const struct argp_option doctor_options[] = {
	{"attach", KEY_ATTACH, "HOW", 0, "auto (default), fentry or kprobe", 1},
	{"verbose", KEY_VERBOSE, NULL, 0, "Say what is tried and what fails", 1},
	{0},
};

static const struct argp doctor_argp = {
	.options = doctor_options,
	.parser = parse_doctor,
	.doc = "Says what can be attached on this kernel, how, and what is missing.",
};

static const struct argp_option document_options[] = {
	{"format", 'f', "FORMAT", 0, "table (default) or json", 3},
	{"json", KEY_JSON, NULL, 0, "The same as -f json", 3},
	{"output", 'o', "FILE", 0, "Write to FILE", 3},
	{0},
};

static const struct argp document_argp = {.options = document_options, .parser = parse_document};

static const struct argp_child document_child[] = {{&document_argp, 0, NULL, 0}, {0}};

static const struct argp_option verify_options[] = {
	{"list", KEY_LIST, NULL, 0, "Show the claims, try none", 1},
	{"servers", KEY_SERVERS, "DIR", 0, "Where the reference servers are", 2},
	{"attach", KEY_ATTACH, "HOW", 0, "auto (default), fentry or kprobe", 4},
	{"verbose", KEY_VERBOSE, NULL, 0, "Say what is tried and what fails", 4},
	{0},
};

static const struct argp verify_argp = {
	.options = verify_options,
	.parser = parse_verify,
	.args_doc = "[ID...]",
	.doc = "Checks claims about how the kernel wakes tasks, by trying each of them out on this "
	       "kernel: all, or those named by ID.\v"
	       "Exit status: 0 every claim holds, 1 one is broken, 2 wrong usage, 3 this kernel or "
	       "these privileges cannot do it, 4 none is broken, but about one nothing can be "
	       "said.",
	.children = document_child,
};

static const struct argp_option compare_options[] = {
	{"all", KEY_ALL, NULL, 0, "Also what does not differ", 1},
	{0},
};

static const struct argp compare_argp = {
	.options = compare_options,
	.parser = parse_compare,
	.args_doc = "A.json B.json [C.json...]",
	.doc = "Compares what 'herdtrace verify -f json' says on several kernels, or what several "
	       "runs with -f json say: what differs.\v"
	       "Exit status: 0 nothing differs, 1 something does, 2 trouble.",
	.children = document_child,
};

const char *argp_program_version = "herdtrace " HERDTRACE_VERSION;

static void print_short_usage(void)
{
	fputs("usage: herdtrace [OPTIONS] -- COMMAND [ARG...]   run COMMAND and trace it\n"
	      "       herdtrace [OPTIONS] -p PID                trace a running server\n"
	      "       herdtrace report [OPTIONS] FILE           render a recording\n"
	      "       herdtrace doctor                          what this kernel can do\n"
	      "       herdtrace verify [OPTIONS] [ID...]        check claims about this kernel\n"
	      "       herdtrace compare [OPTIONS] A B...        what differs between kernels or "
	      "runs\n"
	      "Try 'herdtrace -n 20 -- ./accept-server', or 'herdtrace --help'.\n",
	      stderr);
}

static const struct command {
	const char *word;
	enum action action;
	const struct argp *argp;
} commands[] = {
	{"report", ACTION_REPORT, &report_argp},
	{"doctor", ACTION_DOCTOR, &doctor_argp},
	{"verify", ACTION_VERIFY, &verify_argp},
	{"compare", ACTION_COMPARE, &compare_argp},
};

static const struct argp *choose_action(struct options *o, const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].word, word))
			continue;
		o->action = commands[i].action;
		return commands[i].argp;
	}
	return &trace_argp;
}

void options__parse(struct options *o, int argc, char **argv)
{
	static char name[64]; /* argp keeps it */
	const struct argp *argp;

	*o = (struct options){
		.client = {.concurrency = 1, .gap_ms = -1},
		.tracer = {.buffer_bytes = DEFAULT_BUFFER_KIB * 1024ul},
	};
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_short_usage();
		exit(EXIT_USAGE);
	}
	argp = choose_action(o, argv[1]);
	if (argp != &trace_argp) {
		snprintf(name, sizeof(name), "herdtrace %s", argv[1]);
		argv[1] = name;
		argc--;
		argv++;
	}
	/* In order: what follows the first word of COMMAND belongs to COMMAND. */
	if (argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, o))
		exit(EXIT_USAGE);
}
