// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Numbers that are expected: how they are written, what they are compared with, and when nothing can be said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/expectation.h"
#include "report_fixture.h"

#define HINT " (see 'herdtrace --help')"

/* ---- how they are written ---- */

static void test_parsing(void **state)
{
	static const struct {
		const char *text, *name;
		enum relation relation;
		double limit;
	} cases[] = {
		{"wakes/connection<=1.05", "wakes/connection", RELATION_AT_MOST, 1.05},
		{"wasted/s<100", "wasted/s", RELATION_LESS, 100},
		{"  wasted/s  >=  .5  ", "wasted/s", RELATION_AT_LEAST, 0.5},
		{"wasted=0", "wasted", RELATION_EQUAL, 0},
		{"wasted==0", "wasted", RELATION_EQUAL, 0},
		{"wasted!=0", "wasted", RELATION_UNEQUAL, 0},
		{"connections>19.", "connections", RELATION_MORE, 19},
		{"wasted-cpu<2.5%", "wasted-cpu", RELATION_LESS, 2.5},
		{"wasted-cpu<2.5", "wasted-cpu", RELATION_LESS, 2.5},
		{"wait-p99<5ms", "wait-p99", RELATION_LESS, 5e6},
		{"wait-p99<0.1 us", "wait-p99", RELATION_LESS, 100},
		{"wait-p99<1.5µs", "wait-p99", RELATION_LESS, 1500},
		{"wait-p99<2s", "wait-p99", RELATION_LESS, 2e9},
		{"wait-p99<7ns", "wait-p99", RELATION_LESS, 7},
	};
	struct error error = {0};
	struct expectation e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(expectation__parse(&e, cases[i].text, &error), 0);
		assert_string_equal(e.quantity->name, cases[i].name);
		assert_int_equal(e.relation, cases[i].relation);
		assert_true(e.limit == cases[i].limit);
		assert_string_equal(e.text, cases[i].text);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"wakes/conection<1",
		 ": there is no number 'wakes/conection': did you mean wakes/connection?"},
		{"<1", ": there is no number ''; the manual lists them: wakes/connection, "
		       "wasted/s, wait-p99 and others"},
		{"wakes<<1", ": '<<' compares nothing: it is <, <=, =, !=, >= or >"},
		{"wakes=<1", ": '=<' compares nothing: it is <, <=, =, !=, >= or >"},
		{"wakes<", ": wakes is compared with a number such as 1.05, not with ''"},
		{"wakes<-1", ": wakes is compared with a number such as 1.05, not with '-1'"},
		{"wakes<.", ": wakes is compared with a number such as 1.05, not with '.'"},
		{"wakes<1e3", ": wakes is compared with a number such as 1.05, not with '1e3'"},
		{"wakes<0x10", ": wakes is compared with a number such as 1.05, not with '0x10'"},
		{"wakes<nan", ": wakes is compared with a number such as 1.05, not with 'nan'"},
		{"wakes<1.2.3", ": wakes is compared with a number such as 1.05, not with '1.2.3'"},
		{"wakes<5%", ": wakes is compared with a number such as 1.05, not with '5%'"},
		{"wakes<1<2", ": wakes is compared with a number such as 1.05, not with '1<2'"},
		{"wasted/wakes<5ms",
		 ": wasted/wakes is compared with a percentage such as 5%, not with '5ms'"},
		{"wait-p99<5",
		 ": wait-p99 is compared with a time such as 5ms (ns, us, ms or s), not with '5'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};
		struct expectation e;
		char says[512];

		assert_true(expectation__parse(&e, cases[i].text, &error) < 0);
		snprintf(says, sizeof(says), "--expect=%s%s" HINT, cases[i].text, cases[i].says);
		assert_string_equal(error.text, says);
		assert_int_equal(error.fault, FAULT_INPUT);
	}
}

/* More digits than a number may have. */
static void test_too_large(void **state)
{
	char text[512] = "wakes<";
	struct error error = {0};
	struct expectation e;

	(void)state;
	memset(text + strlen(text), '9', 400);
	assert_true(expectation__parse(&e, text, &error) < 0);
	assert_int_equal(error.fault, FAULT_INPUT);
}

