// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Runs of hours: workers, listeners and connections that came and went are added up, and no verdict changes by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "alike.h"
#include "model/state.h"
#include "model_fixture.h"
#include "report/fold.h"
#include "report/rows.h"
#include "report/verdict.h"

/* ---- both ways ---- */

static struct model *fed(const struct tape *t, struct rows *rows)
{
	const struct record_header *r = NULL;
	struct model *m = model__new();

	assert_non_null(m);
	if (rows)
		model__add_sink(m, rows__take, rows);
	while ((r = tape__next(t, r)))
		assert_int_equal(model__take(m, r), 0);
	return m;
}

static struct report *judged(const struct tape *t, struct rows *rows)
{
	struct model *m = fed(t, rows);
	struct report *r = model__finish(m, rows);

	model__free(m);
	assert_non_null(r);
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	return r;
}

/* The report without rows, which differs from the one with rows in nothing else. */
static struct report *summary_of(struct tape *t)
{
	struct report *with_rows, *without;

	tape__end(t);
	with_rows = judged(t, rows__new());
	without = judged(t, NULL);
	tape__free(t);
	assert_string_equal(without->loss.reason, "");
	if (report__differs(with_rows, without))
		fail_msg("differs: %s", report__differs(with_rows, without));
	assert_int_equal(with_rows->totals.folded.workers, 0);
	assert_int_equal(with_rows->totals.folded.listeners, 0);
	report__free(with_rows);
	return without;
}

static void take(struct tape *t, uint32_t tid, uint64_t arrival, uint64_t listener)
{
	tape__accept(t, tid, arrival)->listener = listener;
}

/* ---- workers ---- */

#define RECENT   4096
#define VISITORS (3 * SWEEP_MIN)

/* Each waits, is woken, accepts and ends; two are there at a time, and the numbers are used again. */
static void visit(struct tape *t, unsigned visitors)
{
	tape__listen(t, LISTENER, 8888);
	tape__task(t, TASK_FORKED, 100, "server");
	for (unsigned i = 1; i <= visitors; i++) {
		uint32_t now = 100 + i % 30000, before = 100 + (i - 1) % 30000;

		tape__task(t, TASK_FORKED, now, "server");
		arrive(t, i, now, 1);
		tape__waiter(t, i, before);
		tape__wake(t, i, now, CAUSE_EPOLL);
		tape__wake(t, i, before, CAUSE_EPOLL);
		tape__walk(t, i, 2);
		take(t, before, i, LISTENER);
		tape__task(t, TASK_EXITED, before, "server");
	}
}

static void test_workers(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	visit(&t, VISITORS);
	r = summary_of(&t);
	assert_int_equal(r->totals.worker_cnt + r->totals.folded.workers, VISITORS + 1);
	assert_true(r->totals.worker_cnt < 2 * SWEEP_MIN + RECENT);
	assert_true(r->totals.folded.sum.accepted > 0);
	assert_int_equal(r->totals.summary.accepted, VISITORS);
	assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
	assert_int_equal(r->verdicts.skew.value, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(r->verdicts.skew.reason, "workers came and went"));
	/* All of them, although most are forgotten. */
	assert_int_equal(r->verdicts.skew_finding.workers, VISITORS + 1);
	report__free(r);
}

/* Fewer: everything is as it was. */
static void test_few_workers(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	visit(&t, 1000);
	r = summary_of(&t);
	assert_int_equal(r->totals.worker_cnt, 1001);
	assert_int_equal(r->totals.folded.workers, 0);
	report__free(r);
}

/* ---- listeners ---- */

#define OPENINGS (4 * SWEEP_MIN)

/* A listener for one connection, the handle of which is used again. */
static void serve_once(struct tape *t, uint64_t arrival, uint32_t tid)
{
	uint64_t listener = 1000000 + arrival % 5000;

	tape__listen(t, listener, 20000);
	tape__arrival(t, arrival, listener);
	tape__waiter(t, arrival, tid);
	take(t, tid, arrival, listener);
	tape__unlisten(t, listener);
}

static void test_listeners(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= OPENINGS; i++)
		serve_once(&t, i, 11);
	r = summary_of(&t);
	assert_int_equal(r->totals.listener_cnt + r->totals.folded.listeners, OPENINGS);
	assert_true(r->totals.folded.listeners > SWEEP_MIN / 2);
	assert_int_equal(r->totals.folded.connections, r->totals.folded.accepted);
	/* In order of appearance, by numbers that stay. */
	assert_int_equal(r->totals.listeners[r->totals.listener_cnt - 1].id, OPENINGS);
	assert_true(r->totals.listeners[0].id > 1);
	assert_int_equal(r->totals.pools.untold, 0);
	report__free(r);
}

