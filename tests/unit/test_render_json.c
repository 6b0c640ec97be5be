/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The JSON document is a contract: its keys and their order, its values, its layout. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "report_fixture.h"

static json_t *render_document(const struct report *report, bool summary_only)
{
	char *text = render(report, (struct render_options){.format = RENDER_JSON,
							    .summary_only = summary_only});
	json_error_t error;
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	assert_non_null(document);
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
	return document;
}

static void check_members(const json_t *object, const char *const *keys, size_t cnt)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	json_object_foreach ((json_t *)object, key, value) {
		assert_true(i < cnt);
		assert_string_equal(key, keys[i++]);
	}
	assert_int_equal(i, cnt);
}

#define assert_members(object, ...)                                          \
	do {                                                                 \
		static const char *const keys[] = {__VA_ARGS__};             \
		check_members(object, keys, sizeof(keys) / sizeof(keys[0])); \
	} while (0)

static const json_t *at(const json_t *document, const char *array_key, size_t index)
{
	return json_array_get(json_object_get(document, array_key), index);
}

static json_int_t integer(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

static void assert_null_member(const json_t *object, const char *key)
{
	assert_true(json_is_null(json_object_get(object, key)));
}

/* Those that came and went without a row, where there are some. */
static void test_json_others(void **state)
{
	struct report *report = new_reuseport_report();
	json_t *document;
	const json_t *others;

	(void)state;
	report->totals.folded.workers = 7;
	report->totals.folded.sum.wakes = 30;
	report->totals.folded.sum.outcome[OUTCOME_ACCEPTED] = 20;
	report->totals.folded.sum.accepted = 21;
	report->totals.folded.listeners = 3;
	report->totals.folded.connections = 22;
	document = render_document(report, true);
	others = json_object_get(document, "others");
	assert_members(others, "workers", "listeners");
	assert_members(json_object_get(others, "workers"), "count", "wakes", "accepted",
		       "handed_on", "eagain", "swallowed", "idle", "exited", "pending", "lock",
		       "useful", "wasted_cpu_ns");
	assert_members(json_object_get(others, "listeners"), "count", "connections", "accepted");
	assert_int_equal(integer(json_object_get(others, "workers"), "count"), 7);
	assert_int_equal(integer(json_object_get(others, "workers"), "wakes"), 30);
	assert_int_equal(integer(json_object_get(others, "workers"), "useful"), 20);
	assert_int_equal(integer(json_object_get(others, "workers"), "accepted"), 21);
	assert_int_equal(integer(json_object_get(others, "listeners"), "count"), 3);
	assert_int_equal(integer(json_object_get(others, "listeners"), "connections"), 22);
	json_decref(document);
	report__free(report);
}

static void test_json_keys(void **state)
{
	struct report *report = new_reuseport_report();
	json_t *document = render_document(report, false);
	const json_t *summary = json_object_get(document, "summary");

	(void)state;
	assert_members(document, "schema", "kernel", "attach", "command", "listeners", "workers",
		       "connections", "summary", "loss", "verdict", "notes", "server_exit",
		       "advice", "trace_end_ns", "version", "host", "begin", "end");
	assert_members(json_object_get(document, "kernel"), "release", "arch");
	assert_members(json_object_get(document, "attach"), "mode", "hooks");
	assert_members(at(document, "listeners", 0), "id", "address", "protocol", "reuseport_group",
		       "connections", "accepted", "backlog");
	assert_members(at(document, "workers", 0), "pid", "tid", "comm", "wakes", "accepted",
		       "handed_on", "eagain", "swallowed", "idle", "exited", "pending", "lock",
		       "useful", "wasted_cpu_ns", "waited");
	assert_members(at(document, "connections", 0), "id", "time_ns", "listener", "peer",
		       "waiters", "offers", "wakes", "accepted_by", "arrival_to_accept_ns",
		       "outcome", "waiters_named", "waiters_truncated", "stranded", "wasted",
		       "reuseport", "migrated_from");
	assert_members(at(at(document, "connections", 0), "wakes", 0), "tid", "pid", "cause",
		       "outcome", "wake_to_run_ns", "waker_tid", "accepted_connection", "cpu_ns");
	assert_members(json_object_get(at(document, "connections", 0), "reuseport"), "group",
		       "hash", "sockets", "index", "predicted_index", "as_predicted", "by_program",
		       "cpu");
	assert_members(summary, "connections", "accepted", "wakes", "wasted", "wakes_by_cause",
		       "waiting", "lost", "migrated", "accepted_untracked", "offers",
		       "wakes_by_outcome", "lock_without_arrival", "wasted_cpu_ns", "reuseport",
		       "load", "severity");
	assert_members(json_object_get(summary, "load"), "arrivals", "busy", "most_queued");
	assert_members(json_object_get(summary, "severity"), "wasted_per_connection",
		       "connections_per_sec", "wasted_per_sec", "cpu_percent");
	assert_members(json_object_get(summary, "wakes_by_cause"), "accept", "epoll", "poll",
		       "io_uring", "chain", "lock", "signal");
	assert_members(json_object_get(summary, "wakes_by_outcome"), "accepted", "handed_on",
		       "eagain", "swallowed", "idle", "exited", "pending");
	assert_members(json_object_get(summary, "reuseport"), "selections", "as_predicted",
		       "by_program", "not_predicted");
	assert_members(json_object_get(document, "loss"), "ring_drops", "map_full", "missed_probes",
		       "long_lists", "early_calls", "unbalanced", "incomplete", "reason");
	assert_members(json_object_get(document, "verdict"), "herd", "skew", "stranding", "reason",
		       "herd_reason", "skew_reason", "stranding_reason", "herd_sample",
		       "skew_sample", "stranding_sample");
	assert_members(json_object_get(json_object_get(document, "verdict"), "stranding_sample"),
		       "opportunities", "stranded", "lost", "nobody_left", "run_delay",
		       "other_listeners", "passed_over", "longest_wait_ns", "bound");
	assert_members(json_object_get(json_object_get(document, "verdict"), "herd_sample"),
		       "opportunities", "woke_many", "herds", "undecided", "wasted", "bound");
	assert_null_member(json_object_get(document, "verdict"), "skew_sample");
	json_decref(document);
	report__free(report);
}

static double real(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_real(value));
	return json_real_value(value);
}

