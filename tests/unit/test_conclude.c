// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What a finished report comes to: where it goes, and the exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/expectation.h"
#include "capture_fixture.h"
#include "commands/conclude.h"
#include "report_fixture.h"

static enum exit_status conclude(const struct report *report, const struct options *options,
				 const char *to, const char *says)
{
	struct outfile out = {.stream = fopen(to, "we"), .name = options->output, .hold = -1};
	enum exit_status status;
	struct capture err;

	assert_non_null(out.stream);
	capture__begin(&err, stderr);
	status = conclude__report(report, &out, options);
	capture__end(&err);
	assert_string_equal(err.text, says);
	return status;
}

/* Texts as --expect takes them. */
static enum exit_status expect_all(const struct report *report, const char *const *texts,
				   const char *says)
{
	struct options options = {.format = RENDER_CSV};
	struct error error = {0};
	struct expectation e;

	for (; *texts; texts++) {
		assert_int_equal(expectation__parse(&e, *texts, &error), 0);
		expectations__add(&options.expects, &e);
	}
	return conclude(report, &options, "/dev/null", says);
}

static enum exit_status expect(const struct report *report, const char *text, const char *says)
{
	return expect_all(report, (const char *const[]){text, NULL}, says);
}

/* ---- what --expect says ---- */

#define HERD      "herd is proved: 1 of 2, \"really\"\n"
#define NO_SKEW   "skew is refuted: even\n"
#define STRANDING "stranding is inconclusive: @home\n"
#define NOT(what) "herdtrace: --expect=" what " does not hold: "

/* The fixture's herd is proved, its skew refuted, its stranding inconclusive. */
static void test_expectations(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(expect_all(r, (const char *const[]){NULL}, ""), 0);
	assert_int_equal(expect(r, "herd", ""), 0);
	assert_int_equal(expect(r, "no-herd", NOT("no-herd") HERD), 1);
	assert_int_equal(expect(r, "skew", NOT("skew") NO_SKEW), 1);
	assert_int_equal(expect(r, "no-skew", ""), 0);
	assert_int_equal(expect(r, "stranding", NOT("stranding") STRANDING), 1);
	assert_int_equal(expect(r, "no-stranding", NOT("no-stranding") STRANDING), 1);
	r->verdicts.herd.value = VERDICT_REFUTED;
	r->verdicts.skew.value = VERDICT_PROVED;
	r->verdicts.stranding.value = VERDICT_PROVED;
	assert_int_equal(expect(r, "herd", NOT("herd") "herd is refuted: 1 of 2, \"really\"\n"), 1);
	assert_int_equal(expect(r, "no-herd", ""), 0);
	assert_int_equal(expect(r, "skew", ""), 0);
	assert_int_equal(expect(r, "no-skew", NOT("no-skew") "skew is proved: even\n"), 1);
	assert_int_equal(expect(r, "stranding", ""), 0);
	assert_int_equal(
		expect(r, "no-stranding", NOT("no-stranding") "stranding is proved: @home\n"), 1);
	r->verdicts.stranding.value = VERDICT_REFUTED;
	assert_int_equal(expect(r, "no-stranding", ""), 0);
	report__free(r);
}

/* A line for each that does not hold; one is enough. */
static void test_several_expectations(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(expect_all(r, (const char *const[]){"herd", "no-skew", NULL}, ""), 0);
	assert_int_equal(
		expect_all(r, (const char *const[]){"herd", "skew", NULL}, NOT("skew") NO_SKEW), 1);
	assert_int_equal(
		expect_all(r, (const char *const[]){"no-herd", "wakes=4", "skew", NULL},
			   NOT("no-herd") HERD NOT(
				   "wakes=4") "expected wakes = 4, got 3 wakes\n" NOT("skew")
				   NO_SKEW),
		1);
	report__free(r);
}

