// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Herds: opportunity and waste, how many it takes, the load, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/reason.h"
#include "report/severity.h"
#include "verdict_fixture.h"

static void test_herd_proved(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	/* A connection that found one waiter could show nothing. */
	arrive(&t, 1, 1, 1, CAUSE_EPOLL);
	arrive(&t, 2, 4, 1, CAUSE_EPOLL);
	arrive(&t, 3, 4, 3, CAUSE_EPOLL);
	arrive(&t, 4, 3, 2, CAUSE_EPOLL);
	r = complete(&t);
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED,
		       "3 of 4 connections found two or more tasks waiting (up to 4); 2 of them");
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "up to 3 at once, 3 wakes for nothing");
	assert_true(r->verdicts.herd_bound >= 1);
	report__free(r);
}

/* One is enough, among however many. */
static void test_herd_proved_once(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 50; i++)
		arrive(&t, i, 2, i == 17 ? 2 : 1, CAUSE_POLL);
	r = complete(&t);
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "1 of them woke more");
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "1 wake for nothing");
	report__free(r);
}

/* "8 of 8 woke more than one" of 40 connections: the numbers add up for a reader. */
static void test_8_of_40_found_two(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 40; i++)
		arrive(&t, i, i <= 8 ? 4 : 1, i <= 8 ? 4 : 1, CAUSE_EPOLL);
	r = complete(&t);
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED,
		       "8 of 40 connections found two or more tasks waiting (up to 4); all 8 woke "
		       "more than could be of use, up to 4 at once, 24 wakes for nothing");
	report__free(r);
}

/* Shared epoll, connections in pairs: 2 wakes, 2 accepts, 0 wasted. */
static void test_every_wake_was_of_use(void **state)
{
	(void)state;
	for (unsigned pairs = 10; pairs <= 20; pairs += 10) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= 2 * pairs; i += 2) {
			tape__arrival(&t, i, LISTENER);
			for (unsigned n = 0; n < 4; n++)
				tape__waiter(&t, i, FIRST + n);
			tape__wake(&t, i, FIRST, CAUSE_EPOLL);
			tape__arrival(&t, i + 1, LISTENER);
			tape__waiter(&t, i + 1, FIRST + 2);
			tape__wake_by(&t, FIRST, i, FIRST + 1, CAUSE_CHAIN);
			tape__accept(&t, FIRST, i);
			tape__accept(&t, FIRST + 1, i + 1);
			tape__sleep(&t, FIRST);
			tape__sleep(&t, FIRST + 1);
		}
		r = complete(&t);
		assert_int_equal(r->totals.herd.many, pairs);
		assert_int_equal(r->totals.summary.wasted, 0);
		assert_verdict(&r->verdicts.herd,
			       pairs == 20 ? VERDICT_REFUTED : VERDICT_INCONCLUSIVE,
			       "none woke more than were of use");
		report__free(r);
	}
}

/* SO_REUSEPORT, 3 idle on the group's other listeners, woke 1: --expect no-herd can pass. */
static void test_reuseport_is_refuted(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned n = 0; n < 4; n++)
		tape__listen(&t, LISTENER + n, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= 20; i++) {
		tape__select(&t, LISTENER, i);
		tape__arrival(&t, i, LISTENER);
		for (unsigned n = 1; n < 4; n++)
			tape__waiter(&t, i, FIRST + n)->elsewhere = 1;
		tape__waiter(&t, i, FIRST);
		tape__wake(&t, i, FIRST, CAUSE_ACCEPT);
		tape__accept(&t, FIRST, i);
		tape__sleep(&t, FIRST);
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.herd, VERDICT_REFUTED, "less than 13.9 % of such connections");
	assert_verdict(&r->verdicts.herd, VERDICT_REFUTED, "(one at a time, every worker asleep)");
	report__free(r);
}

