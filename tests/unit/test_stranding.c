// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Who slept while a connection waited, and what the verdict on stranding says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_fixture.h"
#include "report/verdict.h"

#define OTHER (LISTENER + 1) /* of the same group */
#define FIRST 11             /* tid of the first worker */
#define MS    UINT64_C(1000000)

static struct report *decided(struct tape *tape)
{
	struct report *r = complete_report_of(tape);

	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	return r;
}

/* Takes the report. */
static void assert_stranding(struct report *r, enum verdict value, const char *words)
{
	const struct report_verdict *v = &r->verdicts.stranding;

	if (v->value != value || !strstr(v->reason, words))
		fail_msg("%s: \"%s\" is not %s with \"%s\"", verdict__name(v->value), v->reason,
			 verdict__name(value), words);
	report__free(r);
}

/* One that is accepted at once by the first of these waiters, who then works; the others sleep on. */
static void serve(struct tape *t, uint64_t arrival, unsigned waiters)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < waiters; i++)
		tape__waiter(t, arrival, FIRST + i);
	tape__wake(t, arrival, FIRST, CAUSE_EPOLL);
	tape__run(t, FIRST);
	tape__accept(t, FIRST, arrival);
}

/* ---- the time that counts ---- */

/* So long in the queue while so many of 3 waiters were woken and others of the group idle. */
static struct report *waited(int64_t ns, unsigned woken, unsigned group_idle, bool accepted)
{
	struct tape t = {0};

	tape__arrival(&t, 1, LISTENER);
	for (unsigned i = 0; i < 3; i++)
		tape__waiter(&t, 1, FIRST + i);
	for (unsigned i = 0; i < group_idle; i++)
		tape__waiter(&t, 1, 50 + i)->elsewhere = 1;
	for (unsigned i = 0; i < woken; i++)
		tape__wake(&t, 1, FIRST + i, CAUSE_POLL);
	/* As often as you like: it is the same task. */
	for (unsigned i = 0; woken && i < 9; i++)
		tape__wake(&t, 1, FIRST, CAUSE_POLL);
	t.clock_ns = ns;
	if (accepted)
		tape__accept(&t, FIRST, 1);
	else
		tape__run(&t, FIRST);
	t.clock_ns = ns;
	return decided(&t);
}

static const struct {
	int64_t ns;
	unsigned woken, group_idle;
	bool stranded;
} waits[] = {
	{STRANDED_NS, 1, 0, false},
	{STRANDED_NS + 1, 1, 0, true},
	{STRANDED_NS + 1, 0, 0, true},
	{STRANDED_NS + 1, 2, 0, true},
	/* Nobody slept on: all three were woken, and the group has no others. */
	{STRANDED_NS * 9, 3, 0, false},
	{STRANDED_NS + 1, 3, 1, true},
	{STRANDED_NS, 3, 1, false},
	{1, 0, 5, false},
};

static void test_threshold(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(waits) / sizeof(waits[0]); i++) {
		bool stranded = waits[i / 2].stranded, accepted = i % 2;
		struct report *r = waited(waits[i / 2].ns, waits[i / 2].woken,
					  waits[i / 2].group_idle, accepted);

		assert_int_equal(r->connections[0].end,
				 accepted ? CONNECTION_ACCEPTED : CONNECTION_WAITING);
		assert_int_equal(r->connections[0].stranded, stranded);
		assert_stranding(r, stranded ? VERDICT_PROVED : VERDICT_INCONCLUSIVE,
				 stranded ? "1 of 1 connections" : "none of 1 connections");
	}
}

/*
 * A second connection waits, and comes while the only task that could take it works; then that sleeps on
 * something that the listener can end: from when, until when.
 */
static struct report *slept(uint64_t from_ms, uint64_t until_ms, uint64_t accepted_ms)
{
	struct tape t = {0};
	uint64_t came_ns;

	serve(&t, 1, 1);
	tape__sleep(&t, FIRST);
	tape__arrival(&t, 2, LISTENER);
	came_ns = t.clock_ns;
	t.clock_ns = came_ns + from_ms * MS;
	tape__standby(&t, 0, FIRST);
	t.clock_ns = came_ns + until_ms * MS;
	tape__standby(&t, 0, FIRST)->call = CALL_NONE;
	t.clock_ns = came_ns + accepted_ms * MS;
	tape__accept(&t, 40, 2)->listener = LISTENER;
	return decided(&t);
}

static void test_overlap(void **state)
{
	(void)state;
	assert_stranding(slept(1, 5000, 5001), VERDICT_PROVED, "the longest waited 5.0 s");
	assert_stranding(slept(1, 102, 5000), VERDICT_PROVED, "1 of 2");
	assert_stranding(slept(1, 101, 5000), VERDICT_INCONCLUSIVE, "19 more");
	assert_stranding(slept(200, 250, 5000), VERDICT_INCONCLUSIVE, "19 more");
}

