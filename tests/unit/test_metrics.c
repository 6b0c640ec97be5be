// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Metrics: both formats byte by byte, hostile names, labels that stay few, counters that never go down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "http/negotiate.h"
#include "metrics/exposition.h"
#include "metrics/page.h"

static void accept_is(const char *accept, enum http_format wanted)
{
	if (negotiate(accept) != wanted)
		fail_msg("%s", accept ? accept : "(none)");
}

static void test_negotiate(void **state)
{
	(void)state;
	accept_is(NULL, HTTP_PROMETHEUS);
	accept_is("", HTTP_PROMETHEUS);
	accept_is("*/*", HTTP_PROMETHEUS);
	accept_is("text/html, application/xml;q=0.9, */*;q=0.8", HTTP_PROMETHEUS);
	/* Prometheus 2.42 and 3 */
	accept_is("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
		  "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  HTTP_OPENMETRICS);
	accept_is("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		  "text/plain;version=0.0.4;q=0.3",
		  HTTP_OPENMETRICS);
	accept_is(" APPLICATION/OpenMetrics-Text ; q=1", HTTP_OPENMETRICS);
	accept_is("application/openmetrics-text; version=\"1.0.0\"", HTTP_OPENMETRICS);
	accept_is("application/openmetrics-text;version=0.0.1", HTTP_PROMETHEUS);
	accept_is("application/openmetrics-text;q=0", HTTP_PROMETHEUS);
	accept_is("application/openmetrics-text;q=nan", HTTP_PROMETHEUS);
	accept_is("application/openmetrics-text;q=0.2,text/plain;q=0.9", HTTP_PROMETHEUS);
	accept_is("application/openmetrics-textual", HTTP_PROMETHEUS);
	accept_is(",;,q=;;,,", HTTP_PROMETHEUS);
}

/* ---- the texts ---- */

typedef void (*writer)(struct exposition *t);

static void expect_text(writer write, enum http_format format, const char *wanted)
{
	char *text = NULL;
	size_t size;
	struct exposition t = {.out = open_memstream(&text, &size), .format = format};

	write(&t);
	fclose(t.out);
	assert_string_equal(text, wanted);
	free(text);
}

static void write_counter(struct exposition *t)
{
	exposition__begin(t, LOST);
	exposition__count(t, LABELS({"listener", "[::1]:80"}), UINT64_MAX);
	exposition__begin(t, START_TIME);
	exposition__number(t, NULL, 1.5);
	exposition__begin(t, BUILD);
	exposition__count(t, LABELS({"version", "1"}, {"kernel", "6"}), 1);
	exposition__finish(t);
}

#define LOST_HELP  "Of the connections, those whose listener closed before they were accepted."
#define START_HELP "When the trace began, since 1970."
#define BUILD_HELP "Version of herdtrace, release of the kernel."

static void test_formats(void **state)
{
	(void)state;
	expect_text(write_counter, HTTP_PROMETHEUS,
		    "# HELP herdtrace_lost_connections_total " LOST_HELP "\n"
		    "# TYPE herdtrace_lost_connections_total counter\n"
		    "herdtrace_lost_connections_total{listener=\"[::1]:80\"} "
		    "18446744073709551615\n"
		    "# HELP herdtrace_trace_start_time_seconds " START_HELP "\n"
		    "# TYPE herdtrace_trace_start_time_seconds gauge\n"
		    "herdtrace_trace_start_time_seconds 1.5\n"
		    "# HELP herdtrace_build_info " BUILD_HELP "\n"
		    "# TYPE herdtrace_build_info gauge\n"
		    "herdtrace_build_info{version=\"1\",kernel=\"6\"} 1\n");
	expect_text(write_counter, HTTP_OPENMETRICS,
		    "# HELP herdtrace_lost_connections " LOST_HELP "\n"
		    "# TYPE herdtrace_lost_connections counter\n"
		    "herdtrace_lost_connections_total{listener=\"[::1]:80\"} "
		    "18446744073709551615\n"
		    "# HELP herdtrace_trace_start_time_seconds " START_HELP "\n"
		    "# TYPE herdtrace_trace_start_time_seconds gauge\n"
		    "# UNIT herdtrace_trace_start_time_seconds seconds\n"
		    "herdtrace_trace_start_time_seconds 1.5\n"
		    "# HELP herdtrace_build " BUILD_HELP "\n"
		    "# TYPE herdtrace_build info\n"
		    "herdtrace_build_info{version=\"1\",kernel=\"6\"} 1\n"
		    "# EOF\n");
}

static void write_hostile(struct exposition *t)
{
	t->family = &families[TASKS];
	exposition__count(t, LABELS({"worker", "a\"b\\c\nd\x1b[2J\xff} 1\n"}), 1);
	exposition__count(t, LABELS({"worker", ""}, {"b", "\xc3\xa9"}), 2);
}

static void test_hostile_labels(void **state)
{
	static const char wanted[] =
		"herdtrace_traced_tasks{worker=\"a\\\"b\\\\c\\\\x0ad\\\\x1b[2J\\\\xff} 1\\\\x0a\"} "
		"1\nherdtrace_traced_tasks{worker=\"\",b=\"\xc3\xa9\"} 2\n";

	(void)state;
	expect_text(write_hostile, HTTP_PROMETHEUS, wanted);
	expect_text(write_hostile, HTTP_OPENMETRICS, wanted);
}

/* The value of a sample, by what its line begins with; -1: there is none. */
static double value_of(const char *text, const char *sample)
{
	size_t len = strlen(sample);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, sample, len) && line[len] == ' ')
			return atof(line + len);
	}
	return -1;
}