/* From both sides, and what does not help. */
static void test_herd_refuted(void **state)
{
	(void)state;
	for (unsigned n = VERDICT_MIN_SAMPLE - 1; n <= VERDICT_MIN_SAMPLE; n++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= n; i++)
			arrive(&t, i, i == 1 ? 7 : 2, i % 2, CAUSE_ACCEPT);
		for (unsigned i = 0; i < 10; i++)
			arrive(&t, 100 + i, 1, 1, CAUSE_ACCEPT);
		r = complete(&t);
		if (n == 20)
			assert_verdict(
				&r->verdicts.herd, VERDICT_REFUTED,
				"20 of 30 connections found two or more tasks waiting (up to 7)");
		else
			assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE,
				       ": 1 more such connections are needed");
		report__free(r);
	}
}

/* A wake whose outcome is not known is neither for nothing nor of use. */
static void test_pending_is_neither(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i < VERDICT_MIN_SAMPLE; i++)
		arrive(&t, i, 2, 1, CAUSE_EPOLL);
	tape__arrival(&t, 20, LISTENER);
	tape__wake(&t, 20, FIRST, CAUSE_EPOLL);
	tape__wake(&t, 20, FIRST + 1, CAUSE_EPOLL);
	tape__accept(&t, FIRST, 20);
	r = complete(&t);
	assert_int_equal(r->totals.herd.undecided, 1);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "19 of 20 connections found");
	report__free(r);
}

/* One task in epoll_wait dispatches, pool threads accept: nothing wasted. Two are woken: one is. */
static void test_handed_on_is_no_herd(void **state)
{
	(void)state;
	for (unsigned dispatchers = 1; dispatchers <= 2; dispatchers++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= 20; i++) {
			tape__arrival(&t, i, LISTENER);
			for (unsigned n = 0; n < 2; n++)
				tape__waiter(&t, i, FIRST + n)->tgid = FIRST;
			for (unsigned n = 0; n < dispatchers; n++)
				tape__wake(&t, i, FIRST + n, CAUSE_EPOLL)->tgid = FIRST;
			for (unsigned n = 0; n < dispatchers; n++)
				tape__return(&t, FIRST + n);
			tape__accept(&t, 50 + i % 4, i)->tgid = FIRST;
			for (unsigned n = 0; n < dispatchers; n++)
				tape__sleep(&t, FIRST + n);
		}
		r = complete(&t);
		assert_int_equal(r->totals.summary.outcome[OUTCOME_HANDED_ON], 20);
		assert_int_equal(r->totals.summary.wasted, 20 * (dispatchers - 1));
		assert_int_equal(r->verdicts.herd.value,
				 dispatchers == 1 ? VERDICT_REFUTED : VERDICT_PROVED);
		report__free(r);
	}
}

static void test_herd_could_not_show(void **state)
{
	struct tape none = {0}, alone = {0}, busy = {0};
	struct report *r;

	(void)state;
	r = complete(&none);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "there was no connection");
	report__free(r);
	for (unsigned i = 1; i <= 20; i++)
		arrive(&alone, i, 1, 1, CAUSE_ACCEPT);
	r = complete(&alone);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "none of 20 connections found two");
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "there is one worker");
	report__free(r);
	/* Both wait in turns, each while the other is busy. */
	for (unsigned i = 1; i <= 20; i++) {
		tape__arrival(&busy, i, LISTENER);
		tape__waiter(&busy, i, FIRST + i % 2);
		tape__wake(&busy, i, FIRST + i % 2, CAUSE_ACCEPT);
		tape__accept(&busy, FIRST + i % 2, i);
	}
	r = complete(&busy);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "the others were busy");
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE,
		       "(one at a time, workers busy at 95 % of arrivals)");
	report__free(r);
}