static void test_too_many(void **state)
{
	struct expectations all = {0};
	struct error error = {0};
	struct expectation e;

	(void)state;
	assert_int_equal(expectation__parse(&e, "wakes<1", &error), 0);
	for (int i = 0; i < EXPECTATIONS_MAX; i++, e.limit++)
		expectations__add(&all, &e);
	assert_int_equal(expectations__check(&all, &error), 0);
	for (int i = 0; i < 3; i++, e.limit++)
		expectations__add(&all, &e);
	assert_true(expectations__check(&all, &error) < 0);
	assert_string_equal(error.text, "--expect can be given 64 times" HINT);
}

/* ---- what they are compared with ---- */

static struct expectation_results results;

/* What comes of one of a report. */
static const struct expectation_result *judge(const struct report *report, const char *text)
{
	static struct expectations all;
	struct error error = {0};
	struct expectation e;

	all.cnt = 0;
	assert_int_equal(expectation__parse(&e, text, &error), 0);
	expectations__add(&all, &e);
	assert_int_equal(expectations__judge(&all, report, &results), 0);
	assert_int_equal(results.cnt, 1);
	return &results.at[0];
}

static void assert_judged(const struct report *report, const char *text,
			  enum expectation_outcome outcome, const char *why)
{
	const struct expectation_result *r = judge(report, text);

	assert_string_equal(r->why, why);
	assert_int_equal(r->outcome, outcome);
}

/* 100 connections in 99 seconds, of which one waited for 2 ms and all others 1 ms; 105 wakes, 5 for nothing. */
static struct report *new_large_report(void)
{
	struct report *r = new_report();
	struct report_summary *s = &r->totals.summary;

	for (size_t i = 0; i < r->connection_cnt; i++)
		free(r->connections[i].wakes);
	free(r->connections);
	r->connections = array(100, sizeof(*r->connections));
	r->connection_cnt = 100;
	for (size_t i = 0; i < 100; i++) {
		r->connections[i].end = CONNECTION_ACCEPTED;
		r->connections[i].arrival_to_accept_ns = i == 3 ? 2000000 : 1000000;
	}
	*s = (struct report_summary){.connections = 100,
				     .accepted = 100,
				     .wakes = 105,
				     .wasted = 5,
				     .wasted_cpu_ns = 99000000};
	s->outcome[OUTCOME_ACCEPTED] = 100;
	s->outcome[OUTCOME_EAGAIN] = 5;
	r->totals.first_ns = 1;
	r->totals.last_arrival_ns = 99 * UINT64_C(1000000000) + 1;
	r->totals.load.most_queued = 3;
	r->verdicts.skew_finding = (struct skew_finding){
		.draws = 100, .workers = 2, .share = 0.6, .even_share = 0.5, .least_share = 0.4};
	return r;
}

#define HOLDS        EXPECTATION_HOLDS
#define FAILS        EXPECTATION_FAILS
#define INCONCLUSIVE EXPECTATION_INCONCLUSIVE

static void test_every_quantity(void **state)
{
	/* Each at what it is, and beyond it. */
	static const struct {
		const char *name, *value, *more, *got;
	} cases[] = {
		{"connections", "100", "101", "100 connections"},
		{"accepted", "100", "101", "100 connections that were accepted"},
		{"waiting", "0", "1", "0 connections that nobody had accepted in the end"},
		{"lost", "0", "1", "0 connections that were lost with their listener"},
		{"workers", "2", "3", "2 workers"},
		{"listeners", "1", "2", "1 listeners"},
		{"queue-max", "3", "4", "3 connections in the queues at once"},
		{"wakes", "105", "106", "105 wakes"},
		{"wasted", "5", "6", "5 wasted wakes"},
		{"wakes/connection", "1.05", "1.06", "1.05 wakes per connection"},
		{"wasted/connection", "0.05", "0.06", "0.05 wasted wakes per connection"},
		{"wasted/wakes", "4 %", "5 %", "4.762 % of all wakes"},
		{"connections/s", "1", "2", "1 connections per second"},
		{"wakes/s", "1.05", "1.06", "1.05 wakes per second"},
		{"wasted/s", "0.05", "0.06", "0.05 wasted wakes per second"},
		{"wasted-cpu", "0.099 %", "0.11 %", "0.099 % of one CPU"},
		{"share-max", "60 %", "61 %", "60 % of the draws, for the worker with the most"},
		{"share-min", "40 %", "41 %", "40 % of the draws, for the worker with the least"},
		{"share-max:min", "1.4", "1.6", "1.5 times the least share"},
		{"wait-p50", "1 ms", "1.1 ms", "1 ms from arrival to accept"},
		{"wait-p90", "1 ms", "1.1 ms", "1 ms from arrival to accept"},
		{"wait-p99", "1 ms", "1.1 ms", "1 ms from arrival to accept"},
		{"wait-max", "2 ms", "2.1 ms", "2 ms from arrival to accept"},
	};
	struct report *r = new_large_report();

	(void)state;
	assert_int_equal(sizeof(cases) / sizeof(cases[0]), quantity_cnt);
	for (size_t i = 0; i < quantity_cnt; i++) {
		char text[64], why[256];

		assert_string_equal(cases[i].name, quantities[i].name);
		snprintf(text, sizeof(text), "%s>=%s", cases[i].name, cases[i].value);
		snprintf(why, sizeof(why), "expected %s >= %s, got %s", cases[i].name,
			 cases[i].value, cases[i].got);
		assert_judged(r, text, HOLDS, why);
		snprintf(text, sizeof(text), "%s>=%s", cases[i].name, cases[i].more);
		snprintf(why, sizeof(why), "expected %s >= %s, got %s", cases[i].name,
			 cases[i].more, cases[i].got);
		assert_judged(r, text, FAILS, why);
	}
	report__free(r);
}

