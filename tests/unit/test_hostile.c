// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Names, paths, stacks and notes are whatever a task calls itself: through every format of every document. The formats are
 * those of the tables: a new one is tried here, too, and wants a check of its own.
 */
#include <ctype.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/expectation.h"
#include "cli/option_table.h"
#include "commands/documents.h"
#include "explain/explain.h"
#include "report_fixture.h"
#include "verify/catalogue.h"

/* Most fit into the name of a task, which has 15 bytes. */
static const char *const hostile[] = {
	"=1+2",
	"=cmd|'/C x'!A0",
	"+1;=2",
	"-1",
	"@SUM(1)",
	"\t=1",
	"\r=1",
	"\xef\xbc\x9d"
	"1", /* a full-width equals sign: some spreadsheets take it for one */
	"x;=1",
	"x; =1",
	"\033]0;x\007",
	"\033[31mred",
	"\xc2\x9b"
	"31mred",
	"\xff\xfe\x80",
	"\xe2\x80\xae"
	"evil", /* right to left */
	"a\nnot ok 1 - x",
	"\n| a | b |",
	"</script><b>",
	"<!--\"'&lt;]]>",
	"\"},{\"a\":\"",
	"x # SKIP y",
	"\\x1b # TODO",
	"`|`",
	"a|b|c",
	"\\|\\`\\",
	" `x` ",
	"**b** _i_",
	"[x](y) ![z](t)",
	"@root #1 GH-1",
	"http://a.b/",
	"www.a.b $x$",
	"%s%n%999d",
	"a;b 7",
};

#define HOSTILE_CNT (sizeof(hostile) / sizeof(hostile[0]))

/* ---- what no format may have ---- */

/* No byte that a terminal obeys, or that makes a line look like another one. */
static void assert_harmless(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = text[i], next = i + 1 < len ? text[i + 1] : 0;

		assert_false((byte < 0x20 && byte != '\n') || byte == 0x7f);
		assert_false(byte == 0xc2 && next >= 0x80 && next < 0xa0);
	}
	assert_null(memmem(text, len, "\xe2\x80\xae", 3));
	assert_null(memmem(text, len, "\xff", 1));
}

/* ---- CSV ---- */

/* A spreadsheet takes a cell for a formula that begins with one of these. */
static void assert_no_formula(const char *cell)
{
	assert_false(*cell && strchr("=+-@\t\r", *cell));
	assert_false(!strncmp(cell, "\xef\xbc\x9d", 3));
}

/* Where cells are parted by semicolons, quotes do not help: a cell may begin behind each. */
static void check_csv(const char *text, size_t len)
{
	bool quoted = false;

	assert_harmless(text, len);
	assert_no_formula(text);
	for (const char *at = text; *at; at++) {
		quoted ^= *at == '"';
		if (*at == ',' && !quoted)
			assert_no_formula(at[1] == '"' ? at + 2 : at + 1);
		if (*at == ';')
			assert_no_formula(at + 1 + strspn(at + 1, " "));
		if (*at == '\n') {
			assert_false(quoted);
			assert_no_formula(at[1] == '"' ? at + 2 : at + 1);
		}
	}
}

/* ---- JSON, and what has some ---- */

static void check_json(const char *text, size_t len)
{
	json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	assert_harmless(text, len);
	assert_non_null(document);
	json_decref(document);
}

/* The data of a page are JSON without a byte that HTML knows. */
static void check_html(const char *text, size_t len)
{
	static const char before[] = "<script type=\"application/json\" id=\"run\">";
	const char *data = strstr(text, before), *end = data ? strstr(data, "</script>") : NULL;

	(void)len;
	assert_non_null(end);
	data += strlen(before);
	check_json(data, (size_t)(end - data));
	for (const char *at = data; at < end; at++)
		assert_false(strchr("<>&", *at));
}

/* ---- what is for people ---- */

static void check_table(const char *text, size_t len)
{
	assert_harmless(text, len);
}

/* What comes behind the last blank of a line is the count, and a semicolon parts frames. */
static void check_folded(const char *text, size_t len)
{
	size_t lines = 0, counts = 0;

	assert_harmless(text, len);
	for (const char *at = text; *at; at++) {
		lines += *at == '\n';
		counts += *at == '\n' && at > text && isdigit((unsigned char)at[-1]);
	}
	assert_int_equal(lines, counts);
}

/* A trace is no text. None of its texts may have bytes that make a mess of a picture. */
static void check_perfetto(const char *text, size_t len)
{
	for (size_t i = 0; i < HOSTILE_CNT; i++)
		if (strpbrk(hostile[i], "\033\n\r\t\xff"))
			assert_null(memmem(text, len, hostile[i], strlen(hostile[i])));
}

/* ---- JUnit ---- */