/* 2 connections in a second, 2 wasted wakes that took 250 ms; 30 draws of one pool. */
static void fill_samples(struct report *report)
{
	struct totals *t = &report->totals;

	t->first_ns = 1;
	t->last_arrival_ns = 1000000001;
	t->summary.wasted_cpu_ns = 250000000;
	t->load = (struct load_sample){.arrivals = 2, .busy = 1, .most_queued = 7};
	t->herd.possible = 9;
	report->verdicts.herd_bound = 0.25;
	assert_int_equal(pools__new(&t->pools, 0), 0);
	report->verdicts.skew_finding = (struct skew_finding){.draws = 30,
							      .workers = 2,
							      .worker = 1,
							      .share = 0.75,
							      .even_share = 0.5,
							      .bound = 0.875,
							      .chance = 0.125};
	t->workers[1].waited = true;
}

static void check_samples(const json_t *document)
{
	const json_t *summary = json_object_get(document, "summary");
	const json_t *verdict = json_object_get(document, "verdict");
	const json_t *severity = json_object_get(summary, "severity");
	const json_t *skew = json_object_get(verdict, "skew_sample");

	assert_int_equal(integer(json_object_get(summary, "load"), "arrivals"), 2);
	assert_int_equal(integer(json_object_get(summary, "load"), "busy"), 1);
	assert_int_equal(integer(json_object_get(summary, "load"), "most_queued"), 7);
	assert_float_equal(real(severity, "wasted_per_connection"), 1, 1e-5);
	assert_float_equal(real(severity, "connections_per_sec"), 1, 1e-5);
	assert_float_equal(real(severity, "wasted_per_sec"), 1, 1e-5);
	assert_float_equal(real(severity, "cpu_percent"), 12.5, 1e-4);
	assert_int_equal(integer(json_object_get(verdict, "herd_sample"), "opportunities"), 9);
	assert_float_equal(real(json_object_get(verdict, "herd_sample"), "bound"), 0.25, 1e-5);
	assert_int_equal(integer(skew, "listener"), 1);
	assert_int_equal(integer(skew, "draws"), 30);
	assert_int_equal(integer(skew, "worker_tid"), 72);
	assert_float_equal(real(skew, "share"), 0.75, 1e-5);
	assert_float_equal(real(skew, "bound"), 0.875, 1e-5);
	assert_float_equal(real(skew, "p"), 0.125, 1e-5);
}