/* What holds needs no line; what a run cannot show says why, and is not as expected either. */
static void test_numbers(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(expect(r, "wakes=3", ""), 0);
	assert_int_equal(expect(r, "wakes/connection<=1.05",
				NOT("wakes/connection<=1.05") "expected wakes/connection <= 1.05, "
							      "got 1.5 wakes per connection\n"),
			 1);
	assert_int_equal(expect(r, "wakes/connection<2",
				"herdtrace: --expect=wakes/connection<2 is INCONCLUSIVE: expected "
				"wakes/connection < 2, got 1.5 wakes per connection; but that is a "
				"sample of 2, and to rely on it takes 20\n"),
			 1);
	assert_int_equal(expect(r, "wasted/s<100",
				"herdtrace: --expect=wasted/s<100 is INCONCLUSIVE: wasted/s is not "
				"known: a rate needs the time between two connections\n"),
			 1);
	report__free(r);
}

/* Whatever the verdicts are: nothing holds, and nothing fails to. */
static void check_undecided(const struct report *r, const char *reason)
{
	static const char *const words[] = {"herd",      "no-herd",      "skew",    "no-skew",
					    "stranding", "no-stranding", "wakes=3", "wasted/s<100"};
	char says[256];

	snprintf(says, sizeof(says), "herdtrace: the result is incomplete: %s\n", reason);
	assert_int_equal(expect_all(r, (const char *const[]){NULL}, says), 4);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(says, sizeof(says),
			 "herdtrace: --expect=%s is not decided: the result is incomplete: %s\n",
			 words[i], reason);
		assert_int_equal(expect(r, words[i], says), 4);
	}
}

static void test_incomplete(void **state)
{
	struct report *r = new_report();

	(void)state;
	r->loss.incomplete = true;
	free(r->loss.reason);
	r->loss.reason = strdup("the ring was full");
	check_undecided(r, "the ring was full");
	report__free(r);
}

static void test_short(void **state)
{
	struct report *r = new_report();

	(void)state;
	free(r->shortfall);
	r->shortfall = strdup("the server ended after 2 of 20 connections");
	check_undecided(r, "the server ended after 2 of 20 connections");
	report__free(r);
}

/* ---- where it goes ---- */

static void test_cannot_be_written(void **state)
{
	struct report *r = new_report();
	struct options to_file = {.output = "/dev/full"}, to_stdout = {0};

	(void)state;
	assert_int_equal(conclude(r, &to_file, "/dev/full",
				  "herdtrace: cannot write /dev/full: No space left on device\n"),
			 4);
	assert_int_equal(conclude(r, &to_stdout, "/dev/full",
				  "herdtrace: cannot write the report: No space left on device\n"),
			 4);
	report__free(r);
}

static void test_is_written(void **state)
{
	static const char *const begins[] = {
		[RENDER_TABLE] = "kernel ",        [RENDER_JSON] = "{",      [RENDER_CSV] = "id,",
		[RENDER_HTML] = "<!DOCTYPE html>", [RENDER_PERFETTO] = "\n",
	};
	struct report *r = new_report();

	(void)state;
	/* Folded stacks want some. */
	for (int format = RENDER_TABLE; format <= RENDER_PERFETTO; format++) {
		struct options options = {.format = format};
		char *text = NULL;
		size_t size;
		struct outfile out = {.stream = open_memstream(&text, &size), .hold = -1};

		assert_non_null(out.stream);
		assert_int_equal(conclude__report(r, &out, &options), 0);
		assert_memory_equal(text, begins[format], strlen(begins[format]));
		free(text);
	}
	report__free(r);
}

/* Only rows of the summary, none for a connection. */
static void test_summary_only(void **state)
{
	struct options options = {.format = RENDER_CSV, .summary_only = true};
	struct report *r = new_report();
	char *text = NULL;
	size_t size;
	struct outfile out = {.stream = open_memstream(&text, &size), .hold = -1};

	(void)state;
	assert_non_null(out.stream);
	assert_int_equal(conclude__report(r, &out, &options), 0);
	assert_memory_equal(text, "key,value", strlen("key,value"));
	free(text);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expectations), cmocka_unit_test(test_several_expectations),
		cmocka_unit_test(test_numbers),      cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_short),        cmocka_unit_test(test_cannot_be_written),
		cmocka_unit_test(test_is_written),   cmocka_unit_test(test_summary_only),
	};

	return cmocka_run_group_tests_name("conclude", tests, NULL, NULL);
}
