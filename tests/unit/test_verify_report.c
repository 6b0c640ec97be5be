// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What verify prints: table, JSON, the list. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "commands/documents.h"
#include "verify/catalogue.h"
#include "verify/report.h"

static void add_run(struct verify_claim *c, const char *measured, const char *detail,
		    const char *reason)
{
	struct verify_run *run = &c->runs[c->run_cnt++];

	run->command = calloc(3, sizeof(*run->command));
	run->command[0] = strdup("servers/x");
	run->command[1] = strdup("-q");
	run->attempts = 1;
	run->begun_ns = 1000;
	run->ended_ns = 2000;
	run->summary.connections = 20;
	run->summary.wakes = 80;
	run->summary.wakes_by_cause.of[CAUSE_POLL] = 80;
	run->workers = calloc(1, sizeof(*run->workers));
	run->workers[0] = (struct verify_worker){.tid = 71, .wakes = 80, .lock = 2};
	run->worker_cnt = 1;
	strcpy(run->finding.measured, measured);
	strcpy(run->finding.detail, detail);
	strcpy(run->finding.reason, reason);
}

static struct verify_claim *add_claim(struct verify_report *r, const char *id)
{
	struct verify_claim *c = &r->claims[r->claim_cnt++];

	c->claim = catalogue__find(id);
	assert_non_null(c->claim);
	c->feature_present = true;
	c->expected = c->claim->expected;
	return c;
}

/* One that holds, one of which only one server behaves, one that lost data. */
static struct verify_report *make_report(void)
{
	struct verify_report *r = calloc(1, sizeof(*r));
	struct verify_claim *c;

	assert_non_null(r);
	r->kernel_release = strdup("6.1.0\033");
	r->kernel_build = strdup("#1 SMP 6.1.192-1");
	r->kernel_arch = strdup("x86_64");
	r->attach_mode = "fentry";
	r->claims = calloc(3, sizeof(*r->claims));
	c = add_claim(r, "select");
	add_run(c, "n", "20 connections", "");
	add_run(c, "n", "20 connections", "");
	verify_claim__conclude(c);
	c = add_claim(r, "uring-oneshot");
	add_run(c, "1", "20 connections", "");
	add_run(c, "1 to 2", "20 connections", "");
	verify_claim__conclude(c);
	c = add_claim(r, "watcher");
	add_run(c, "", "", "hooks were \033 skipped");
	verify_claim__conclude(c);
	return r;
}

static const char wanted_table[] =
	"kernel 6.1.0\\x1b x86_64, attach mode fentry; n is the number of workers\n\n"
	"claim          expected  measured    result\n"
	"select         n         n           HOLDS\n"
	"uring-oneshot  1         1 / 1 to 2  BROKEN\n"
	"watcher        n         -           INCONCLUSIVE\n"
	"\nuring-oneshot: BROKEN\n";

static void test_table(void **state)
{
	struct verify_report *r = make_report();
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(verify_table__write(f, r, &(struct terminal){0}), 0);
	fclose(f);
	assert_memory_equal(text, wanted_table, strlen(wanted_table));
	assert_non_null(strstr(text, "uring-server --threads: 1 to 2 (20 connections)\n"));
	assert_non_null(strstr(text, "nothing measured: hooks were \\x1b skipped\n"));
	assert_non_null(strstr(text, "3 claims: 1 hold, 1 broken, 1 inconclusive\n"));
	assert_null(strstr(text, "interrupted"));
	assert_null(strchr(text, '\033'));
	free(text);
	verify_report__free(r);
}

static json_t *print_json(const struct verify_report *r)
{
	json_t *document;
	json_error_t error;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(r ? verify_json__write(f, r) : verify_json__list(f), 0);
	fclose(f);
	document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(document);
	free(text);
	return document;
}