static void test_spread(void **state)
{
	struct spread spread = {.sum_ns = 0};
	char *text = NULL;
	size_t size;
	struct exposition t = {.out = open_memstream(&text, &size)};
	double before = 0;
	size_t buckets = 0;

	(void)state;
	spread__add(&spread, 0);
	spread__add(&spread, 1000);
	spread__add(&spread, 1001);
	spread__add(&spread, 1024000);
	spread__add(&spread, INT64_C(40000000000));
	exposition__begin(&t, ACCEPT_WAIT);
	exposition__spread(&t, LABELS({"listener", "x"}), &spread);
	fclose(t.out);
#define BUCKET(le) "herdtrace_accept_wait_seconds_bucket{listener=\"x\",le=\"" le "\"}"
	assert_true(value_of(text, BUCKET("1e-06")) == 2);
	assert_true(value_of(text, BUCKET("2e-06")) == 3);
	assert_true(value_of(text, BUCKET("0.000512")) == 3);
	assert_true(value_of(text, BUCKET("0.001024")) == 4);
	assert_true(value_of(text, BUCKET("16.777216")) == 4);
	assert_true(value_of(text, BUCKET("+Inf")) == 5);
	assert_true(value_of(text, "herdtrace_accept_wait_seconds_count{listener=\"x\"}") == 5);
	assert_true(value_of(text, "herdtrace_accept_wait_seconds_sum{listener=\"x\"}") ==
		    40.001026001);
	for (char *at = text; (at = strstr(at, "le=\"")); at += 4, buckets++) {
		double sum = atof(strstr(at, "} ") + 2);

		assert_true(sum >= before);
		before = sum;
	}
	assert_int_equal(buckets, SPREAD_BUCKETS + 1);
	free(text);
}

/* ---- the ledger ---- */

static struct report_listener listeners[] = {{.address = "a"}, {.address = "b"}, {.address = "a"}};
static struct report_worker workers[] = {{.comm = "one"}, {.comm = "two"}};
static const struct totals rows = {
	.listeners = listeners, .listener_cnt = 3, .workers = workers, .worker_cnt = 2};

