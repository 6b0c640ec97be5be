// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A report on one listener of several: its connections, its workers, and nothing of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model_fixture.h"
#include "report/restrict.h"
#include "report/verdict.h"

#define SECOND 0x2222

/* At the first one both tasks are woken and one accepts; the second one has a task, and one connection too many. */
static void tell_story(struct tape *t)
{
	tape__listen(t, LISTENER, 8080);
	tape__listen(t, SECOND, 8081);
	arrive(t, 1, 11, 2);
	tape__wake(t, 1, 11, CAUSE_EPOLL);
	tape__wake(t, 1, 12, CAUSE_EPOLL);
	tape__walk(t, 1, 2);
	tape__accept(t, 12, 1);
	tape__sleep(t, 12);
	tape__sleep(t, 11);
	tape__arrival(t, 2, SECOND);
	tape__waiter(t, 2, 21);
	tape__wake(t, 2, 21, CAUSE_ACCEPT);
	tape__walk(t, 2, 1);
	tape__accept(t, 21, 2);
	tape__arrival(t, 3, SECOND);
	tape__walk(t, 3, 0);
	tape__end(t);
}

/* With its rows still where they were kept. */
static struct report *new_report(void)
{
	struct rows *rows = rows__new();
	struct model *m = model__new();
	const struct record_header *r = NULL;
	struct report *report;
	struct tape t = {0};

	tell_story(&t);
	model__add_sink(m, rows__take, rows);
	while ((r = tape__next(&t, r)))
		assert_int_equal(model__take(m, r), 0);
	report = model__finish(m, rows);
	assert_non_null(report);
	assert_false(report->loss.incomplete);
	model__free(m);
	tape__free(&t);
	return report;
}

static void test_names(void **state)
{
	struct report_listener l = {.id = 12, .address = (char *)"[::1]:8080"};

	(void)state;
	assert_true(listener__is_called(&l, "12"));
	assert_true(listener__is_called(&l, "[::1]:8080"));
	assert_true(listener__is_called(&l, ":8080"));
	assert_false(listener__is_called(&l, "1"));
	assert_false(listener__is_called(&l, ":808"));
	assert_false(listener__is_called(&l, "8080"));
	assert_false(listener__is_called(&l, ""));
	l.address = (char *)"/run/x.sock";
	assert_true(listener__is_called(&l, "/run/x.sock"));
	assert_false(listener__is_called(&l, ":"));
}

/* While the run goes on, which has to know whether it is worth while. */
static void test_known_by_name(void **state)
{
	struct model *m = model__new();
	const struct record_header *r = NULL;
	struct tape t = {0};

	(void)state;
	tape__listen(&t, LISTENER, 8080);
	tape__listen(&t, SECOND, 8081);
	tape__unlisten(&t, SECOND);
	assert_false(model__has_listener(m, "1"));
	r = tape__next(&t, NULL);
	assert_int_equal(model__take(m, r), 0);
	assert_true(model__has_listener(m, "1"));
	assert_true(model__has_listener(m, ":8080"));
	assert_false(model__has_listener(m, "2"));
	assert_false(model__has_listener(m, ":8081"));
	while ((r = tape__next(&t, r)))
		assert_int_equal(model__take(m, r), 0);
	/* It is closed; a report at the end has it all the same. */
	assert_true(model__has_listener(m, ":8081"));
	assert_false(model__has_listener(m, ":8082"));
	model__free(m);
	tape__free(&t);
}

static void test_sums(void **state)
{
	struct report *r = new_report();
	const struct report_summary *s = &r->totals.summary;

	(void)state;
	assert_int_equal(report__restrict(r, "2"), 1);
	assert_int_equal(s->connections, 2);
	assert_int_equal(s->accepted, 1);
	assert_int_equal(s->waiting, 1);
	assert_int_equal(s->wakes, 1);
	assert_int_equal(s->wasted, 0);
	assert_int_equal(s->wakes_by_cause.of[CAUSE_EPOLL], 0);
	assert_int_equal(s->wakes_by_cause.of[CAUSE_ACCEPT], 1);
	assert_int_equal(r->totals.herd.possible, 0);
	assert_int_equal(r->totals.wakes.of[2], 0);
	assert_int_equal(r->totals.worker_cnt, 1);
	assert_int_equal(r->totals.workers[0].tid, 21);
	assert_int_equal(r->totals.workers[0].id, 3);
	assert_int_equal(r->totals.workers[0].accepted, 1);
	assert_int_equal(r->totals.workers[0].wakes, 1);
	report__free(r);
}

static void test_the_other_one(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(report__restrict(r, "1"), 1);
	assert_int_equal(r->totals.summary.connections, 1);
	assert_int_equal(r->totals.summary.wakes, 2);
	assert_int_equal(r->totals.summary.wasted, 1);
	assert_int_equal(r->totals.herd.many, 1);
	assert_int_equal(r->totals.worker_cnt, 2);
	assert_int_equal(r->totals.workers[1].accepted, 1);
	report__free(r);
}

