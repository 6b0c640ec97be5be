// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Connections that are over are handed on and forgotten, and nothing that comes late is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "model_fixture.h"
#include "record/check.h"

/* More than are kept after their end. */
#define MANY 6000

/* A connection with nothing special: one task waits, is woken and accepts it. */
static void plain(struct tape *t, uint64_t arrival)
{
	arrive(t, arrival, 11, 1);
	tape__wake(t, arrival, 11, CAUSE_EPOLL);
	tape__walk(t, arrival, 1);
	tape__accept(t, 11, arrival);
	tape__sleep(t, 11);
}

static void plain_ones(struct tape *t, uint64_t first, unsigned cnt)
{
	while (cnt--)
		plain(t, first++);
}

/* ---- when they are handed on ---- */

struct seen {
	uint64_t cnt, last;
	int error;
};

static int see(void *arg, const struct closed_connection *c)
{
	struct seen *s = arg;

	s->cnt++;
	s->last = c->number;
	return s->error;
}

static int feed(struct model *m, const struct tape *t)
{
	const struct record_header *r = NULL;
	int err = 0;

	while (!err && (r = tape__next(t, r)))
		err = model__take(m, r);
	return err;
}

struct queues {
	size_t listeners, queued;
};

static void add_queue(void *arg, uint32_t listener, size_t queued)
{
	struct queues *q = arg;

	assert_int_equal(listener, q->listeners++);
	q->queued += queued;
}

/* Who looks on sees what was over by a given time, and does not change what comes out in the end. */
static void test_look(void **state)
{
	struct model *m = model__new();
	struct queues queues = {0};
	const struct totals *t;
	struct tape tape = {0};
	struct report_loss loss;
	struct record_end dropped = {.ring_drops = 1}, nothing = {0};
	struct report *r;
	size_t first, last;

	(void)state;
	tape__arrival(&tape, 1, LISTENER);
	plain_ones(&tape, 2, 3);
	assert_int_equal(feed(m, &tape), 0);
	assert_int_equal(model__look(m, 0)->summary.connections, 0);
	t = model__look(m, UINT64_MAX);
	assert_int_equal(t->summary.connections, 3);
	assert_int_equal(t->summary.wakes, 3);
	assert_int_equal(t->listeners[0].accepted, 3);
	model__each_listener(m, add_queue, &queues);
	assert_int_equal(queues.listeners, 1);
	assert_int_equal(queues.queued, 1);
	model__losses(m, &nothing, &loss);
	assert_false(loss.incomplete);
	model__losses(m, &dropped, &loss);
	assert_true(loss.incomplete);
	assert_string_not_equal(loss.reason, "");
	r = model__finish(m, NULL);
	assert_int_equal(r->totals.summary.connections, 4);
	assert_int_equal(r->totals.summary.waiting, 1);
	assert_int_equal(histogram__range(&r->totals.waits_us, &first, &last), 1);
	report__free(r);
	model__free(m);
	tape__free(&tape);
}

/* While the run goes on, and in the order in which they end. */
static void test_handed_on(void **state)
{
	struct model *m = model__new();
	struct seen seen = {0};
	struct tape t = {0};
	struct report *r;
	size_t first, last;

	(void)state;
	model__add_sink(m, see, &seen);
	tape__arrival(&t, 1, LISTENER);
	plain_ones(&t, 2, MANY);
	assert_int_equal(feed(m, &t), 0);
	assert_true(seen.cnt > 0 && seen.cnt < MANY);
	assert_int_equal(seen.last, seen.cnt);
	r = model__finish(m, NULL);
	assert_int_equal(seen.cnt, MANY + 1);
	assert_int_equal(r->totals.summary.connections, MANY + 1);
	assert_int_equal(r->totals.summary.waiting, 1);
	assert_int_equal(r->totals.summary.accepted, MANY);
	assert_int_equal(r->totals.wakes.of[0], 1);
	assert_int_equal(r->totals.wakes.of[1], MANY);
	/* Of the one that waits it is not known for how long it will. */
	assert_int_equal(histogram__range(&r->totals.waits_us, &first, &last), 1);
	assert_int_equal(r->totals.waits_us.of[first], MANY);
	assert_null(r->connections);
	report__free(r);
	model__free(m);
	tape__free(&t);
}

/* A sink that fails ends the stream. */
static void test_sink_fails(void **state)
{
	struct model *m = model__new();
	struct seen seen = {.error = -ENOSPC};
	struct tape t = {0};

	(void)state;
	model__add_sink(m, see, &seen);
	plain_ones(&t, 1, MANY);
	assert_int_equal(feed(m, &t), -ENOSPC);
	assert_int_equal(seen.cnt, 1);
	assert_null(model__finish(m, NULL));
	model__free(m);
	tape__free(&t);
}

/* What is open when nobody asks for the end any more. */
static void test_not_finished(void **state)
{
	struct model *m = model__new();
	struct tape t = {0};

	(void)state;
	plain_ones(&t, 1, 3);
	arrive(&t, 10, 11, 3);
	tape__wake(&t, 10, 12, CAUSE_EPOLL);
	tape__wake_by(&t, 12, 0, 13, CAUSE_LOCK);
	tape__wake_by(&t, 99, 0, 13, CAUSE_LOCK);
	tape__select(&t, LISTENER, 11);
	assert_int_equal(feed(m, &t), 0);
	model__free(m);
	tape__free(&t);
}