static void test_json_samples(void **state)
{
	struct report *report = new_report();
	json_t *document;

	(void)state;
	fill_samples(report);
	document = render_document(report, false);
	check_samples(document);
	assert_true(json_is_false(json_object_get(at(document, "workers", 0), "waited")));
	assert_true(json_is_true(json_object_get(at(document, "workers", 1), "waited")));
	json_decref(document);
	report__free(report);
}

/* One arrival has no rate. */
static void test_json_no_rate(void **state)
{
	struct report *report = new_report();
	json_t *document = render_document(report, false);
	const json_t *severity = json_object_get(json_object_get(document, "summary"), "severity");

	(void)state;
	assert_null_member(severity, "connections_per_sec");
	assert_null_member(severity, "wasted_per_sec");
	assert_null_member(severity, "cpu_percent");
	json_decref(document);
	report__free(report);
}

static void test_json_values(void **state)
{
	struct report *report = new_report();
	json_t *document = render_document(report, false);
	const json_t *accepted = at(document, "connections", 0);
	const json_t *lost = at(document, "connections", 1);
	const json_t *chained = at(accepted, "wakes", 1);

	(void)state;
	assert_string_equal(text_of(document, "schema"), "herdtrace/1");
	assert_string_equal(json_string_value(at(document, "command", 1)), "a\\b\\x07");
	assert_string_equal(text_of(at(document, "workers", 1), "comm"), SAFE_COMM);
	assert_int_equal(integer(at(document, "workers", 1), "useful"), 1);
	assert_null_member(at(document, "listeners", 0), "reuseport_group");
	assert_int_equal(integer(accepted, "time_ns"), 0);
	assert_int_equal(integer(accepted, "accepted_by"), 72);
	assert_int_equal(integer(accepted, "arrival_to_accept_ns"), 87600);
	assert_int_equal(integer(at(accepted, "wakes", 0), "accepted_connection"), 1);
	assert_null_member(accepted, "reuseport");
	assert_string_equal(text_of(chained, "cause"), "chain");
	assert_string_equal(text_of(chained, "outcome"), "swallowed");
	assert_int_equal(integer(chained, "waker_tid"), 72);
	assert_null_member(chained, "wake_to_run_ns");
	assert_null_member(chained, "accepted_connection");
	assert_null_member(chained, "cpu_ns");
	assert_null_member(lost, "accepted_by");
	assert_null_member(lost, "arrival_to_accept_ns");
	assert_string_equal(text_of(lost, "outcome"), "lost");
	assert_true(json_is_true(json_object_get(lost, "waiters_truncated")));
	assert_true(json_is_true(json_object_get(lost, "stranded")));
	assert_string_equal(text_of(json_object_get(document, "verdict"), "herd"), "proved");
	assert_string_equal(text_of(json_object_get(document, "verdict"), "reason"),
			    "1 of 2, \"really\"");
	assert_string_equal(json_string_value(at(document, "notes", 0)), "two\\x0alines");
	assert_string_equal(text_of(document, "server_exit"), "killed by signal 15");
	json_decref(document);
	report__free(report);
}

static void test_json_surroundings(void **state)
{
	struct report *report = new_report();
	json_t *document = render_document(report, false);

	(void)state;
	assert_null_member(document, "version");
	assert_null_member(document, "host");
	assert_null_member(document, "begin");
	assert_null_member(document, "end");
	json_decref(document);
	report->version = strdup("0.1.0");
	report->host = strdup("web\n");
	report->wall_begun_ns = UINT64_C(1794842400123999999);
	report->wall_ended_ns = UINT64_C(9999999999999999999);
	document = render_document(report, false);
	assert_string_equal(text_of(document, "version"), "0.1.0");
	assert_string_equal(text_of(document, "host"), "web\\x0a");
	assert_string_equal(text_of(document, "begin"), "2026-11-16T15:20:00.123Z");
	assert_string_equal(text_of(document, "end"), "2286-11-20T17:46:39.999Z");
	json_decref(document);
	report__free(report);
}

static void test_json_reuseport(void **state)
{
	struct report *report = new_reuseport_report();
	json_t *document = render_document(report, false);
	const json_t *hashed = json_object_get(at(document, "connections", 0), "reuseport");
	const json_t *chosen = json_object_get(at(document, "connections", 1), "reuseport");

	(void)state;
	assert_int_equal(integer(hashed, "group"), 1);
	assert_int_equal(integer(hashed, "hash"), 3000000000);
	assert_int_equal(integer(hashed, "index"), 1);
	assert_true(json_is_true(json_object_get(hashed, "as_predicted")));
	assert_null_member(chosen, "index");
	assert_null_member(chosen, "as_predicted");
	assert_true(json_is_true(json_object_get(chosen, "by_program")));
	assert_null_member(hashed, "cpu");
	assert_int_equal(integer(chosen, "cpu"), 3);
	json_decref(document);
	report__free(report);
}

