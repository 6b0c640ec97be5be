// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Every option of every command: forms, limits, what is refused and in which words. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/expectation.h"
#include "options_fixture.h"

/* ---- defaults ---- */

static void assert_defaults(const struct options *o)
{
	struct options none = {
		.action = o->action,
		.command = o->command,
		.arguments = o->arguments,
		.client = {.concurrency = 1, .gap_ms = -1},
	};

	assert_int_equal(o->whom.pid_cnt, none.whom.pid_cnt);
	assert_false(o->has_client || o->summary_only || o->list || o->all || o->verbose);
	assert_false(o->quiet || o->rows.given);
	assert_int_equal(o->color, COLOR_AUTO);
	assert_false(o->tracer.stacks || o->tracer.running);
	assert_int_equal(o->client.connections, none.client.connections);
	assert_int_equal(o->client.concurrency, none.client.concurrency);
	assert_int_equal(o->client.gap_ms, none.client.gap_ms);
	assert_true(o->duration_sec == 0);
	assert_true(o->wait_sec == 0);
	assert_int_equal(o->format, RENDER_TABLE);
	assert_int_equal(o->expects.cnt, 0);
	assert_int_equal(o->tracer.mode, ATTACH_AUTO);
	assert_int_equal(o->tracer.buffer_bytes, none.tracer.buffer_bytes);
	assert_null(o->output);
	assert_null(o->record);
	assert_null(o->servers);
	assert_null(o->listener);
	assert_null(o->user);
}

static void test_defaults(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--", "true");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_TRACE);
	assert_defaults(&p.options);
	PARSE(&p, "report", "a.rec");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_REPORT);
	assert_defaults(&p.options);
	PARSE(&p, "doctor");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_DOCTOR);
	assert_defaults(&p.options);
	PARSE(&p, "verify");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_VERIFY);
	assert_defaults(&p.options);
	PARSE(&p, "compare", "a", "b");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_COMPARE);
	assert_defaults(&p.options);
}

/* ---- forms ---- */

static void test_forms_of_a_number(void **state)
{
	static const char *const forms[][3] = {
		{"-n5", NULL},
		{"-n", "5", NULL},
		{"--connections=5", NULL},
		{"--connections", "5", NULL},
		{"--conn=5", NULL},
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *words[] = {forms[i][0], forms[i][1] ? forms[i][1] : "true", "true",
				       NULL};

		parse_words(&p, words);
		assert_taken(&p);
		assert_true(p.options.has_client);
		assert_int_equal(p.options.client.connections, 5);
	}
}

static void test_the_last_one_counts(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-n5", "-o", "a", "-n6", "--output=b", "true");
	assert_taken(&p);
	assert_int_equal(p.options.client.connections, 6);
	assert_string_equal(p.options.output, "b");
}

/* ---- what each sets ---- */

static void test_options_of_trace(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--listener=:80", "-n20", "--gap=7", "--concurrency=3", "-d", "2.5", "--wait=0.5",
	      "-u", "nobody", "-w", "a.rec", "-o", "a.txt", "--summary", "--stacks", "--buffer=64",
	      "--verbose", "--", "true");
	assert_taken(&p);
	assert_int_equal(p.options.client.connections, 20);
	assert_int_equal(p.options.client.gap_ms, 7);
	assert_int_equal(p.options.client.concurrency, 3);
	assert_true(p.options.duration_sec == 2.5);
	assert_true(p.options.wait_sec == 0.5);
	assert_string_equal(p.options.user, "nobody");
	assert_string_equal(p.options.record, "a.rec");
	assert_string_equal(p.options.output, "a.txt");
	assert_true(p.options.summary_only);
	assert_string_equal(p.options.listener, ":80");
	assert_true(p.options.tracer.stacks);
	assert_int_equal(p.options.tracer.buffer_bytes, 64 * 1024);
	assert_true(p.options.verbose);
	assert_false(p.options.tracer.running);
}

static void test_pid(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-p", "77");
	assert_taken(&p);
	assert_int_equal(p.options.whom.pid_cnt, 1);
	assert_int_equal(p.options.whom.pids[0], 77);
	assert_true(p.options.tracer.running);
	assert_null(p.options.command);
}

