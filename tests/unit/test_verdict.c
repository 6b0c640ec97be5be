// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* From rows to verdicts: every value, every threshold from both sides, the advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "records.h"
#include "report/chi_square.h"
#include "report/verdict.h"

#define LISTENER 0x1111
#define FIRST    11 /* tid of the first worker */

/* ---- from a tape to a verdict ---- */

static struct report *decided(struct tape *tape)
{
	struct report *r = tape__report(tape);

	tape__free(tape);
	assert_non_null(r);
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	assert_non_null(r->verdicts.advice);
	return r;
}

static struct report *complete(struct tape *tape)
{
	struct report *r;

	tape__end(tape);
	r = decided(tape);
	assert_false(r->loss.incomplete);
	return r;
}

static void assert_verdict(const struct report_verdict *v, enum verdict value, const char *words)
{
	if (v->value != value || !strstr(v->reason, words))
		fail_msg("%s: \"%s\" is not %s with \"%s\"", verdict__name(v->value), v->reason,
			 verdict__name(value), words);
}

/* An arrival with so many waiters, of which so many are woken and all but the first too late. */
static void arrive(struct tape *t, uint64_t arrival, unsigned waiters, unsigned woken,
		   enum wake_cause cause)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < waiters; i++)
		tape__waiter(t, arrival, FIRST + i);
	for (unsigned i = 0; i < woken; i++)
		tape__wake(t, arrival, FIRST + i, cause);
	tape__walk(t, arrival, woken);
	tape__accept(t, FIRST, arrival);
	for (unsigned i = 0; i < woken; i++)
		tape__sleep(t, FIRST + i);
}

/* ---- herd ---- */

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
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "2 of 3 connections woke more than one");
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "up to 4 waiting tasks, at most 3");
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
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "1 of 50 connections");
	report__free(r);
}

static void test_herd_refuted(void **state)
{
	(void)state;
	for (unsigned n = HERD_MIN_ARRIVALS - 1; n <= HERD_MIN_ARRIVALS; n++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= n; i++)
			arrive(&t, i, i == 1 ? 7 : 2, i % 2, CAUSE_ACCEPT);
		/* These do not help. */
		for (unsigned i = 0; i < 10; i++)
			arrive(&t, 100 + i, 1, 1, CAUSE_ACCEPT);
		r = complete(&t);
		if (n == 5)
			assert_verdict(&r->verdicts.herd, VERDICT_REFUTED,
				       "5 connections found up to 7");
		else
			assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE,
				       "woke at most one each, 5 are needed");
		report__free(r);
	}
}

static void test_herd_could_not_show(void **state)
{
	struct tape none = {0}, alone = {0}, reuseport = {0};
	struct report *r;

	(void)state;
	r = complete(&none);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "could not have shown itself");
	report__free(r);
	for (unsigned i = 1; i <= 20; i++)
		arrive(&alone, i, 1, 1, CAUSE_ACCEPT);
	r = complete(&alone);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "none of 20 connections found two");
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "start more workers");
	report__free(r);
	tape__listen(&reuseport, LISTENER, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= 20; i++) {
		tape__select(&reuseport, LISTENER, i);
		arrive(&reuseport, i, 1, 1, CAUSE_ACCEPT);
	}
	r = complete(&reuseport);
	assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, "SO_REUSEPORT");
	report__free(r);
}

/* Tasks count, not wakes; and a hand-over of the lock is no herd. */
static void test_herd_is_of_tasks(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 6; i++) {
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
	assert_verdict(&r->verdicts.herd, VERDICT_REFUTED, "6 connections found up to 2");
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
	assert_verdict(&r->verdicts.herd, VERDICT_PROVED, "1 of 1 connections");
	report__free(r);
}

/* ---- loss ---- */