static void test_relations(void **state)
{
	static const struct {
		const char *text;
		enum expectation_outcome outcome;
	} cases[] = {
		{"wasted<5", FAILS},  {"wasted<6", HOLDS},  {"wasted<=4", FAILS},
		{"wasted<=5", HOLDS}, {"wasted=5", HOLDS},  {"wasted=6", FAILS},
		{"wasted!=5", FAILS}, {"wasted!=4", HOLDS}, {"wasted>=6", FAILS},
		{"wasted>=5", HOLDS}, {"wasted>5", FAILS},  {"wasted>4", HOLDS},
	};
	struct report *r = new_large_report();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(judge(r, cases[i].text)->outcome, cases[i].outcome);
	report__free(r);
}

/* A line that says "expected < 1.05, got 1.05" would help nobody. */
static void test_digits(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->totals.summary.connections = 100000;
	r->totals.summary.wakes = 105001;
	assert_judged(r, "wakes/connection<=1.05", FAILS,
		      "expected wakes/connection <= 1.05, got 1.05001 wakes per connection");
	report__free(r);
}

/* ---- when nothing can be said ---- */

static void test_pending(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->totals.summary.outcome[OUTCOME_PENDING] = 2;
	assert_int_equal(judge(r, "wasted<8")->outcome, HOLDS);
	assert_int_equal(judge(r, "wasted<5")->outcome, FAILS);
	assert_judged(r, "wasted<6", INCONCLUSIVE,
		      "expected wasted < 6, got 5 wasted wakes; but 2 wakes had no outcome yet "
		      "when the trace ended");
	assert_int_equal(judge(r, "wasted=6")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wasted!=6")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wasted=8")->outcome, FAILS);
	assert_int_equal(judge(r, "wasted/connection<0.06")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wasted/wakes<5%")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wasted/s<0.06")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wasted/s<0.08")->outcome, HOLDS);
	assert_int_equal(judge(r, "wasted-cpu<50%")->outcome, INCONCLUSIVE);
	report__free(r);
}

static void test_small_samples(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->totals.summary.connections = r->connection_cnt = 19;
	r->verdicts.skew_finding.draws = 19;
	assert_judged(
		r, "wakes/connection<6", INCONCLUSIVE,
		"expected wakes/connection < 6, got 5.526 wakes per connection; but that is a "
		"sample of 19, and to rely on it takes 20");
	assert_int_equal(judge(r, "wakes/connection<5")->outcome, FAILS);
	assert_int_equal(judge(r, "wasted/s<1000")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "share-max<90%")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "share-max<50%")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wait-p50<1s")->outcome, INCONCLUSIVE);
	r->totals.summary.connections = r->connection_cnt = 20;
	r->verdicts.skew_finding.draws = 20;
	assert_int_equal(judge(r, "wakes/connection<6")->outcome, HOLDS);
	assert_int_equal(judge(r, "wasted/s<1000")->outcome, HOLDS);
	assert_int_equal(judge(r, "share-max<90%")->outcome, HOLDS);
	assert_int_equal(judge(r, "wait-p50<1s")->outcome, HOLDS);
	assert_int_equal(judge(r, "wait-p99<1s")->outcome, INCONCLUSIVE);
	assert_int_equal(judge(r, "wait-p99<1ms")->outcome, FAILS);
	report__free(r);
}

