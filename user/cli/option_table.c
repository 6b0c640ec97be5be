// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/option_table.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#define MAX_BUFFER_KIB (1024 * 1024)

#define TRACE   ACTION_BIT(ACTION_TRACE)
#define REPORT  ACTION_BIT(ACTION_REPORT)
#define DOCTOR  ACTION_BIT(ACTION_DOCTOR)
#define VERIFY  ACTION_BIT(ACTION_VERIFY)
#define COMPARE ACTION_BIT(ACTION_COMPARE)
#define TOP     ACTION_BIT(ACTION_TOP)
#define METRICS ACTION_BIT(ACTION_METRICS)
#define EXPLAIN ACTION_BIT(ACTION_EXPLAIN)
#define LEARN   ACTION_BIT(ACTION_LEARN)
#define PRINTS  (TRACE | REPORT | DOCTOR | VERIFY | COMPARE)
#define ALL     (PRINTS | TOP | METRICS | EXPLAIN | LEARN)

/* ---- words ---- */

static const struct argument_word formats[] = {
#define FORMAT_WORD(NAME, word) {#word, RENDER_##NAME},
	RENDER_FORMATS(FORMAT_WORD)
#undef FORMAT_WORD
		{0}};

/* Of what doctor, verify and compare print. */
static const struct argument_word doctor_formats[] = {
	{"table", RENDER_TABLE}, {"json", RENDER_JSON}, {0}};

static const struct argument_word verify_formats[] = {
	{"table", RENDER_TABLE}, {"json", RENDER_JSON},         {"junit", RENDER_JUNIT},
	{"tap", RENDER_TAP},     {"markdown", RENDER_MARKDOWN}, {0}};

static const struct argument_word compare_formats[] = {
	{"table", RENDER_TABLE}, {"json", RENDER_JSON}, {"markdown", RENDER_MARKDOWN}, {0}};

static const struct argument_word attach_modes[] = {
	{"auto", ATTACH_AUTO}, {"fentry", ATTACH_FENTRY}, {"kprobe", ATTACH_KPROBE}, {0}};

static const struct argument_word waiter_words[] = {{"first", false}, {"all", true}, {0}};

static const struct argument_word color_modes[] = {
	{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}, {0}};

static const struct argument_word top_rows[] = {
	{"worker", LINES_BY_WORKER}, {"listener", LINES_BY_LISTENER}, {0}};

/* As lesson_languages has them. */
static const struct argument_word languages[] = {{"en", 0}, {"zh", 1}, {0}};

/* ---- what they set ---- */

static void set_connections(struct options *o, union argument_value value)
{
	o->client.connections = value.number;
	o->has_client = true;
}

static void set_gap(struct options *o, union argument_value value)
{
	o->client.gap_ms = value.number;
}

static void set_concurrency(struct options *o, union argument_value value)
{
	o->client.concurrency = value.number;
}

static void set_duration(struct options *o, union argument_value value)
{
	o->duration_sec = value.seconds;
}

static void set_wait(struct options *o, union argument_value value)
{
	o->wait_sec = value.seconds;
}

static void set_pid(struct options *o, union argument_value value)
{
	char *at = (char *)value.text;

	/* It has been looked at before: one more than there is room for says that there are too many. */
	for (; *at; at += *at == ',') {
		long pid = strtol(at, &at, 10);

		if (o->whom.pid_cnt < WHOM_PIDS_MAX)
			o->whom.pids[o->whom.pid_cnt] = pid;
		o->whom.pid_cnt++;
	}
}

static void set_port(struct options *o, union argument_value value)
{
	o->whom.port = value.number;
}

static void set_unit(struct options *o, union argument_value value)
{
	o->whom.unit = value.text;
}

static void set_cgroup(struct options *o, union argument_value value)
{
	o->whom.cgroup = value.text;
}

static void set_container(struct options *o, union argument_value value)
{
	o->whom.container = value.text;
}

static void set_user(struct options *o, union argument_value value)
{
	o->user = value.text;
}

static void set_record(struct options *o, union argument_value value)
{
	o->record = value.text;
}

static void set_expect(struct options *o, union argument_value value)
{
	expectations__add(&o->expects, &value.expectation);
}

static void set_format(struct options *o, union argument_value value)
{
	o->format = value.word;
}

static void set_json(struct options *o, union argument_value value)
{
	(void)value;
	o->format = RENDER_JSON;
}

static void set_output(struct options *o, union argument_value value)
{
	o->output = value.text;
}

static void set_summary(struct options *o, union argument_value value)
{
	(void)value;
	o->summary_only = true;
}

static void set_explain(struct options *o, union argument_value value)
{
	(void)value;
	o->explains = true;
}