/* Behind each "<" is what we know, behind each "&" one of the five that XML knows. */
static void check_junit(const char *text, size_t len)
{
	static const char *const elements[] = {"?xml ",       "testsuites ", "testsuite ",
					       "properties>", "property ",   "testcase ",
					       "failure ",    "error ",      "skipped ",
					       "system-out>", NULL};
	static const char *const entities[] = {"amp;", "lt;", "gt;", "quot;", "apos;", NULL};

	assert_harmless(text, len);
	for (const char *at = text; (at = strpbrk(at, "<&")); at++) {
		const char *const *known = *at == '<' ? elements : entities;
		const char *from = at + 1 + (*at == '<' && at[1] == '/');
		bool is_known = false;

		for (; *known; known++)
			is_known |= !strncmp(from, *known, strlen(*known) - (from > at + 1));
		assert_true(is_known);
	}
}

/* ---- TAP ---- */

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* As many lines of results as the plan says, no other directive but ours. */
static void check_tap(const char *text, size_t len)
{
	size_t planned = 0, seen = 0;

	assert_harmless(text, len);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n');
		bool is_skip = false;

		if (begins(line, "1.."))
			planned = (size_t)atol(line + 3);
		if (!begins(line, "ok ") && !begins(line, "not ok ")) {
			assert_true(begins(line, "  ") || begins(line, "#") ||
				    begins(line, "1..") || begins(line, "TAP version 13\n"));
			continue;
		}
		seen++;
		for (const char *at = line; (at = memchr(at, '#', (size_t)(end - at))); at++) {
			assert_true(at[-1] == '\\' || (!is_skip && begins(at - 1, " # SKIP ")));
			is_skip |= at[-1] != '\\';
		}
	}
	assert_int_equal(seen, planned);
}

/* ---- Markdown ---- */

static size_t cells_of(const char *line, const char *end)
{
	size_t cnt = 0;

	for (const char *at = line; at < end; at++) {
		cnt += *at == '|';
		at += *at == '\\';
	}
	return cnt;
}

/* No HTML but ours, and all rows of a table as wide as its head; tests/formats has a real reader of it. */
static void check_markdown(const char *text, size_t len)
{
	static const char *const ours[] = {"<!-- -->", "<code>", "</code>", NULL};
	size_t width = 0;

	assert_harmless(text, len);
	for (const char *at = text; *at; at++) {
		bool is_ours = false;

		/* Between backquotes there is neither HTML nor an escape. */
		at += *at == '`' ? strcspn(at + 1, "`\n") + 1 : *at == '\\';
		for (const char *const *known = ours; *known; known++)
			is_ours |= begins(at, *known);
		assert_true(*at != '<' || is_ours);
	}
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n');

		if (*line != '|') {
			width = 0;
			continue;
		}
		if (width)
			assert_int_equal(cells_of(line, end), width);
		width = cells_of(line, end);
	}
}

/* One for each format that there is. */
static void (*const checks[RENDER_FORMAT_CNT])(const char *text, size_t len) = {
	[RENDER_TABLE] = check_table,       [RENDER_JSON] = check_json,
	[RENDER_CSV] = check_csv,           [RENDER_HTML] = check_html,
	[RENDER_PERFETTO] = check_perfetto, [RENDER_FOLDED] = check_folded,
	[RENDER_JUNIT] = check_junit,       [RENDER_TAP] = check_tap,
	[RENDER_MARKDOWN] = check_markdown,
};

static void check(enum render_format format, char *text, size_t len)
{
	assert_in_range(format, 0, RENDER_FORMAT_CNT - 1);
	assert_non_null(checks[format]);
	assert_true(len);
	checks[format](text, len);
	free(text);
}

/* ---- reports ---- */

static void replace(char **text, const char *with)
{
	free(*text);
	*text = strdup(with);
	assert_non_null(*text);
}

static void spoil_tasks(struct report *r, const char *with)
{
	for (size_t i = 0; i < r->totals.worker_cnt; i++)
		snprintf(r->totals.workers[i].comm, sizeof(r->totals.workers[i].comm), "%s", with);
	for (size_t i = 0; i < r->totals.listener_cnt; i++)
		replace(&r->totals.listeners[i].address, with);
	for (size_t i = 0; i < r->connection_cnt; i++)
		snprintf(r->connections[i].peer, sizeof(r->connections[i].peer), "%s", with);
	r->totals.workers[0].place = totals__place(&r->totals, with, with);
	assert_true(r->totals.workers[0].place);
}

/* Every text that a report has. */
static struct report *new_hostile_report(const char *with)
{
	struct report *r = new_migrated_report();
	char **const texts[] = {
		&r->kernel_release,
		&r->kernel_arch,
		&r->attach_mode,
		&r->command[0],
		&r->command[1],
		&r->notes[0],
		&r->server_exit,
		&r->hooks[0].function,
		&r->hooks[0].how,
		&r->verdicts.herd.reason,
		&r->verdicts.skew.reason,
		&r->verdicts.stranding.reason,
		&r->verdicts.advice,
		&r->loss.reason,
		&r->shortfall,
		&r->version,
		&r->host,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		replace(texts[i], with);
	spoil_tasks(r, with);
	r->stacks = array(1, sizeof(*r->stacks));
	r->stack_cnt = 1;
	r->stacks[0].names = strdup(with);
	r->wall_begun_ns = r->wall_ended_ns = 1;
	return r;
}

static void check_rendered(const struct report *r, const struct render_options *options)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(render__report(out, r, options), 0);
	assert_int_equal(fclose(out), 0);
	check(options->format, text, len);
}