/* Several, in any way. */
static void test_pids(void **state)
{
	char many[2 * (WHOM_PIDS_MAX + 1)] = "7";
	struct parsed p;

	(void)state;
	PARSE(&p, "-p77,78", "--pid=79");
	assert_taken(&p);
	assert_int_equal(p.options.whom.pid_cnt, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p.options.whom.pids[i], 77 + i);
	PARSE(&p, "-p77,,78");
	assert_refused(&p, "--pid wants a whole number from 1 to 2147483647, not ''");
	PARSE(&p, "-p77,x");
	assert_refused(&p, "--pid wants a whole number from 1 to 2147483647, not 'x'");
	for (int i = 0; i < WHOM_PIDS_MAX; i++)
		strcat(many, ",7");
	PARSE(&p, "-p", many);
	assert_refused(&p, "-p takes up to 64 processes, not 65");
}

static void test_whom(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--port=80");
	assert_taken(&p);
	assert_int_equal(p.options.whom.port, 80);
	assert_true(p.options.tracer.running);
	PARSE(&p, "--unit", "nginx");
	assert_string_equal(p.options.whom.unit, "nginx");
	PARSE(&p, "--cgroup", "/web");
	assert_string_equal(p.options.whom.cgroup, "/web");
	PARSE(&p, "--container", "abcdef");
	assert_string_equal(p.options.whom.container, "abcdef");
	assert_true(p.options.tracer.running);
}

static void test_options_of_the_others(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "report", "-f", "csv", "a.rec", "--summary", "--output=a.csv");
	assert_taken(&p);
	assert_int_equal(p.options.format, RENDER_CSV);
	assert_true(p.options.summary_only);
	assert_string_equal(p.options.output, "a.csv");
	PARSE(&p, "doctor", "--verbose", "--attach=kprobe");
	assert_taken(&p);
	assert_true(p.options.verbose);
	assert_int_equal(p.options.tracer.mode, ATTACH_KPROBE);
	PARSE(&p, "doctor", "--json");
	assert_taken(&p);
	assert_int_equal(p.options.format, RENDER_JSON);
	PARSE(&p, "verify", "--list", "--servers", "dir", "--json", "--verbose", "-oa");
	assert_taken(&p);
	assert_true(p.options.list);
	assert_string_equal(p.options.servers, "dir");
	assert_int_equal(p.options.format, RENDER_JSON);
	assert_true(p.options.verbose);
	assert_string_equal(p.options.output, "a");
	PARSE(&p, "compare", "--all", "a", "b");
	assert_taken(&p);
	assert_true(p.options.all);
}

/* ---- words ---- */

struct word_case {
	const char *word;
	int value;
};

/* Of an option without a letter too: as --name=WORD, before what the command needs besides. */
static void take_word(struct parsed *p, const char *command, const char *option, const char *word)
{
	char argument[128];

	snprintf(argument, sizeof(argument), "--%s=%s", option, word);
	if (!command)
		PARSE(p, argument, "true");
	else if (!strcmp(command, "doctor"))
		PARSE(p, command, argument);
	else if (!strcmp(command, "compare"))
		PARSE(p, command, argument, "a", "b");
	else
		PARSE(p, command, argument, "a");
}

static void test_formats(void **state)
{
	/* Those of a report, of verify and of compare. */
	static const struct {
		const char *word;
		enum render_format value;
		bool of[4];
	} cases[] = {
		{"table", RENDER_TABLE, {1, 1, 1, 1}},       {"json", RENDER_JSON, {1, 1, 1, 1}},
		{"csv", RENDER_CSV, {1, 1, 0, 0}},           {"html", RENDER_HTML, {1, 1, 0, 0}},
		{"junit", RENDER_JUNIT, {1, 1, 1, 0}},       {"tap", RENDER_TAP, {1, 1, 1, 0}},
		{"markdown", RENDER_MARKDOWN, {1, 1, 1, 1}},
	};
	static const char *const commands[] = {NULL, "report", "verify", "compare"};
	static const char *const known[] = {
		"table, json, csv, html, perfetto, folded, junit, tap, markdown",
		"table, json, csv, html, perfetto, folded, junit, tap, markdown",
		"table, json, junit, tap, markdown", "table, json, markdown"};
	struct parsed p;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < 4; j++) {
			take_word(&p, commands[j], "format", cases[i].word);
			snprintf(text, sizeof(text), "--format wants one of %s, not '%s'", known[j],
				 cases[i].word);
			if (!cases[i].of[j]) {
				assert_refused(&p, text);
				continue;
			}
			assert_taken(&p);
			assert_int_equal(p.options.format, cases[i].value);
		}
	}
	PARSE(&p, "verify", "--list", "-ftap");
	assert_refused(&p, "--list is a table or json: it tries nothing");
}