static void set_rows(struct options *o, union argument_value value)
{
	o->rows = (struct render_rows){
		.given = true,
		.most = value.number < 0 ? SIZE_MAX : (size_t)value.number,
	};
}

static void set_listener(struct options *o, union argument_value value)
{
	o->listener = value.text;
}

static void set_stacks(struct options *o, union argument_value value)
{
	(void)value;
	o->tracer.stacks = true;
}

static void set_waiters(struct options *o, union argument_value value)
{
	o->tracer.all_waiters = value.word;
}

static void set_attach(struct options *o, union argument_value value)
{
	o->tracer.mode = value.word;
}

static void set_buffer(struct options *o, union argument_value value)
{
	o->tracer.buffer_bytes = 1024ul * value.number;
}

static void set_verbose(struct options *o, union argument_value value)
{
	(void)value;
	o->verbose = true;
}

static void set_quiet(struct options *o, union argument_value value)
{
	(void)value;
	o->quiet = true;
}

static void set_color(struct options *o, union argument_value value)
{
	o->color = value.word;
}

static void set_list(struct options *o, union argument_value value)
{
	(void)value;
	o->list = true;
}

static void set_servers(struct options *o, union argument_value value)
{
	o->servers = value.text;
}

static void set_interval(struct options *o, union argument_value value)
{
	o->interval_sec = value.seconds;
}

static void set_by(struct options *o, union argument_value value)
{
	o->lines = value.word;
}

static void set_plain(struct options *o, union argument_value value)
{
	(void)value;
	o->plain = true;
}

static void set_all(struct options *o, union argument_value value)
{
	(void)value;
	o->all = true;
}

static void set_listen(struct options *o, union argument_value value)
{
	o->listen = value.text;
}

static void set_textfile(struct options *o, union argument_value value)
{
	o->textfile = value.text;
}

static void set_language(struct options *o, union argument_value value)
{
	o->language = value.word;
}

static void set_check(struct options *o, union argument_value value)
{
	(void)value;
	o->check = true;
}

static void set_text_only(struct options *o, union argument_value value)
{
	(void)value;
	o->text_only = true;
}

/* ---- the table ---- */