static void count_one(struct ledger *l, uint32_t listener, enum wake_outcome outcome)
{
	struct closed_wake wakes[] = {
		{.worker = 0, .cause = CAUSE_EPOLL, .outcome = OUTCOME_ACCEPTED, .run_ns = 5000},
		{.worker = 1, .cause = CAUSE_EPOLL, .outcome = outcome, .run_ns = -1, .cpu_ns = 7},
		{.worker = 1, .cause = CAUSE_LOCK, .outcome = OUTCOME_IDLE, .run_ns = 1},
	};
	struct closed_connection c = {
		.listener = listener,
		.accepted_by = 1,
		.end = CONNECTION_ACCEPTED,
		.waited_ns = 2000,
		.wakes = wakes,
		.wake_cnt = 3,
	};

	assert_int_equal(ledger__count(l, &rows, &c), 0);
}

/* Another listener at the same address, and a worker that changes its name. */
static void test_ledger(void **state)
{
	struct ledger l = {0};

	(void)state;
	count_one(&l, 0, OUTCOME_SWALLOWED);
	count_one(&l, 1, OUTCOME_EAGAIN);
	strcpy(workers[1].comm, "three");
	count_one(&l, 2, OUTCOME_HANDED_ON);
	strcpy(workers[1].comm, "two");
	assert_int_equal(l.place_cnt, 2);
	assert_int_equal(l.places[0].connections, 2);
	assert_int_equal(l.places[0].accepted, 2);
	assert_int_equal(l.places[0].wasted, 1);
	assert_int_equal(l.places[0].handovers, 2);
	assert_int_equal(l.places[0].wakes[CAUSE_EPOLL][OUTCOME_ACCEPTED], 2);
	assert_int_equal(l.places[0].wakes[CAUSE_EPOLL][OUTCOME_SWALLOWED], 1);
	assert_int_equal(l.places[0].wakes[CAUSE_LOCK][OUTCOME_IDLE], 0);
	assert_int_equal(l.places[0].runs.of[3], 2);
	assert_int_equal(l.places[0].runs.sum_ns, 10000);
	assert_int_equal(l.places[0].waits.of[1], 2);
	assert_int_equal(l.places[1].connections, 1);
	assert_int_equal(l.class_cnt, 3);
	assert_string_equal(l.classes[1].name, "two");
	assert_int_equal(l.classes[0].accepted, 3);
	assert_int_equal(l.classes[1].wakes[OUTCOME_SWALLOWED], 1);
	assert_int_equal(l.classes[1].wasted_cpu_ns, 14);
	assert_int_equal(l.classes[2].wakes[OUTCOME_HANDED_ON], 1);
	assert_int_equal(l.classes[2].wasted_cpu_ns, 0);
	ledger__drop(&l);
}

static void test_bounded(void **state)
{
	struct ledger l = {0};
	char address[32];
	struct report_listener listener = {.address = address};
	struct totals totals = {.listeners = &listener, .workers = workers};
	struct closed_connection c = {.accepted_by = 2, .end = CONNECTION_ACCEPTED};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(address, sizeof(address), "10.0.0.1:%d", i);
		snprintf(workers[1].comm, sizeof(workers[1].comm), "w%d", i);
		assert_int_equal(ledger__count(&l, &totals, &c), 0);
	}
	strcpy(workers[1].comm, "two");
	assert_int_equal(l.place_cnt, LEDGER_PLACES + 1);
	assert_string_equal(l.places[0].name, "10.0.0.1:0");
	assert_int_equal(l.places[0].connections, 1);
	assert_string_equal(l.places[LEDGER_PLACES].name, LEDGER_OTHER);
	assert_int_equal(l.places[LEDGER_PLACES].connections, 1000 - LEDGER_PLACES);
	assert_int_equal(l.class_cnt, LEDGER_CLASSES + 1);
	assert_string_equal(l.classes[LEDGER_CLASSES].name, LEDGER_OTHER);
	assert_int_equal(l.classes[LEDGER_CLASSES].accepted, 1000 - LEDGER_CLASSES);
	ledger__drop(&l);
}

/* ---- a whole page ---- */