static void test_attach_modes(void **state)
{
	static const struct word_case cases[] = {
		{"auto", ATTACH_AUTO}, {"fentry", ATTACH_FENTRY}, {"kprobe", ATTACH_KPROBE}};
	static const char *const commands[] = {NULL, "doctor", "verify"};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			take_word(&p, commands[j], "attach", cases[i].word);
			assert_taken(&p);
			assert_int_equal(p.options.tracer.mode, cases[i].value);
		}
	}
	PARSE(&p, "doctor", "--attach", "");
	assert_refused(&p, "--attach wants one of auto, fentry, kprobe, not ''");
}

static void test_expectations(void **state)
{
	static const struct {
		const char *word;
		enum disease disease;
		enum verdict wanted;
	} cases[] = {
		{"herd", DISEASE_HERD, VERDICT_PROVED},
		{"no-herd", DISEASE_HERD, VERDICT_REFUTED},
		{"skew", DISEASE_SKEW, VERDICT_PROVED},
		{"no-skew", DISEASE_SKEW, VERDICT_REFUTED},
		{"stranding", DISEASE_STRANDING, VERDICT_PROVED},
		{"no-stranding", DISEASE_STRANDING, VERDICT_REFUTED},
	};
	static const char *const commands[] = {NULL, "report"};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (size_t j = 0; j < 2; j++) {
			take_word(&p, commands[j], "expect", cases[i].word);
			assert_taken(&p);
			assert_int_equal(p.options.expects.cnt, 1);
			assert_true(expectations__has(&p.options.expects, cases[i].disease,
						      cases[i].wanted));
			assert_string_equal(p.options.expects.at[0].text, cases[i].word);
		}
	}
	PARSE(&p, "--expect", "herds", "true");
	assert_refused(&p, "--expect wants one of herd, no-herd, skew, no-skew, stranding, "
			   "no-stranding, or a number as in 'wakes/connection<=1.05', not 'herds'");
}

static void test_several_expectations(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--expect=no-herd", "--expect", "skew", "--expect=no-herd", "--expect=wakes<3",
	      "--expect=wakes < 3", "--expect=wakes>1", "true");
	assert_taken(&p);
	assert_int_equal(p.options.expects.cnt, 4);
	assert_string_equal(p.options.expects.at[3].text, "wakes>1");
	PARSE(&p, "--expect=no-herd", "--expect=herd", "true");
	assert_refused(&p, "--expect=herd and --expect=no-herd exclude each other");
	PARSE(&p, "report", "--expect=stranding", "--expect=no-stranding", "a");
	assert_refused(&p, "--expect=stranding and --expect=no-stranding exclude each other");
}

static void test_colors(void **state)
{
	static const struct word_case cases[] = {
		{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}};
	static const char *const commands[] = {NULL, "report", "verify", "compare"};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 4; j++) {
			take_word(&p, commands[j], "color", cases[i].word);
			assert_taken(&p);
			assert_int_equal(p.options.color, cases[i].value);
		}
	}
	PARSE(&p, "--color=often", "true");
	assert_refused(&p, "--color wants one of auto, always, never, not 'often'");
}

/* The same as -f json, and the last of both counts. */
static void test_json(void **state)
{
	static const char *const commands[] = {"report", "verify", "compare"};
	struct parsed p;

	(void)state;
	PARSE(&p, "--json", "true");
	assert_taken(&p);
	assert_int_equal(p.options.format, RENDER_JSON);
	for (size_t i = 0; i < 3; i++) {
		PARSE(&p, commands[i], "--json", "a", "b");
		assert_int_equal(p.options.format, RENDER_JSON);
	}
	PARSE(&p, "report", "--json", "-fcsv", "a");
	assert_int_equal(p.options.format, RENDER_CSV);
}

static void test_rows(void **state)
{
	static const char *const texts[] = {"", "-1", "10001", "many", "5x", "ALL"};
	struct parsed p;
	char why[128];

	(void)state;
	PARSE(&p, "--rows=all", "true");
	assert_taken(&p);
	assert_true(p.options.rows.given && p.options.rows.most == SIZE_MAX);
	PARSE(&p, "report", "--rows", "none", "a");
	assert_taken(&p);
	assert_true(p.options.rows.given && p.options.rows.most == 0);
	PARSE(&p, "--rows=10000", "true");
	assert_taken(&p);
	assert_true(p.options.rows.given && p.options.rows.most == 10000);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		PARSE(&p, "--rows", texts[i], "true");
		snprintf(why, sizeof(why),
			 "--rows wants all, none or a number from 0 to 10000, not '%s'", texts[i]);
		assert_refused(&p, why);
	}
}