/* What is there stays to be seen. */
static void test_listeners(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(report__restrict(r, "2"), 1);
	assert_int_equal(r->totals.listener_cnt, 2);
	assert_int_equal(r->totals.listeners[0].connections, 1);
	assert_int_equal(r->totals.listeners[1].connections, 2);
	assert_int_equal(r->totals.listeners[1].accepted, 1);
	assert_int_equal(r->note_cnt, 1);
	assert_string_equal(r->notes[0], "only listener 2: 2 of 3 connections; workers that these "
					 "did not concern are left out");
	report__free(r);
}

/* Two waited at each; all 20 went to one of them at the first, in turn at the second. */
static struct report *judged(const char *name)
{
	struct rows *rows = rows__new();
	struct model *m = model__new();
	const struct record_header *h = NULL;
	struct tape t = {0};
	struct report *r;

	tape__listen(&t, LISTENER, 8080);
	tape__listen(&t, SECOND, 8081);
	for (unsigned i = 1; i <= 40; i++) {
		uint32_t tid = i % 2 ? 31 : 21, winner = i % 2 ? 31 : 21 + i / 2 % 2;

		tape__arrival(&t, i, i % 2 ? LISTENER : SECOND);
		tape__waiter(&t, i, tid)->place = tid == winner ? 1 : 2;
		tape__waiter(&t, i, tid + 1)->place = tid == winner ? 2 : 1;
		tape__wake(&t, i, winner, CAUSE_EPOLL);
		tape__accept(&t, winner, i);
		tape__sleep(&t, winner);
	}
	tape__holder(&t, LISTENER, 31, 10);
	tape__holder(&t, LISTENER, 32, 10);
	tape__holder(&t, LISTENER, 5, 10);
	for (unsigned w = 21; w <= 22; w++)
		tape__holder(&t, SECOND, w, 10);
	tape__end(&t);
	model__add_sink(m, rows__take, rows);
	while ((h = tape__next(&t, h)))
		assert_int_equal(model__take(m, h), 0);
	r = model__finish(m, rows);
	model__free(m);
	tape__free(&t);
	assert_int_equal(report__restrict(r, name), 1);
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	return r;
}

/* What the verdicts read is of this listener alone, and of its workers: 5 has never waited. */
static void test_verdicts(void **state)
{
	struct report *uneven = judged("1"), *even = judged("2");

	(void)state;
	assert_int_equal(uneven->totals.worker_cnt, 3);
	assert_int_equal(uneven->totals.workers[0].tid, 5);
	assert_false(uneven->totals.workers[0].waited);
	assert_int_equal(uneven->verdicts.skew.value, VERDICT_PROVED);
	assert_non_null(strstr(uneven->verdicts.skew.reason, "20 connections over 3 workers: "));
	assert_non_null(strstr(uneven->verdicts.skew.reason, "the most for worker 4 (31)"));
	assert_non_null(strstr(uneven->verdicts.skew.reason, "won 20 of 20 draws"));
	assert_int_equal(uneven->verdicts.herd.value, VERDICT_REFUTED);
	assert_int_equal(even->totals.worker_cnt, 2);
	assert_int_equal(even->verdicts.skew.value, VERDICT_REFUTED);
	assert_non_null(strstr(even->verdicts.skew.reason, "20 connections over 2 workers: "));
	report__free(uneven);
	report__free(even);
}

/* With the numbers and times that they have in the whole report. */
static void test_rows(void **state)
{
	struct report *whole = new_report(), *r = new_report();

	(void)state;
	assert_int_equal(report__load(whole), 0);
	assert_int_equal(report__restrict(r, ":8081"), 1);
	assert_int_equal(report__load(r), 0);
	assert_int_equal(r->connection_cnt, 2);
	assert_int_equal(connection(r, 1)->id, 2);
	assert_int_equal(connection(r, 2)->id, 3);
	assert_int_equal(connection(r, 1)->time_ns, connection(whole, 2)->time_ns);
	assert_int_equal(connection(r, 1)->accepted_by, 21);
	assert_int_equal(connection(r, 1)->accepted_worker, 3);
	assert_int_equal(wake(r, 1, 0)->tid, 21);
	report__free(whole);
	report__free(r);
}

static void test_nobody(void **state)
{
	struct report *r = new_report();

	(void)state;
	assert_int_equal(report__restrict(r, "3"), 0);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),         cmocka_unit_test(test_sums),
		cmocka_unit_test(test_the_other_one), cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_rows),          cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_nobody),        cmocka_unit_test(test_known_by_name),
	};

	return cmocka_run_group_tests_name("restrict", tests, NULL, NULL);
}