static void test_json_migrated(void **state)
{
	struct report *report = new_migrated_report();
	json_t *document = render_document(report, false);
	const json_t *stayed = at(document, "connections", 0);
	const json_t *moved = at(document, "connections", 1);

	(void)state;
	assert_string_equal(text_of(at(document, "listeners", 0), "address"), "@\\x1b[31m\\xff");
	assert_string_equal(text_of(at(document, "listeners", 0), "protocol"), "unix");
	assert_string_equal(text_of(at(document, "listeners", 1), "protocol"), "tcp");
	assert_string_equal(text_of(stayed, "peer"), "pid 712");
	assert_null_member(stayed, "migrated_from");
	assert_int_equal(integer(moved, "listener"), 2);
	assert_int_equal(integer(moved, "migrated_from"), 1);
	assert_int_equal(integer(json_object_get(document, "summary"), "migrated"), 1);
	json_decref(document);
	report__free(report);
}

/* The document is put together by hand: it has to look as jansson itself would print it. */
static void test_json_layout(void **state)
{
	struct report *report = new_reuseport_report();

	(void)state;
	for (int summary_only = 0; summary_only < 2; summary_only++) {
		json_t *document = render_document(report, summary_only);
		char *ours = render(report, (struct render_options){.format = RENDER_JSON,
								    .summary_only = summary_only});
		char *theirs = json_dumps(document, JSON_INDENT(2));

		assert_int_equal(json_array_size(json_object_get(document, "connections")),
				 summary_only ? 0 : 2);
		ours[strlen(ours) - 1] = '\0';
		assert_string_equal(ours, theirs);
		free(ours);
		free(theirs);
		json_decref(document);
	}
	report__free(report);
}

/* Nothing seen, and no texts at all: what an early end of a run may leave. */
static void test_json_empty(void **state)
{
	struct report report = {.totals.summary.connections = 0};
	json_t *document = render_document(&report, false);

	(void)state;
	assert_true(json_is_array(json_object_get(document, "connections")));
	assert_int_equal(json_array_size(json_object_get(document, "connections")), 0);
	assert_string_equal(text_of(json_object_get(document, "verdict"), "reason"), "");
	assert_null_member(document, "server_exit");
	assert_null_member(document, "advice");
	json_decref(document);
}

/* Only where there was a client, and something is short. */
static void test_json_client(void **state)
{
	struct report *report = new_report();
	json_t *document;

	(void)state;
	report->asked = 20;
	free(report->shortfall);
	report->shortfall = strdup("a\xfe");
	document = render_document(report, true);
	assert_int_equal(integer(json_object_get(document, "summary"), "asked"), 20);
	assert_string_equal(text_of(document, "shortfall"), "a\\xfe");
	json_decref(document);
	report__free(report);
}

/* Counters that do not fit into a JSON integer of jansson stay the largest number. */
static void test_json_loss(void **state)
{
	struct report *report = new_report();
	const json_t *loss;
	json_t *document;

	(void)state;
	report->loss.ring_drops = UINT64_MAX;
	report->loss.missed_probes = 2;
	report->loss.incomplete = true;
	free(report->loss.reason);
	report->loss.reason = strdup("full\xfe");
	document = render_document(report, true);
	loss = json_object_get(document, "loss");
	assert_int_equal(integer(loss, "ring_drops"), INT64_MAX);
	assert_int_equal(integer(loss, "missed_probes"), 2);
	assert_true(json_is_true(json_object_get(loss, "incomplete")));
	assert_string_equal(text_of(loss, "reason"), "full\\xfe");
	json_decref(document);
	report__free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_keys),      cmocka_unit_test(test_json_others),
		cmocka_unit_test(test_json_values),    cmocka_unit_test(test_json_surroundings),
		cmocka_unit_test(test_json_reuseport), cmocka_unit_test(test_json_migrated),
		cmocka_unit_test(test_json_layout),    cmocka_unit_test(test_json_empty),
		cmocka_unit_test(test_json_loss),      cmocka_unit_test(test_json_client),
		cmocka_unit_test(test_json_samples),   cmocka_unit_test(test_json_no_rate),
	};

	return cmocka_run_group_tests_name("render_json", tests, NULL, NULL);
}