static void test_quiet(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-q", "true");
	assert_taken(&p);
	assert_true(p.options.quiet);
	PARSE(&p, "doctor", "--quiet");
	assert_taken(&p);
	assert_true(p.options.quiet);
}

/* ---- numbers ---- */

struct limits {
	const char *option;
	long least, most;
};

static const struct limits limits[] = {
	{"connections", 1, 10000000}, {"gap", 0, 3600000}, {"concurrency", 1, 10000},
	{"buffer", 4, 1048576},       {"pid", 1, INT_MAX}, {"port", 1, 65535},
};

static void take_number(struct parsed *p, const char *option, const char *text)
{
	char argument[256];

	snprintf(argument, sizeof(argument), "--%s=%s", option, text);
	if (!strcmp(option, "pid") || !strcmp(option, "port"))
		PARSE(p, argument);
	else
		PARSE(p, "-n1", argument, "true");
}

static void assert_number_refused(const struct limits *l, const char *text)
{
	struct parsed p;
	char why[256];

	take_number(&p, l->option, text);
	snprintf(why, sizeof(why), "--%s wants a whole number from %ld to %ld, not '%s'", l->option,
		 l->least, l->most, text);
	assert_refused(&p, why);
}

static void test_limits(void **state)
{
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%ld", limits[i].least);
		take_number(&p, limits[i].option, text);
		assert_taken(&p);
		snprintf(text, sizeof(text), "%ld", limits[i].most);
		take_number(&p, limits[i].option, text);
		assert_taken(&p);
		snprintf(text, sizeof(text), "%ld", limits[i].least - 1);
		assert_number_refused(&limits[i], text);
		snprintf(text, sizeof(text), "%ld", limits[i].most + 1);
		assert_number_refused(&limits[i], text);
	}
}

static void test_no_numbers(void **state)
{
	static const char *const texts[] = {"",     "many", "5x", "5 ",
					    "0x10", "1.5",  "--", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
			assert_number_refused(&limits[i], texts[j]);
}

/* Whatever option takes a number is in the list above. */
static void test_no_limits_forgotten(void **state)
{
	size_t cnt = 0;

	(void)state;
	for (size_t i = 0; i < option_cnt; i++)
		cnt += option_table[i].kind == ARGUMENT_NUMBER ||
		       option_table[i].kind == ARGUMENT_PIDS;
	assert_int_equal(cnt, sizeof(limits) / sizeof(limits[0]));
}

static void check_seconds(const char *name, size_t member)
{
	static const char *const wrong[] = {"0",    "-1", "nan", "inf", "1.1e9",
					    "1e99", "x",  "",    "5s"};
	const double *seconds;
	char word[64], why[128];
	struct parsed p;

	seconds = (const double *)((const char *)&p.options + member);
	snprintf(word, sizeof(word), "--%s", name);
	PARSE(&p, word, "0.25", "true");
	assert_taken(&p);
	assert_true(*seconds == 0.25);
	PARSE(&p, word, "1e9", "true");
	assert_taken(&p);
	assert_true(*seconds == 1e9);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		PARSE(&p, word, wrong[i], "true");
		snprintf(why, sizeof(why), "--%s wants a number of seconds above 0, not '%s'", name,
			 wrong[i]);
		assert_refused(&p, why);
	}
}

static void test_seconds(void **state)
{
	(void)state;
	check_seconds("duration", offsetof(struct options, duration_sec));
	check_seconds("wait", offsetof(struct options, wait_sec));
}

/* A word that does not fit leaves the hint where it is. */
static void test_long_word(void **state)
{
	char word[2000];
	struct parsed p;

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	PARSE(&p, "-n", word, "true");
	assert_int_equal(p.error.fault, FAULT_INPUT);
	assert_non_null(strstr(p.error.text, HINT));
}

/* ---- where options end ---- */

static void test_options_end_at_the_command(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-n5", "--", "server", "-n", "7", "--", "--herd");
	assert_taken(&p);
	assert_int_equal(p.options.client.connections, 5);
	ASSERT_WORDS(p.options.command, "server", "-n", "7", "--", "--herd");
	PARSE(&p, "-n5", "server", "-n", "7", "--help");
	assert_taken(&p);
	assert_int_equal(p.options.client.connections, 5);
	ASSERT_WORDS(p.options.command, "server", "-n", "7", "--help");
	assert_null(p.options.arguments);
}