const struct option_row option_table[] = {
	{
		.name = "connections",
		.letter = 'n',
		.actions = TRACE,
		.group = GROUP_WORK,
		.help = "Once the server listens, open N connections, then stop and report",
		.argument = "N",
		.kind = ARGUMENT_NUMBER,
		.least = 1,
		.most = 10000000,
		.set = set_connections,
	},
	{
		.name = "gap",
		.actions = TRACE,
		.group = GROUP_WORK,
		.help = "Pause between them (default: until every worker is asleep again)",
		.argument = "MS",
		.kind = ARGUMENT_NUMBER,
		.least = 0,
		.most = 3600000,
		.set = set_gap,
	},
	{
		.name = "concurrency",
		.actions = TRACE,
		.group = GROUP_WORK,
		.help = "With -n: C connections in flight at once",
		.argument = "C",
		.kind = ARGUMENT_NUMBER,
		.least = 1,
		.most = 10000,
		.set = set_concurrency,
	},
	{
		.name = "duration",
		.letter = 'd',
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_WORK,
		.help = "Stop and report after SEC seconds (Ctrl-C does at any time)",
		.argument = "SEC",
		.kind = ARGUMENT_SECONDS,
		.set = set_duration,
	},
	{
		.name = "interval",
		.letter = 'i',
		.actions = TOP | METRICS,
		.group = GROUP_WORK,
		.help = "Look, or write --textfile, every SEC seconds (default: 1, and 15)",
		.argument = "SEC",
		.kind = ARGUMENT_SECONDS,
		.set = set_interval,
	},
	{
		.name = "by",
		.actions = TOP,
		.group = GROUP_REPORT,
		.help = "Begin with a row for each worker (default) or listener; of plain lines: a "
			"line",
		.argument = "WHAT",
		.kind = ARGUMENT_WORD,
		.words = top_rows,
		.set = set_by,
	},
	{
		.name = "plain",
		.actions = TOP,
		.group = GROUP_REPORT,
		.help = "Lines with a time each, as where stdout is no terminal",
		.set = set_plain,
	},
	{
		.name = "list",
		.actions = VERIFY,
		.group = GROUP_WORK,
		.help = "Show the claims, try none",
		.set = set_list,
	},
	{
		.name = "all",
		.actions = COMPARE,
		.group = GROUP_WORK,
		.help = "Also what does not differ",
		.set = set_all,
	},
	{
		.name = "check",
		.actions = LEARN,
		.group = GROUP_WORK,
		.help = "Only run the commands, and say whether each prints what its lesson says "
			"(TAP)",
		.set = set_check,
	},
	{
		.name = "text",
		.actions = LEARN,
		.group = GROUP_WORK,
		.help = "Only show the text, run nothing",
		.set = set_text_only,
	},
	{
		.name = "lang",
		.actions = LEARN,
		.group = GROUP_REPORT,
		.help = "en or zh (default: by the locale)",
		.argument = "LANGUAGE",
		.kind = ARGUMENT_WORD,
		.words = languages,
		.set = set_language,
	},
	{
		.name = "output",
		.letter = 'o',
		.actions = LEARN,
		.group = GROUP_REPORT,
		.help = "Keep recordings and what the commands print in DIR",
		.argument = "DIR",
		.kind = ARGUMENT_DIRECTORY,
		.set = set_output,
	},
	{
		.name = "pid",
		.letter = 'p',
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "Trace a server that is running already, with its descendants (several: by "
			"commas, or -p again)",
		.argument = "PID",
		.kind = ARGUMENT_PIDS,
		.least = 1,
		.most = INT_MAX,
		.repeats = true,
		.set = set_pid,
	},
	{
		.name = "port",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "Trace everybody who listens on TCP port N, with their descendants",
		.argument = "N",
		.kind = ARGUMENT_NUMBER,
		.least = 1,
		.most = 65535,
		.set = set_port,
	},
	{
		.name = "unit",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "Trace what runs, and will run, in a unit of systemd",
		.argument = "NAME",
		.kind = ARGUMENT_UNIT,
		.set = set_unit,
	},
	{
		.name = "cgroup",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "The same of a cgroup, as /proc/PID/cgroup has it",
		.argument = "PATH",
		.kind = ARGUMENT_CGROUP,
		.set = set_cgroup,
	},
	{
		.name = "container",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "The same of a container whose ID begins so (docker, podman, containerd)",
		.argument = "ID",
		.kind = ARGUMENT_NAME,
		.set = set_container,
	},
	{
		.name = "user",
		.letter = 'u',
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "Run COMMAND as NAME, which may be the number of a user",
		.argument = "NAME",
		.kind = ARGUMENT_USER,
		.set = set_user,
	},
	{
		.name = "wait",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_SERVER,
		.help = "Give up when it does not listen within SEC seconds (default with -n: 10)",
		.argument = "SEC",
		.kind = ARGUMENT_SECONDS,
		.set = set_wait,
	},
	{
		.name = "servers",
		.actions = VERIFY,
		.group = GROUP_SERVER,
		.help = "Where the reference servers are",
		.argument = "DIR",
		.kind = ARGUMENT_DIRECTORY,
		.set = set_servers,
	},
	{
		.name = "format",
		.letter = 'f',
		.actions = TRACE | REPORT,
		.group = GROUP_REPORT,
		.help = "table (default), json, csv, html, perfetto, folded (stacks of wakes), "
			"junit or tap (what --expect says), or markdown",
		.argument = "FORMAT",
		.kind = ARGUMENT_WORD,
		.words = formats,
		.set = set_format,
	},
	{
		.name = "format",
		.letter = 'f',
		.actions = DOCTOR,
		.group = GROUP_REPORT,
		.help = "table (default) or json",
		.argument = "FORMAT",
		.kind = ARGUMENT_WORD,
		.words = doctor_formats,
		.set = set_format,
	},
	{
		.name = "format",
		.letter = 'f',
		.actions = VERIFY,
		.group = GROUP_REPORT,
		.help = "table (default), json, junit, tap or markdown",
		.argument = "FORMAT",
		.kind = ARGUMENT_WORD,
		.words = verify_formats,
		.set = set_format,
	},
	{
		.name = "format",
		.letter = 'f',
		.actions = COMPARE,
		.group = GROUP_REPORT,
		.help = "table (default), json or markdown",
		.argument = "FORMAT",
		.kind = ARGUMENT_WORD,
		.words = compare_formats,
		.set = set_format,
	},
	{
		.name = "json",
		.actions = PRINTS,
		.group = GROUP_REPORT,
		.help = "The same as -f json",
		.set = set_json,
	},
	{
		.name = "output",
		.letter = 'o',
		.actions = TRACE | REPORT | VERIFY | COMPARE | EXPLAIN,
		.group = GROUP_REPORT,
		.help = "Write the report to FILE",
		.argument = "FILE",
		.kind = ARGUMENT_FILE,
		.set = set_output,
	},
	{
		.name = "summary",
		.actions = TRACE | REPORT,
		.group = GROUP_REPORT,
		.help = "No row for each connection",
		.set = set_summary,
	},
	{
		.name = "explain",
		.actions = TRACE | REPORT,
		.group = GROUP_REPORT,
		.help = "Draw one connection: the wait queue, the walk over it, what each task did",
		.set = set_explain,
	},
	{
		.name = "listener",
		.actions = TRACE | REPORT | EXPLAIN,
		.group = GROUP_REPORT,
		.help = "Only what one listener got: its number, its ADDRESS or :PORT",
		.argument = "N|ADDRESS",
		.kind = ARGUMENT_LISTENER,
		.set = set_listener,
	},
	{
		.name = "rows",
		.actions = TRACE | REPORT,
		.group = GROUP_REPORT,
		.help = "Of table and html: all rows, none, or the N worst (default: all up to 50, "
			"or 2000)",
		.argument = "N",
		.kind = ARGUMENT_ROWS,
		.least = 0,
		.most = 10000,
		.set = set_rows,
	},
	{
		.name = "expect",
		.actions = TRACE | REPORT,
		.group = GROUP_REPORT,
		.help = "herd, no-herd, skew, no-skew, stranding or no-stranding, or a number: "
			"'wakes/connection<=1.05', 'wasted/s<100', 'wait-p99<5ms': exit 1 when it "
			"is not so; may be given several times",
		.argument = "WHAT",
		.kind = ARGUMENT_EXPECTATION,
		.words = expectation_words,
		.repeats = true,
		.set = set_expect,
	},
	{
		.name = "record",
		.letter = 'w',
		.actions = TRACE,
		.group = GROUP_REPORT,
		.help = "Keep the records, for 'herdtrace report FILE'",
		.argument = "FILE",
		.kind = ARGUMENT_FILE,
		.set = set_record,
	},
	{
		.name = "stacks",
		.actions = TRACE,
		.group = GROUP_REPORT,
		.help = "Show the kernel stack of each kind of wake",
		.set = set_stacks,
	},
	{
		.name = "listen",
		.actions = METRICS,
		.group = GROUP_REPORT,
		.help = "Answer GET /metrics there (default: 127.0.0.1:9435)",
		.argument = "ADDRESS:PORT",
		.kind = ARGUMENT_NAME,
		.set = set_listen,
	},
	{
		.name = "textfile",
		.actions = METRICS,
		.group = GROUP_REPORT,
		.help = "Write FILE instead, for node_exporter's textfile collector",
		.argument = "FILE",
		.kind = ARGUMENT_FILE,
		.set = set_textfile,
	},
	{
		.name = "waiters",
		.actions = TRACE,
		.group = GROUP_TRACING,
		.help = "Name the first 64 of a connection's waiters and count the others (first), "
			"or all",
		.argument = "WHICH",
		.kind = ARGUMENT_WORD,
		.words = waiter_words,
		.set = set_waiters,
	},
	{
		.name = "attach",
		.actions = TRACE | DOCTOR | VERIFY | TOP | METRICS,
		.group = GROUP_TRACING,
		.help = "auto (default), fentry or kprobe",
		.argument = "HOW",
		.kind = ARGUMENT_WORD,
		.words = attach_modes,
		.set = set_attach,
	},
	{
		.name = "buffer",
		.actions = TRACE | TOP | METRICS,
		.group = GROUP_TRACING,
		.help = "Size of the ring buffer (default: by CPUs and memory)",
		.argument = "KIB",
		.kind = ARGUMENT_NUMBER,
		.least = 4,
		.most = MAX_BUFFER_KIB,
		.set = set_buffer,
	},
	{
		.name = "verbose",
		.actions = TRACE | REPORT | DOCTOR | VERIFY | METRICS,
		.group = GROUP_TRACING,
		.help = "Say what is tried and what fails; hooks and attach mode in the report",
		.set = set_verbose,
	},
	{
		.name = "quiet",
		.letter = 'q',
		.actions = ALL,
		.group = GROUP_REPORT,
		.help = "On standard error errors only: no progress, no notes",
		.set = set_quiet,
	},
	{
		.name = "color",
		.actions = TRACE | REPORT | VERIFY | COMPARE | TOP | EXPLAIN | LEARN,
		.group = GROUP_REPORT,
		.help = "auto (default: on a terminal), always or never",
		.argument = "WHEN",
		.kind = ARGUMENT_WORD,
		.words = color_modes,
		.set = set_color,
	},
	{
		.name = "help",
		.letter = 'h',
		.other_letter = '?',
		.actions = ALL,
		.group = GROUP_HELP,
		.answer = ANSWER_HELP,
		.help = "Give this help list",
	},
	{
		.name = "usage",
		.actions = ALL,
		.group = GROUP_HELP,
		.answer = ANSWER_USAGE,
		.help = "Give a short usage message",
	},
	{
		.name = "version",
		.letter = 'V',
		.actions = ALL,
		.group = GROUP_HELP,
		.answer = ANSWER_VERSION,
		.help = "Print program version",
	},
};

const size_t option_cnt = sizeof(option_table) / sizeof(option_table[0]);