static void test_json(void **state)
{
	struct verify_report *r = make_report();
	json_t *document = print_json(r), *claims, *first, *second, *third;
	int holds, broken, inconclusive, present;
	const char *measured, *reason;

	(void)state;
	assert_int_equal(json_unpack(document, "{s:{s:i,s:i,s:i},s:o}", "summary", "holds", &holds,
				     "broken", &broken, "inconclusive", &inconclusive, "claims",
				     &claims),
			 0);
	assert_int_equal(holds, 1);
	assert_int_equal(broken, 1);
	assert_int_equal(inconclusive, 1);
	first = json_array_get(claims, 0);
	second = json_array_get(claims, 1);
	third = json_array_get(claims, 2);
	assert_true(json_is_null(json_object_get(first, "feature")));
	assert_int_equal(json_unpack(second, "{s:s,s:{s:b}}", "measured", &measured, "feature",
				     "present", &present),
			 0);
	assert_string_equal(measured, "1 / 1 to 2");
	assert_true(present);
	assert_true(json_is_null(json_object_get(third, "measured")));
	assert_int_equal(json_unpack(third, "{s:s}", "reason", &reason), 0);
	assert_string_equal(reason, "hooks were \\x1b skipped");
	json_decref(document);
	verify_report__free(r);
}

static void test_json_of_a_run(void **state)
{
	struct verify_report *r = make_report();
	json_t *document = print_json(r), *run;
	int begin, end, connections, poll, tid, wakes, lock;
	const char *command;

	(void)state;
	run = json_array_get(
		json_object_get(json_array_get(json_object_get(document, "claims"), 0), "runs"), 0);
	assert_int_equal(json_unpack(run, "{s:i,s:i,s:[s,*],s:{s:i,s:{s:i}},s:[{s:i,s:i,s:i}]}",
				     "begin_ns", &begin, "end_ns", &end, "command", &command,
				     "summary", "connections", &connections, "wakes_by_cause",
				     "poll", &poll, "workers", "tid", &tid, "wakes", &wakes, "lock",
				     &lock),
			 0);
	assert_int_equal(begin, 1000);
	assert_int_equal(end, 2000);
	assert_int_equal(connections, 20);
	assert_int_equal(poll, 80);
	assert_int_equal(tid, 71);
	assert_int_equal(wakes, 80);
	assert_int_equal(lock, 2);
	assert_string_equal(command, "servers/x");
	json_decref(document);
	verify_report__free(r);
}

static void test_list(void **state)
{
	json_t *document = print_json(NULL), *claims = json_object_get(document, "claims");
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(json_array_size(claims), catalogue_cnt);
	assert_int_equal(verify_table__list(f, &(struct terminal){0}), 0);
	fclose(f);
	for (size_t i = 0; i < catalogue_cnt; i++) {
		json_t *id = json_object_get(json_array_get(claims, i), "id");

		assert_string_equal(json_string_value(id), catalogue[i].id);
		assert_non_null(strstr(text, catalogue[i].text));
	}
	free(text);
	json_decref(document);
}

/* tests/formats has readers of these look at the same files. */
static void test_documents(void **state)
{
	static const struct {
		enum render_format format;
		const char *file;
	} cases[] = {
		{RENDER_JUNIT, "tests/unit/verify.junit"},
		{RENDER_TAP, "tests/unit/verify.tap"},
		{RENDER_MARKDOWN, "tests/unit/verify.markdown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verify_report *r = make_report();
		char *text = NULL, *wanted = NULL;
		size_t size, wanted_size = 0;
		FILE *f = open_memstream(&text, &size), *in = fopen(cases[i].file, "re");

		assert_int_equal(
			documents__write_verify(f, r, cases[i].format, &(struct terminal){0}), 0);
		fclose(f);
		assert_non_null(in);
		assert_true(getdelim(&wanted, &wanted_size, '\0', in) > 0);
		fclose(in);
		assert_string_equal(text, wanted);
		free(text);
		free(wanted);
		verify_report__free(r);
	}
}

/* It does not pass for a run of all claims. */
static void test_interrupted(void **state)
{
	static const struct {
		enum render_format format;
		const char *says;
	} cases[] = {
		{RENDER_JUNIT,
		 "<testcase classname=\"herdtrace.verify\" name=\"all claims were tried\" "
		 "time=\"0.000\">\n      <error "},
		{RENDER_TAP, "\nnot ok 4 - all claims were tried\n"},
		{RENDER_MARKDOWN, "\ninterrupted: the other claims were not tried\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verify_report *r = make_report();
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		r->interrupted = true;
		assert_int_equal(
			documents__write_verify(f, r, cases[i].format, &(struct terminal){0}), 0);
		fclose(f);
		assert_non_null(strstr(text, cases[i].says));
		free(text);
		verify_report__free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),         cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_of_a_run), cmocka_unit_test(test_list),
		cmocka_unit_test(test_documents),     cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