static void write_page(FILE *out, enum http_format format, struct ledger *l)
{
	struct page_place places[LEDGER_PLACES + 1] = {{.listeners = 1, .queued = 3, .backlog = 9}};
	struct report_loss loss = {.ring_drops = 4, .incomplete = true, .reason = ""};
	struct verdicts verdicts = {.herd.value = VERDICT_PROVED};
	struct page page = {
		.version = "0",
		.kernel = "6 \"x\"",
		.start_time = 1795643991.25,
		.tasks = 5,
		.ledger = l,
		.places = places,
		.totals = &rows,
		.loss = &loss,
		.verdicts = &verdicts,
	};

	page__write(out, format, &page);
}

static void test_page(void **state)
{
	struct ledger l = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	count_one(&l, 0, OUTCOME_SWALLOWED);
	write_page(out, HTTP_PROMETHEUS, &l);
	fclose(out);
#define IS(sample, number) assert_true(value_of(text, "herdtrace_" sample) == (number))
	IS("connections_total{listener=\"a\"}", 1);
	IS("wakes_total{listener=\"a\",cause=\"epoll\",outcome=\"swallowed\"}", 1);
	IS("wakes_total{listener=\"a\",cause=\"epoll\",outcome=\"eagain\"}", 0);
	IS("wakes_total{listener=\"a\",cause=\"epoll\",outcome=\"pending\"}", -1);
	IS("wakes_total{listener=\"a\",cause=\"lock\",outcome=\"idle\"}", -1);
	IS("lock_handovers_total{listener=\"a\"}", 1);
	IS("queued_connections{listener=\"a\"}", 3);
	IS("backlog_connections{listener=\"a\"}", 9);
	IS("verdict{disease=\"herd\",verdict=\"proved\"}", 1);
	IS("verdict{disease=\"herd\",verdict=\"inconclusive\"}", 0);
	IS("verdict{disease=\"skew\",verdict=\"inconclusive\"}", 1);
	IS("missed_events_total{reason=\"buffer_full\"}", 4);
	IS("trace_incomplete", 1);
	IS("traced_tasks", 5);
	IS("trace_start_time_seconds", 1795643991.25);
	free(text);
	ledger__drop(&l);
}

/* What Prometheus' own tool thinks of it. */
static void test_promtool(void **state)
{
	struct ledger l = {0};
	FILE *tool;

	(void)state;
	if (system("command -v promtool >/dev/null"))
		skip();
	strcpy(workers[1].comm, "\"\\\n{}");
	count_one(&l, 0, OUTCOME_SWALLOWED);
	count_one(&l, 1, OUTCOME_SWALLOWED);
	strcpy(workers[1].comm, "two");
	tool = popen("promtool check metrics >&2", "w");
	assert_non_null(tool);
	write_page(tool, HTTP_PROMETHEUS, &l);
	assert_int_equal(WEXITSTATUS(pclose(tool)), 0);
	ledger__drop(&l);
}

/* Every family is told, once, and explained in the document. */
static void test_families(void **state)
{
	struct ledger l = {0};
	char *text = NULL, document[65536], name[128];
	size_t size, got;
	FILE *out = open_memstream(&text, &size), *file = fopen("docs/metrics.md", "r");

	(void)state;
	assert_non_null(file);
	got = fread(document, 1, sizeof(document) - 1, file);
	document[got] = '\0';
	fclose(file);
	write_page(out, HTTP_OPENMETRICS, &l);
	fclose(out);
	for (int f = 0; f < FAMILY_CNT; f++) {
		const char *first;

		snprintf(name, sizeof(name), "# TYPE %s ", families[f].name);
		first = strstr(text, name);
		if (!first || strstr(first + 1, name))
			fail_msg("%s is not there once", families[f].name);
		snprintf(name, sizeof(name), "`%s%s`", families[f].name,
			 families[f].type == FAMILY_COUNTER ? "_total"
			 : families[f].type == FAMILY_INFO  ? "_info"
							    : "");
		if (!strstr(document, name))
			fail_msg("docs/metrics.md lacks %s", name);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiate),      cmocka_unit_test(test_formats),
		cmocka_unit_test(test_hostile_labels), cmocka_unit_test(test_spread),
		cmocka_unit_test(test_ledger),         cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_page),           cmocka_unit_test(test_promtool),
		cmocka_unit_test(test_families),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