static void check_report(const struct report *r, const struct expectation_results *results)
{
	for (int format = 0; format < RENDER_FORMAT_CNT; format++) {
		struct render_options options = {
			.format = format, .verbose = true, .terminal.width = 80};

		options.results = results;
		check_rendered(r, &options);
		options.summary_only = !render_format__wants_rows(format);
		check_rendered(r, &options);
	}
}

/* With and without expectations, complete and not. */
static void test_reports(void **state)
{
	static struct expectation_results results;

	(void)state;
	for (size_t i = 0; i < HOSTILE_CNT; i++) {
		struct report *r = new_hostile_report(hostile[i]);
		struct expectations expected = {
			.at = {{.text = hostile[i], .wanted = VERDICT_PROVED},
			       {.text = hostile[i],
				.disease = DISEASE_SKEW,
				.wanted = VERDICT_PROVED},
			       {.text = hostile[i], .quantity = &quantities[0]}},
			.cnt = 3};

		for (int incomplete = 0; incomplete < 2; incomplete++) {
			r->loss.incomplete = incomplete;
			check_report(r, NULL);
			assert_int_equal(expectations__judge(&expected, r, &results), 0);
			check_report(r, &results);
		}
		report__free(r);
	}
}

static void test_drawings(void **state)
{
	const struct terminal terminal = {.width = 80};

	(void)state;
	for (size_t i = 0; i < HOSTILE_CNT; i++) {
		struct report *r = new_hostile_report(hostile[i]);
		struct explain_choice choice;
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(explain__choose(r, 1, &choice), 0);
		assert_int_equal(explain__write(out, r, &choice, &terminal), 0);
		fclose(out);
		assert_true(len);
		assert_harmless(text, len);
		free(text);
		report__free(r);
	}
}

/* ---- verify, compare ---- */

/* The formats that a command has. */
static const struct argument_word *formats_of(enum action action)
{
	for (size_t i = 0; i < option_cnt; i++)
		if (!strcmp(option_table[i].name, "format") &&
		    (option_table[i].actions & ACTION_BIT(action)))
			return option_table[i].words;
	fail();
	return NULL;
}

static void write_verify(const char *with, enum render_format format)
{
	struct verify_claim claims[3] = {0};
	struct verify_report r = {.kernel_release = (char *)with,
				  .kernel_arch = (char *)with,
				  .kernel_build = (char *)with,
				  .attach_mode = "fentry",
				  .claims = claims,
				  .claim_cnt = 3};
	const struct terminal terminal = {.width = 80};
	char *text = NULL, *command[] = {(char *)with, NULL};
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (int i = 0; i < 3; i++) {
		struct verify_run *run = &claims[i].runs[0];

		claims[i] = (struct verify_claim){
			.claim = &catalogue[i], .expected = "1", .outcome = i, .run_cnt = 1};
		run->command = command;
		snprintf(run->finding.detail, DETAIL_SIZE, "%s", with);
		snprintf(run->finding.reason, DETAIL_SIZE, "%s", with);
		snprintf(run->finding.measured, MEASURED_SIZE, "%s", i == 1 ? with : "");
		snprintf(claims[i].measured, sizeof(claims[i].measured), "%s", i == 1 ? "2" : "");
	}
	r.interrupted = true;
	assert_int_equal(documents__write_verify(out, &r, format, &terminal), 0);
	fclose(out);
	check(format, text, len);
}

static void test_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < HOSTILE_CNT; i++)
		for (const struct argument_word *w = formats_of(ACTION_VERIFY); w->word; w++)
			write_verify(hostile[i], w->value);
}

/* Strings of documents are UTF-8: what is none cannot be in them. */
static json_t *new_document(const char *with)
{
	return json_pack("{s:s, s:{s:s}, s:{s:s}, s:[s], s:{s:i, s:i}, s:{s:s}}", "schema",
			 "herdtrace/1", "kernel", "release", with, "attach", "mode", with,
			 "command", with, "summary", "connections", 20, "wakes", 80, "verdict",
			 "herd", with);
}

static void write_comparison(const char *with, enum render_format format)
{
	json_t *documents[] = {new_document(with), new_document("x")};
	const char *const names[] = {with, "b.json"};
	const struct terminal terminal = {.width = 80};
	struct comparison *c = comparison__make(COMPARE_RUNS, documents, names, 2);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(c);
	assert_int_equal(documents__write_comparison(out, c, true, format, &terminal), 0);
	fclose(out);
	check(format, text, len);
	comparison__free(c);
	json_decref(documents[0]);
	json_decref(documents[1]);
}

static void test_compare(void **state)
{
	(void)state;
	for (size_t i = 0; i < HOSTILE_CNT; i++) {
		json_t *document = new_document(hostile[i]);

		json_decref(document);
		if (!document)
			continue;
		for (const struct argument_word *w = formats_of(ACTION_COMPARE); w->word; w++)
			write_comparison(hostile[i], w->value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_drawings),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