/* Two that are too short are not one that is long enough. */
static void test_short_sleeps(void **state)
{
	struct tape t = {0};

	(void)state;
	serve(&t, 1, 1);
	tape__sleep(&t, FIRST);
	tape__arrival(&t, 2, LISTENER);
	for (int i = 0; i < 9; i++) {
		tape__standby(&t, 0, FIRST);
		t.clock_ns += 60 * MS;
		tape__standby(&t, 0, FIRST)->call = CALL_NONE;
	}
	tape__accept(&t, FIRST, 2)->listener = LISTENER;
	assert_stranding(decided(&t), VERDICT_INCONCLUSIVE, "19 more");
}

/* Nothing is told while no connection waits: who slept then may do anything since. */
static void test_nothing_is_told_in_between(void **state)
{
	struct tape t = {0};

	(void)state;
	serve(&t, 1, 2);
	t.clock_ns += 500 * MS;
	/* Nobody sleeps now. */
	tape__arrival(&t, 2, LISTENER);
	t.clock_ns += 500 * MS;
	tape__accept(&t, FIRST, 2)->listener = LISTENER;
	assert_stranding(decided(&t), VERDICT_INCONCLUSIVE, "19 more");
}

/* Only who waits there can take it. */
static void test_other_listener(void **state)
{
	struct tape t = {0};

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__listen(&t, OTHER, 9999);
	serve(&t, 1, 1);
	tape__arrival(&t, 2, LISTENER);
	tape__arrival(&t, 3, OTHER);
	tape__waiter(&t, 3, 50);
	tape__waiter(&t, 3, 51);
	tape__wake(&t, 3, 50, CAUSE_ACCEPT);
	tape__accept(&t, 50, 3)->listener = OTHER;
	t.clock_ns += 500 * MS;
	tape__accept(&t, FIRST, 2)->listener = LISTENER;
	assert_stranding(decided(&t), VERDICT_INCONCLUSIVE, "19 more");
}

/* ---- causes ---- */

/* Of two listeners one is busy; the other one's task works at the arrival, and is idle 1 µs later. */
static void test_behind_a_busy_listener(void **state)
{
	struct tape t = {0};

	(void)state;
	tape__listen(&t, LISTENER, 8888)->reuseport = 1;
	tape__listen(&t, OTHER, 8888)->reuseport = 1;
	serve(&t, 1, 1);
	tape__arrival(&t, 2, LISTENER);
	tape__waiter(&t, 2, 50)->elsewhere = 1;
	tape__accept(&t, FIRST, 2)->listener = LISTENER;
	tape__arrival(&t, 3, LISTENER);
	tape__standby(&t, OTHER, 50)->call = CALL_ACCEPT;
	t.clock_ns += 5000 * MS;
	tape__accept(&t, FIRST, 3)->listener = LISTENER;
	assert_stranding(
		decided(&t), VERDICT_PROVED,
		"1 of 3 connections: 1 queued at a busy listener, while others of its group "
		"slept; the longest waited 5.0 s");
}

/* One of 20: the task that was woken is held off its CPU, the others sleep. */
static void test_run_queue_delay(void **state)
{
	struct tape t = {0};

	(void)state;
	for (unsigned i = 1; i <= 20; i++) {
		tape__arrival(&t, i, LISTENER);
		for (unsigned task = 0; task < 4; task++)
			tape__waiter(&t, i, FIRST + task);
		tape__wake(&t, i, FIRST, CAUSE_ACCEPT);
		t.clock_ns += i == 7 ? 150 * MS : 0;
		tape__run(&t, FIRST);
		tape__accept(&t, FIRST, i)->listener = LISTENER;
		tape__sleep(&t, FIRST);
	}
	assert_stranding(decided(&t), VERDICT_PROVED,
			 "1 of 20 connections: 1 behind a task that was woken and got no CPU");
}

static void test_left_by_who_was_woken(void **state)
{
	struct tape t = {0};

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	for (unsigned task = 0; task < 4; task++)
		tape__waiter(&t, 1, FIRST + task);
	tape__wake(&t, 1, FIRST, CAUSE_EPOLL);
	tape__run(&t, FIRST);
	tape__return(&t, FIRST);
	t.clock_ns += 150 * MS;
	tape__accept(&t, FIRST, 1)->listener = LISTENER;
	assert_stranding(decided(&t), VERDICT_PROVED, "1 left by the task that was woken");
}