/* Only the very first word can be that of a command, and no other word is one. */
static void test_first_word(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--", "report", "a");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_TRACE);
	ASSERT_WORDS(p.options.command, "report", "a");
	PARSE(&p, "-fcsv", "report", "a");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_TRACE);
	ASSERT_WORDS(p.options.command, "report", "a");
	PARSE(&p, "reprot", "a");
	assert_taken(&p);
	assert_int_equal(p.options.action, ACTION_TRACE);
	ASSERT_WORDS(p.options.command, "reprot", "a");
	PARSE(&p, "repor", "a");
	assert_int_equal(p.options.action, ACTION_TRACE);
	PARSE(&p, "trace", "a");
	assert_int_equal(p.options.action, ACTION_TRACE);
	ASSERT_WORDS(p.options.command, "trace", "a");
}

/* ---- operands ---- */

static void test_operands(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "report", "a.rec");
	assert_taken(&p);
	ASSERT_WORDS(p.options.arguments, "a.rec");
	assert_null(p.options.command);
	PARSE(&p, "verify", "one", "--json", "two", "-o", "x", "three");
	assert_taken(&p);
	ASSERT_WORDS(p.options.arguments, "one", "two", "three");
	assert_string_equal(p.options.output, "x");
	PARSE(&p, "compare", "--all", "a", "--", "-b", "--json");
	assert_taken(&p);
	ASSERT_WORDS(p.options.arguments, "a", "-b", "--json");
	assert_int_equal(p.options.format, RENDER_TABLE);
	PARSE(&p, "verify");
	assert_taken(&p);
	assert_null(p.options.arguments);
	assert_string_equal(p.argv[1], "verify");
}

static void test_too_few_or_many_operands(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "report");
	assert_refused(&p, "which recording? give its FILE");
	PARSE(&p, "report", "a", "b");
	assert_refused(&p, "one recording at a time");
	PARSE(&p, "doctor", "a");
	assert_refused(&p, "doctor takes no argument");
	PARSE(&p, "compare");
	assert_refused(&p, "compare wants two files or more");
	PARSE(&p, "compare", "a", "--all");
	assert_refused(&p, "compare wants two files or more");
}

/* ---- what does not go together ---- */

#define NOTHING                                                                                 \
	"nothing to trace: give a COMMAND after --, or what runs already by -p PID, --port N, " \
	"--unit NAME, --cgroup PATH or --container ID"

static void test_nothing_to_trace(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-n5");
	assert_refused(&p, NOTHING);
	PARSE(&p, "--");
	assert_refused(&p, NOTHING);
}

static void test_what_excludes_each_other(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-p1", "--", "true");
	assert_refused(&p, "-p PID and a COMMAND exclude each other");
	PARSE(&p, "--unit=web", "--", "true");
	assert_refused(&p, "--unit NAME and a COMMAND exclude each other");
	PARSE(&p, "--port=80", "-p1");
	assert_refused(&p, "-p, --port, --unit, --cgroup and --container exclude each other");
	PARSE(&p, "-p1", "-u", "nobody");
	assert_refused(&p, "--user is for a COMMAND");
	PARSE(&p, "--gap=0", "true");
	assert_refused(&p, "--gap and --concurrency go with -n");
	PARSE(&p, "--concurrency=2", "true");
	assert_refused(&p, "--gap and --concurrency go with -n");
	PARSE(&p, "--concurrency=1", "true");
	assert_taken(&p);
}

/* The first thing that is wrong is what is told. */
static void test_first_error_counts(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-n", "x", "-d", "y", "--herd");
	assert_refused(&p, "--connections wants a whole number from 1 to 10000000, not 'x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_forms_of_a_number),
		cmocka_unit_test(test_the_last_one_counts),
		cmocka_unit_test(test_options_of_trace),
		cmocka_unit_test(test_pid),
		cmocka_unit_test(test_pids),
		cmocka_unit_test(test_whom),
		cmocka_unit_test(test_options_of_the_others),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_attach_modes),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_several_expectations),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_numbers),
		cmocka_unit_test(test_no_limits_forgotten),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_options_end_at_the_command),
		cmocka_unit_test(test_first_word),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_too_few_or_many_operands),
		cmocka_unit_test(test_nothing_to_trace),
		cmocka_unit_test(test_what_excludes_each_other),
		cmocka_unit_test(test_first_error_counts),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