/* Who was never accepted waits longer than any limit; where it matters, nobody knows how long. */
static void test_never_accepted(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->connections[7].end = CONNECTION_WAITING;
	assert_int_equal(judge(r, "wait-p50<5ms")->outcome, HOLDS);
	assert_judged(r, "wait-max<5ms", INCONCLUSIVE,
		      "wait-max is not known: 1 of 100 connections was never accepted");
	r->connections[8].end = CONNECTION_LOST;
	assert_judged(r, "wait-p99<5ms", INCONCLUSIVE,
		      "wait-p99 is not known: 2 of 100 connections were never accepted");
	r->connections[7].end = r->connections[8].end = CONNECTION_ACCEPTED;
	r->connections[7].arrival_to_accept_ns = REPORT_UNKNOWN_NS;
	assert_judged(r, "wait-p50<5ms", INCONCLUSIVE,
		      "wait-p50 is not known: it is not known of every connection how long it "
		      "waited");
	report__free(r);
}

static void test_nothing_happened(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->totals.summary = (struct report_summary){0};
	r->totals.load.most_queued = 0;
	r->connection_cnt = 0;
	r->verdicts.skew_finding = (struct skew_finding){.pool = -1};
	assert_int_equal(judge(r, "connections=0")->outcome, HOLDS);
	assert_int_equal(judge(r, "wakes=0")->outcome, HOLDS);
	for (size_t i = 6; i < quantity_cnt; i++) {
		char text[64];

		if (!strcmp(quantities[i].name, "wakes"))
			continue;
		snprintf(text, sizeof(text), "%s>=0%s", quantities[i].name,
			 quantities[i].unit == UNIT_TIME ? "s" : "");
		assert_int_equal(judge(r, text)->outcome, INCONCLUSIVE);
		assert_non_null(strstr(results.at[0].why, " is not known: "));
	}
	report__free(r);
}

static void test_least_is_none(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->verdicts.skew_finding.least_share = 0;
	assert_judged(r, "share-max:min<100", FAILS,
		      "expected share-max:min < 100, got infinite times the least share");
	report__free(r);
}

/* Rows that were not kept are no waits of none. */
static void test_without_rows(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	r->connection_cnt = 0;
	assert_judged(r, "wait-p50<1s", INCONCLUSIVE,
		      "wait-p50 is not known: the connections were not kept one by one");
	report__free(r);
}

static void test_incomplete(void **state)
{
	struct report *r = new_large_report();

	(void)state;
	free(r->shortfall);
	r->shortfall = strdup("19 of 20");
	assert_judged(r, "wakes=105", INCONCLUSIVE, "the result is incomplete: 19 of 20");
	r->loss.incomplete = true;
	free(r->loss.reason);
	r->loss.reason = strdup("drops");
	assert_judged(r, "wakes=105", INCONCLUSIVE, "the result is incomplete: drops");
	assert_judged(r, "herd", INCONCLUSIVE, "the result is incomplete: drops");
	report__free(r);
}

/* ---- the manual ---- */

static void test_manual_has_every_quantity(void **state)
{
	FILE *in = fopen("user/herdtrace.8.scd", "re");
	char *manual = NULL;
	size_t size = 0;

	(void)state;
	assert_non_null(in);
	assert_true(getdelim(&manual, &size, '\0', in) > 0);
	fclose(in);
	for (size_t i = 0; i < quantity_cnt; i++) {
		char form[64];

		snprintf(form, sizeof(form), "*%s*", quantities[i].name);
		if (!strstr(manual, form))
			print_error("not in the manual: %s\n", quantities[i].name);
		assert_non_null(strstr(manual, form));
	}
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parsing),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_every_quantity),
		cmocka_unit_test(test_relations),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_small_samples),
		cmocka_unit_test(test_never_accepted),
		cmocka_unit_test(test_nothing_happened),
		cmocka_unit_test(test_least_is_none),
		cmocka_unit_test(test_without_rows),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_manual_has_every_quantity),
	};

	return cmocka_run_group_tests_name("expectation", tests, NULL, NULL);
}