/* The workers exit with 6 connections in the queue of a listener that stays open elsewhere. */
static void test_nobody_is_left(void **state)
{
	struct tape t = {0};

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	serve(&t, 1, 4);
	for (unsigned i = 2; i <= 7; i++)
		tape__arrival(&t, i, LISTENER);
	for (unsigned task = 0; task < 4; task++)
		tape__task(&t, TASK_EXITED, FIRST + task, "server");
	t.clock_ns += 200 * MS;
	tape__task(&t, TASK_RENAMED, 9, "late");
	assert_stranding(decided(&t), VERDICT_PROVED, "6 of 7 connections: 6 never accepted");
}

static void test_lost(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	serve(&t, 1, 1);
	tape__arrival(&t, 2, LISTENER);
	tape__arrival(&t, 3, LISTENER);
	tape__unlisten(&t, LISTENER);
	r = decided(&t);
	assert_false(r->connections[0].stranded);
	assert_true(r->connections[1].stranded);
	assert_true(r->connections[2].stranded);
	assert_stranding(r, VERDICT_PROVED,
			 "2 of 3 connections: 2 lost when their listener closed");
}

/* ---- what a run can show ---- */

/* Of version 1: who slept when it was not woken for a connection is not told; what was lost is. */
static void test_old_recording(void **state)
{
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		struct tape t = {0};

		for (unsigned i = 1; i <= 25; i++) {
			tape__arrival(&t, i, LISTENER);
			tape__accept(&t, FIRST, i)->listener = LISTENER;
		}
		tape__arrival(&t, 26, LISTENER);
		tape__wake(&t, 26, FIRST, CAUSE_ACCEPT)->number = 0;
		if (lost)
			tape__unlisten(&t, LISTENER);
		assert_stranding(decided(&t), lost ? VERDICT_PROVED : VERDICT_INCONCLUSIVE,
				 lost ? "1 lost" : "version that did not tell");
	}
}

/* Connections that come while one of two workers is at work, and go to the other at once. */
static struct report *busy(unsigned connections)
{
	struct tape t = {0};

	serve(&t, 1, 2);
	for (unsigned i = 2; i <= connections + 1; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__waiter(&t, i, FIRST + 1);
		tape__wake(&t, i, FIRST + 1, CAUSE_EPOLL);
		tape__run(&t, FIRST + 1);
		tape__accept(&t, FIRST + 1, i)->listener = LISTENER;
		tape__sleep(&t, FIRST + 1);
	}
	return decided(&t);
}

static void test_sample(void **state)
{
	struct tape none = {0}, idle = {0}, early = {0}, hidden = {0};

	(void)state;
	assert_stranding(decided(&none), VERDICT_INCONCLUSIVE, "no connection");
	for (unsigned i = 1; i <= 3; i++) {
		serve(&idle, i, 4);
		tape__sleep(&idle, FIRST);
	}
	assert_stranding(decided(&idle), VERDICT_INCONCLUSIVE,
			 "none of 3 connections came while a worker was busy");
	/* Nobody was there. */
	tape__arrival(&early, 1, LISTENER);
	tape__accept(&early, FIRST, 1)->listener = LISTENER;
	assert_stranding(decided(&early), VERDICT_INCONCLUSIVE, "1 of 1 connections came while");
	/* Somebody was, behind what could not be looked into. */
	tape__arrival(&hidden, 1, LISTENER);
	tape__walk(&hidden, 1, 1)->truncated = 1;
	tape__accept(&hidden, FIRST, 1)->listener = LISTENER;
	assert_stranding(decided(&hidden), VERDICT_INCONCLUSIVE, "none of 1 connections came");
	assert_stranding(busy(19), VERDICT_INCONCLUSIVE, "1 more of these");
	assert_stranding(busy(20), VERDICT_REFUTED, "fewer than 14 %");
	assert_stranding(busy(59), VERDICT_REFUTED, "fewer than 5 %");
}

/* Of those that came while the only worker was busy, and that nobody has taken in the end, nothing can be said. */
static void test_never_accepted(void **state)
{
	struct tape t = {0};

	(void)state;
	serve(&t, 1, 1);
	for (unsigned i = 2; i <= 25; i++)
		tape__arrival(&t, i, LISTENER);
	tape__accept(&t, FIRST, 2)->listener = LISTENER;
	t.clock_ns += 5000 * MS;
	tape__run(&t, FIRST);
	assert_stranding(
		decided(&t), VERDICT_INCONCLUSIVE,
		"23 of 25 connections came while a worker was busy and nobody has accepted them "
		"yet; of the 1 others that came so none was stranded: 19 more of these are "
		"needed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_short_sleeps),
		cmocka_unit_test(test_nothing_is_told_in_between),
		cmocka_unit_test(test_other_listener),
		cmocka_unit_test(test_behind_a_busy_listener),
		cmocka_unit_test(test_run_queue_delay),
		cmocka_unit_test(test_left_by_who_was_woken),
		cmocka_unit_test(test_nobody_is_left),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_old_recording),
		cmocka_unit_test(test_never_accepted),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