/* Each of two workers wins one connection of each listener: that is fair, but most is forgotten. */
static void test_untold(void **state)
{
	struct tape t = {0};
	struct report *r;
	uint64_t arrival = 0;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	for (unsigned i = 0; i < 400; i++) {
		tape__arrival(&t, ++arrival, LISTENER);
		tape__waiter(&t, arrival, 11);
		tape__waiter(&t, arrival, 12);
		take(&t, 11 + i % 2, arrival, LISTENER);
	}
	for (unsigned i = 0; i < SWEEP_MIN + 2000; i++) {
		tape__listen(&t, 1000000 + i, 9999);
		for (unsigned j = 0; j < 2; j++) {
			tape__arrival(&t, ++arrival, 1000000 + i);
			take(&t, 11 + j, arrival, 1000000 + i);
		}
		tape__unlisten(&t, 1000000 + i);
	}
	r = summary_of(&t);
	assert_true(r->totals.pools.untold > SWEEP_MIN / 2);
	assert_int_equal(r->verdicts.skew.value, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(r->verdicts.skew.reason, "not known any more"));
	report__free(r);
}

/* ---- what is open ---- */

/* The first connection waits throughout, and so its worker, its listener and its wake stay. */
static void test_open_stays(void **state)
{
	struct tape t = {0};
	struct report *r;
	const struct report_listener *l;

	(void)state;
	tape__listen(&t, 77777, 7777);
	tape__listen(&t, 66666, 6666);
	tape__arrival(&t, OPENINGS + 1, 66666);
	take(&t, 97, OPENINGS + 1, 66666);
	tape__unlisten(&t, 66666);
	tape__arrival(&t, OPENINGS + 2, 77777);
	tape__arrival(&t, 1, 77777);
	tape__waiter(&t, 1, 99);
	tape__wake(&t, 1, 99, CAUSE_EPOLL);
	tape__wake(&t, 1, 98, CAUSE_EPOLL);
	tape__task(&t, TASK_EXITED, 98, "server");
	for (unsigned i = 2; i <= OPENINGS; i++)
		serve_once(&t, i, 11);
	take(&t, 99, 1, 77777);
	/* What it took part in is gone. */
	take(&t, 97, OPENINGS + 2, 77777);
	r = summary_of(&t);
	l = &r->totals.listeners[0];
	assert_int_equal(l->id, 1);
	assert_int_equal(l->accepted, 2);
	assert_string_equal(l->address, "127.0.0.1:7777");
	assert_int_equal(worker(r, 97)->accepted, 2);
	assert_int_equal(worker(r, 99)->accepted, 1);
	assert_int_equal(worker(r, 99)->outcome[OUTCOME_ACCEPTED], 1);
	assert_int_equal(worker(r, 98)->outcome[OUTCOME_EXITED], 1);
	report__free(r);
}

static size_t count_wakes(const struct model *m)
{
	size_t cnt = 0;

	for (const struct model_wake *w = m->wakes; w; w = w->next)
		cnt++;
	return cnt;
}

/* Hand-overs of the lock by one that never accepts are not kept for it. */
static void test_orphans(void **state)
{
	struct tape t = {0};
	struct model *m;

	(void)state;
	tape__task(&t, TASK_SEEN, 10, "server");
	for (unsigned i = 0; i < 10 * SWEEP_MIN; i++) {
		tape__wake_by(&t, 10, 0, 11, CAUSE_LOCK);
		tape__sleep(&t, 11);
	}
	m = fed(&t, NULL);
	assert_true(count_wakes(m) <= SWEEP_MIN + 1);
	model__free(m);
	tape__free(&t);
}

/* But for a connection that waits they are. */
static void test_adopted_late(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_SEEN, 10, "server");
	tape__wake_by(&t, 10, 0, 11, CAUSE_LOCK);
	tape__sleep(&t, 11);
	tape__arrival(&t, 1, LISTENER);
	for (unsigned i = 0; i < 2 * SWEEP_MIN; i++) {
		tape__wake_by(&t, 10, 0, 11, CAUSE_LOCK);
		tape__sleep(&t, 11);
	}
	take(&t, 10, 1, LISTENER);
	r = summary_of(&t);
	assert_int_equal(r->totals.summary.lock_without_arrival, 1);
	report__free(r);
}

/* ---- lost connections ---- */

#define LOST_KEPT 16384

/* Those that were lost first are handed on, and those that were last can still be moved. */
static void test_lost(void **state)
{
	const unsigned cnt = LOST_KEPT + RECENT + 1000;
	struct tape t = {0};
	struct model *m;
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	for (unsigned i = 1; i <= cnt; i++)
		tape__arrival(&t, i, LISTENER);
	tape__listen(&t, LISTENER + 1, 8888);
	tape__unlisten(&t, LISTENER);
	tape__migrate(&t, 1, cnt + 1, LISTENER, LISTENER + 1);
	m = fed(&t, NULL);
	assert_int_equal(HASH_CNT(by_arrival, m->by_arrival), LOST_KEPT + RECENT);
	assert_int_equal(m->lost, cnt - 1);
	model__free(m);
	take(&t, 11, 1, LISTENER + 1);
	r = summary_of(&t);
	assert_int_equal(r->totals.summary.lost, cnt - 1);
	assert_int_equal(r->totals.summary.migrated, 1);
	assert_int_equal(r->totals.summary.accepted, 1);
	/* Nobody counts them as waiting any more. */
	assert_int_equal(r->totals.load.most_queued, cnt);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workers),      cmocka_unit_test(test_few_workers),
		cmocka_unit_test(test_listeners),    cmocka_unit_test(test_untold),
		cmocka_unit_test(test_open_stays),   cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_adopted_late), cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