/* Tasks count, not wakes; and a hand-over of the lock is no herd. */
static void test_herd_is_of_tasks(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__waiter(&t, i, FIRST);
		tape__waiter(&t, i, FIRST + 1);
		tape__wake(&t, i, FIRST, CAUSE_EPOLL);
		tape__wake_by(&t, FIRST, 0, FIRST + 1, CAUSE_LOCK);
		tape__sleep(&t, FIRST);
		tape__wake(&t, i, FIRST, CAUSE_EPOLL);
		tape__accept(&t, FIRST, i);
	}
	r = complete(&t);
	assert_int_equal(r->connections[0].woken, 2);
	assert_int_equal(r->connections[0].wake_cnt, 3);
	assert_verdict(&r->verdicts.herd, VERDICT_REFUTED, "20 of 20 connections found");
	report__free(r);
}

/* The list of waiters may be short (a ring of io_uring is not on it); the wakes are not. */
static void test_herd_unseen_waiters(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 0, 2, CAUSE_IO_URING);
	r = complete(&t);
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "(up to 2); it woke more");
	assert_int_equal(r->totals.load.busy, 0);
	report__free(r);
}

/* ---- load ---- */

/* Three in the queue at once, before the two workers that are known by then come back. */
static void test_load(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 2, 1, CAUSE_ACCEPT);
	for (unsigned i = 2; i <= 4; i++)
		tape__arrival(&t, i, LISTENER);
	for (unsigned i = 2; i <= 4; i++)
		tape__accept(&t, FIRST + i % 2, i);
	arrive(&t, 5, 2, 1, CAUSE_ACCEPT);
	r = complete(&t);
	assert_int_equal(r->totals.load.most_queued, 3);
	assert_int_equal(r->totals.load.arrivals, 4); /* nobody was known at the first */
	assert_int_equal(r->totals.load.busy, 3);
	assert_non_null(strstr(r->verdicts.herd.reason,
			       "(up to 3 waiting to be accepted at once, workers busy at 75 %"));
	report__free(r);
}

/* ---- what it costs ---- */

/* 20 connections a second, 3 wakes for nothing each, every one of them this CPU time. */
static struct report *costly(uint64_t ns)
{
	struct tape t = {0};

	for (unsigned i = 1; i <= 21; i++) {
		t.clock_ns = i * UINT64_C(50000000);
		tape__arrival(&t, i, LISTENER);
		for (unsigned n = 0; n < 4; n++)
			tape__wake(&t, i, FIRST + n, CAUSE_EPOLL)->exec_ns = 1;
		tape__accept(&t, FIRST, i);
		for (unsigned n = 0; n < 4; n++)
			tape__sleep(&t, FIRST + n)->exec_ns = 1 + ns;
	}
	return complete(&t);
}

static void test_severity(void **state)
{
	struct report *small = costly(3000), *large = costly(7000000);
	struct severity s = severity__of(&large->totals);

	(void)state;
	assert_verdict(&small->verdicts.herd, VERDICT_PROVED,
		       "at this run's 20 connections per second it costs little: 60 wasted wakes "
		       "per second, 0.018 % of one CPU");
	assert_verdict(&large->verdicts.herd, VERDICT_PROVED,
		       "it costs 60 wasted wakes per second, 42 % of one CPU");
	assert_float_equal(s.wasted_per_connection, 3, 1e-6);
	assert_float_equal(s.connections_per_sec, 20, 1e-6);
	assert_float_equal(s.cpu_percent, 42, 1e-6);
	report__free(small);
	report__free(large);
}

/* One connection has no rate. */
static void test_no_rate(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 2, 2, CAUSE_EPOLL);
	r = complete(&t);
	assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
	assert_null(strstr(r->verdicts.herd.reason, "per second"));
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_herd_proved),
		cmocka_unit_test(test_herd_proved_once),
		cmocka_unit_test(test_8_of_40_found_two),
		cmocka_unit_test(test_every_wake_was_of_use),
		cmocka_unit_test(test_reuseport_is_refuted),
		cmocka_unit_test(test_herd_refuted),
		cmocka_unit_test(test_pending_is_neither),
		cmocka_unit_test(test_handed_on_is_no_herd),
		cmocka_unit_test(test_herd_could_not_show),
		cmocka_unit_test(test_herd_is_of_tasks),
		cmocka_unit_test(test_herd_unseen_waiters),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