/* ---- rows ---- */

/* Rows that have to wait, and numbers of connections that are refused in between. */
static void test_order_of_arrival(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	for (unsigned i = 2; i <= MANY; i++) {
		plain(&t, i);
		if (i % 100)
			continue;
		tape__arrival(&t, MANY + i, LISTENER);
		tape__refused(&t, MANY + i);
	}
	tape__accept(&t, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, MANY);
	for (unsigned i = 1; i <= MANY; i++) {
		assert_int_equal(connection(r, i)->id, i);
		assert_int_equal(connection(r, i)->wake_cnt, i > 1);
		if (i > 1)
			assert_int_equal(wake(r, i, 0)->accepted_connection, i);
	}
	report__free(r);
}

/* ---- what comes late ---- */

/* For a connection whose story seemed to be over. */
static void test_late_records(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	plain(&t, 1);
	plain_ones(&t, 2, 100);
	tape__waiter(&t, 1, 12);
	tape__wake(&t, 1, 12, CAUSE_CHAIN);
	plain_ones(&t, 200, MANY);
	tape__walk(&t, 1, 2);
	tape__sleep(&t, 12);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 2);
	assert_int_equal(connection(r, 1)->woken, 2);
	assert_int_equal(connection(r, 1)->offers, 3);
	assert_int_equal(wake(r, 1, 1)->outcome, OUTCOME_SWALLOWED);
	assert_int_equal(r->totals.herd.many, 1);
	report__free(r);
}

/* Beyond all that is kept: never attributed to another one, and said. */
static void test_too_late(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	plain_ones(&t, 1, MANY);
	tape__wake(&t, 1, 12, CAUSE_CHAIN);
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_int_equal(r->totals.summary.wakes, MANY);
	assert_int_equal(r->totals.summary.wakes_by_cause.of[CAUSE_CHAIN], 1);
	report__free(r);
}

/* So many are kept after their end (RECENT_MAX). */
#define KEPT 4096

/* What was asked for last is not found any more when it is forgotten. */
static void test_just_too_late(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= KEPT + 1; i++)
		tape__arrival(&t, i, LISTENER);
	for (unsigned i = 1; i <= KEPT; i++)
		tape__accept(&t, 11, i);
	tape__walk(&t, 1, 1);
	tape__accept(&t, 11, KEPT + 1);
	tape__walk(&t, 1, 1);
	tape__walk(&t, 2, 1);
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_int_equal(r->loss.unbalanced, 1);
	assert_int_equal(r->totals.summary.offers, 2);
	report__free(r);
}

/* Nor is a task that has ended, whoever has a number that is like its own. */
static void test_forgotten_task(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 1);
	tape__run(&t, 11);
	tape__task(&t, TASK_FORKED, 11 + 256, "server");
	tape__accept_fails(&t, 11, EAGAIN);
	tape__task(&t, TASK_EXITED, 11, "server");
	tape__run(&t, 11);
	tape__accept(&t, 11 + 256, 1);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.worker_cnt, 2);
	assert_int_equal(worker(r, 11)->accepted, 0);
	assert_int_equal(worker(r, 11 + 256)->accepted, 1);
	report__free(r);
}

/* A wake that is not decided keeps its connection, however long it takes. */
static void test_undecided(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 2);
	tape__wake(&t, 1, 12, CAUSE_EPOLL);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__walk(&t, 1, 2);
	tape__accept(&t, 11, 1);
	tape__sleep(&t, 11);
	plain_ones(&t, 2, MANY);
	tape__return(&t, 12);
	tape__accept_fails(&t, 12, EAGAIN);
	tape__sleep(&t, 12);
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->outcome, OUTCOME_EAGAIN);
	assert_int_equal(r->totals.summary.wasted, 1);
	report__free(r);
}

/* Its listener closed; somebody takes it over after thousands of others. */
static void test_lost_and_found(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__unlisten(&t, LISTENER);
	plain_ones(&t, 2, MANY);
	tape__accept(&t, 12, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->end, CONNECTION_ACCEPTED);
	assert_int_equal(r->totals.summary.lost, 0);
	report__free(r);
}

/* ---- hand-overs ---- */

/* Those made on the way to a connection are put among its wakes in order; others are nobody's. */
static void test_adopted(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__task(&t, TASK_SEEN, 11, "server");
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	arrive(&t, 1, 11, 1);
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__sleep(&t, 12);
	tape__wake(&t, 1, 13, CAUSE_EPOLL);
	tape__wake_by(&t, 11, 0, 14, CAUSE_LOCK);
	tape__accept(&t, 11, 1);
	tape__sleep(&t, 13);
	plain_ones(&t, 2, MANY);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->wake_cnt, 3);
	assert_int_equal(wake(r, 1, 0)->tid, 12);
	assert_int_equal(wake(r, 1, 1)->tid, 13);
	assert_int_equal(wake(r, 1, 2)->tid, 14);
	assert_int_equal(r->totals.summary.lock_without_arrival, 2);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_handed_on),
		cmocka_unit_test(test_sink_fails),
		cmocka_unit_test(test_not_finished),
		cmocka_unit_test(test_order_of_arrival),
		cmocka_unit_test(test_late_records),
		cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_lost_and_found),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_just_too_late),
		cmocka_unit_test(test_forgotten_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