static void test_incomplete(void **state)
{
	static const enum wake_cause causes[] = {CAUSE_EPOLL, CAUSE_OTHER};

	(void)state;
	for (int what = 0; what < 4; what++) {
		struct tape t = {0};
		struct record_end *end;
		struct report *r;

		for (unsigned i = 1; i <= 20; i++)
			arrive(&t, i, 2, 2, causes[what == 3]);
		if (what) {
			end = tape__end(&t);
			end->missed_probes = what == 1;
			end->wakes += what == 2;
		}
		r = decided(&t);
		assert_true(r->loss.incomplete);
		assert_verdict(&r->verdicts.herd, VERDICT_INCONCLUSIVE, r->loss.reason);
		assert_verdict(&r->verdicts.skew, VERDICT_INCONCLUSIVE, "missing");
		assert_verdict(&r->verdicts.stranding, VERDICT_INCONCLUSIVE, "missing");
		assert_string_equal(r->verdicts.advice, "");
		report__free(r);
	}
}

/* ---- skew ---- */

/* Reports of nothing but workers that accepted so many connections each. */
static struct report *accepted_by(const unsigned *accepted, size_t workers)
{
	struct report *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->totals.workers = calloc(workers + 1, sizeof(*r->totals.workers));
	assert_non_null(r->totals.workers);
	r->totals.worker_cnt = workers;
	for (size_t i = 0; i < workers; i++) {
		r->totals.workers[i].id = i + 1;
		r->totals.workers[i].accepted = accepted[i];
		r->totals.summary.accepted += accepted[i];
	}
	r->totals.summary.connections = r->totals.summary.accepted;
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	return r;
}

static const struct {
	size_t workers;
	unsigned accepted[4];
	enum verdict value;
	const char *words;
} splits[] = {
	{0, {0}, VERDICT_INCONCLUSIVE, "0 workers"},
	{1, {20}, VERDICT_INCONCLUSIVE, "1 worker"},
	{2, {0, 0}, VERDICT_INCONCLUSIVE, "0 accepted connections are too few"},
	/* Five for each worker are needed, however uneven the split. */
	{2, {9, 0}, VERDICT_INCONCLUSIVE, "9 accepted connections are too few to judge 2 workers"},
	{2, {5, 5}, VERDICT_REFUTED, "10 connections over 2 workers, from 5 to 5"},
	{4, {19, 0, 0, 0}, VERDICT_INCONCLUSIVE, "20 are needed"},
	{4, {20, 0, 0, 0}, VERDICT_PROVED, "20 connections over 4 workers, from 0 to 20"},
	/* Two workers: (a - b)^2 / (a + b) against 10.828, or 3 % more. */
	{2, {67, 33}, VERDICT_PROVED, "chi-square 11.6"},
	{2, {66, 34}, VERDICT_REFUTED, "chi-square 10.2"},
	{2, {33, 67}, VERDICT_PROVED, "from 33 to 67"},
	/* Four: against 16.266. */
	{4, {39, 25, 18, 18}, VERDICT_REFUTED, "chi-square 11.8"},
	{4, {42, 24, 17, 17}, VERDICT_PROVED, "chi-square 16.7"},
	{4, {41, 25, 17, 17}, VERDICT_REFUTED, "chi-square 15.4"},
	{4, {25, 25, 25, 25}, VERDICT_REFUTED, "chi-square 0.0"},
};

static void test_skew(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		struct report *r = accepted_by(splits[i].accepted, splits[i].workers);

		assert_verdict(&r->verdicts.skew, splits[i].value, splits[i].words);
		report__free(r);
	}
}

/* From the records on: who never accepts counts among the workers. */
static void test_skew_of_records(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 4, 1, CAUSE_EPOLL);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "20 connections over 4 workers, from 0 to 20");
	assert_non_null(strstr(r->verdicts.advice, "epoll"));
	assert_non_null(strstr(r->verdicts.advice, "SO_REUSEPORT"));
	report__free(r);
}

/* What a table of the distribution says for 0.001. */
static void test_chi_square(void **state)
{
	static const struct {
		unsigned degrees;
		double value;
	} table[] = {
		{1, 10.828},  {2, 13.816},  {3, 16.266},  {4, 18.467},   {6, 22.458},
		{10, 29.588}, {20, 45.315}, {30, 59.703}, {99, 148.230}, {100, 149.449},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		double value = chi_square__critical(table[i].degrees);

		/* It errs on the side of a fair split. */
		assert_true(value > table[i].value * 0.9999);
		assert_true(value < table[i].value * 1.032);
		if (table[i].degrees >= 6)
			assert_true(value < table[i].value * 1.01);
	}
}

/* ---- advice ---- */

static const struct {
	enum wake_cause first, others;
	const char *function, *cure;
} cures[] = {
	{CAUSE_EPOLL, CAUSE_EPOLL, "ep_poll_callback()", "EPOLLEXCLUSIVE"},
	{CAUSE_EPOLL, CAUSE_CHAIN, "ep_done_scan()", "EPOLLET"},
	{CAUSE_POLL, CAUSE_POLL, "pollwake()", "EPOLLEXCLUSIVE"},
	{CAUSE_EPOLL, CAUSE_POLL, "pollwake()", "SO_REUSEPORT"},
	{CAUSE_POLL, CAUSE_EPOLL, "ep_poll_callback()", "SO_REUSEPORT"},
	{CAUSE_IO_URING, CAUSE_IO_URING, "io_poll_wake()", "SO_REUSEPORT"},
	{CAUSE_ACCEPT, CAUSE_ACCEPT, "blocking accept", "SO_REUSEPORT"},
};

/* By the cause of the wakes that were too many, not of those that every connection needs. */
static void test_advice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
		struct tape t = {0};
		struct report *r;

		/* Not the most. */
		arrive(&t, 20, 2, 2, CAUSE_EPOLL);
		for (unsigned n = 1; n <= 3; n++) {
			arrive(&t, 10 + n, 4, 1, cures[i].first);
			tape__arrival(&t, n, LISTENER);
			tape__wake_by(&t, FIRST, 0, FIRST + 2, CAUSE_LOCK);
			tape__wake(&t, n, FIRST, cures[i].first);
			tape__wake_by(&t, FIRST, n, FIRST + 1, cures[i].others);
			tape__accept(&t, FIRST, n);
		}
		r = complete(&t);
		assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
		if (!strstr(r->verdicts.advice, cures[i].function) ||
		    !strstr(r->verdicts.advice, cures[i].cure))
			fail_msg("%zu: %s", i, r->verdicts.advice);
		report__free(r);
	}
}

static void test_no_advice(void **state)
{
	struct tape t = {0}, reuseport = {0};
	struct report *r;

	(void)state;
	/* Nothing is wrong. */
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 1, 1, CAUSE_EPOLL);
	r = complete(&t);
	assert_string_equal(r->verdicts.advice, "");
	report__free(r);
	/* The hash was unkind: SO_REUSEPORT cannot be the cure for SO_REUSEPORT. */
	tape__listen(&reuseport, LISTENER, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= 20; i++) {
		tape__select(&reuseport, LISTENER, i);
		arrive(&reuseport, i, 2, 1, CAUSE_EPOLL);
	}
	r = complete(&reuseport);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	assert_string_equal(r->verdicts.advice, "");
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_herd_proved),      cmocka_unit_test(test_herd_proved_once),
		cmocka_unit_test(test_herd_refuted),     cmocka_unit_test(test_herd_could_not_show),
		cmocka_unit_test(test_herd_is_of_tasks), cmocka_unit_test(test_herd_unseen_waiters),
		cmocka_unit_test(test_incomplete),       cmocka_unit_test(test_skew),
		cmocka_unit_test(test_skew_of_records),  cmocka_unit_test(test_chi_square),
		cmocka_unit_test(test_advice),           cmocka_unit_test(test_no_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
