// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What goes through listeners and workers, and the quantiles of waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "live_model.h"
#include "model_fixture.h"
#include "report/fold.h"
#include "report/waits.h"

/* ---- waits ---- */

/* Off by an eighth at most, wherever it lies. */
static void test_one_wait(void **state)
{
	(void)state;
	for (int64_t us = 1; us < INT64_C(1) << 39; us = us * 3 / 2 + 1) {
		struct waits w = {0};
		int64_t seen;

		assert_int_equal(waits__add(&w, us * 1000 + 999), 0);
		seen = waits__quantile(&w, NULL, 0.5) / 1000;
		assert_in_range(seen, us - us / 8 - 1, us + us / 8 + 1);
		waits__drop(&w);
	}
}

static void test_waits_beyond(void **state)
{
	struct waits w = {0};

	(void)state;
	assert_int_equal(waits__quantile(&w, NULL, 0.5), -1);
	waits__add(&w, -5);
	waits__add(&w, 0);
	assert_int_equal(waits__quantile(&w, NULL, 1), 1000);
	waits__add(&w, INT64_MAX);
	assert_int_equal(w.cnt, 2);
	assert_in_range(waits__quantile(&w, NULL, 1) / 1000, INT64_C(1) << 39, INT64_C(1) << 40);
	waits__drop(&w);
}

/* In whatever order they come, each is found in its place. */
static void test_many_waits(void **state)
{
	struct waits w = {0};
	int64_t last = 0;

	(void)state;
	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(waits__add(&w, (i * 379 % 1000 + 1) * 1000), 0);
	for (size_t i = 1; i < w.cnt; i++)
		assert_true(w.at[i].bucket > w.at[i - 1].bucket);
	for (int i = 1; i <= 10; i++) {
		int64_t seen = waits__quantile(&w, NULL, i / 10.0) / 1000;

		assert_in_range(seen, i * 100 - i * 13, i * 100 + i * 13);
		assert_true(seen > last);
		last = seen;
	}
	waits__drop(&w);
}

static void test_quantiles(void **state)
{
	struct waits w = {0}, before = {0};
	int64_t seen;

	(void)state;
	for (int i = 0; i < 98; i++)
		waits__add(&w, 100 * 1000);
	waits__add(&w, 50 * 1000 * 1000);
	waits__add(&w, 50 * 1000 * 1000);
	seen = waits__quantile(&w, NULL, 0.5) / 1000;
	assert_in_range(seen, 90, 112);
	seen = waits__quantile(&w, NULL, 0.99) / 1000;
	assert_in_range(seen, 45000, 56000);
	/* Of what came since. */
	for (size_t i = 0; i < w.cnt; i++)
		*vector_add(&before) = w.at[i];
	assert_int_equal(waits__quantile(&w, &before, 0.5), -1);
	waits__add(&w, 7 * 1000);
	assert_in_range(waits__quantile(&w, &before, 0.5), 7000, 8000);
	/* And what has more in a bucket that was there. */
	for (int i = 0; i < 3; i++)
		waits__add(&w, 50 * 1000 * 1000);
	assert_in_range(waits__quantile(&w, &before, 1) / 1000, 45000, 60000);
	assert_in_range(waits__quantile(&w, &before, 0.25), 7000, 8000);
	waits__drop(&w);
	waits__drop(&before);
}

/* ---- flows ---- */

/* Three wait, two are woken, one of them for nothing; both tasks and the listener have it. */
static void tell_herd(struct tape *t, uint64_t arrival)
{
	arrive(t, arrival, 11, 3);
	tape__wake(t, arrival, 11, CAUSE_ACCEPT);
	tape__wake(t, arrival, 12, CAUSE_ACCEPT);
	tape__walk(t, arrival, 2);
	tape__run(t, 11);
	tape__run(t, 12);
	tape__accept(t, 11, arrival);
	tape__sleep(t, 11);
	tape__sleep(t, 12);
}

static const struct flow *worker_flow(const struct totals *t, uint32_t tid)
{
	for (size_t i = 0; i < t->worker_cnt; i++)
		if (t->workers[i].tid == tid)
			return t->workers[i].flow;
	return NULL;
}

static const struct totals *count_herds(struct live_model *m, bool keeps)
{
	const struct totals *t;

	live_model__begin(m);
	if (keeps)
		model__keep_flows(m->model);
	tape__listen(&m->tape, LISTENER, 8888);
	tell_herd(&m->tape, 1);
	tell_herd(&m->tape, 2);
	live_model__feed(m);
	t = model__look(m->model, UINT64_MAX);
	assert_non_null(t);
	return t;
}

static void test_flows(void **state)
{
	struct live_model m;
	const struct totals *t = count_herds(&m, true);
	const struct flow *listener = t->listeners[0].flow, *winner = worker_flow(t, 11),
			  *loser = worker_flow(t, 12);

	(void)state;
	assert_non_null(listener);
	assert_non_null(winner);
	assert_non_null(loser);
	assert_int_equal(t->flow->connections, 2);
	assert_int_equal(t->flow->wakes, 4);
	assert_int_equal(t->flow->wasted, 2);
	assert_int_equal(listener->connections, 2);
	assert_int_equal(listener->wakes, 4);
	assert_int_equal(listener->wasted, 2);
	assert_int_equal(winner->connections, 2);
	assert_int_equal(winner->wakes, 2);
	assert_int_equal(winner->wasted, 0);
	assert_int_equal(loser->connections, 0);
	assert_int_equal(loser->wasted, 2);
	assert_int_equal(loser->wasted_cpu_ns, t->summary.wasted_cpu_ns);
	assert_int_equal(waits__quantile(&winner->waits, NULL, 0.5),
			 waits__quantile(&t->flow->waits, NULL, 0.5));
	assert_true(listener->serial != winner->serial && winner->serial != loser->serial);
	live_model__end(&m);
}

/* Nobody pays for them who did not ask. */
static void test_no_flows(void **state)
{
	struct live_model m;
	const struct totals *t = count_herds(&m, false);

	(void)state;
	assert_null(t->flow);
	assert_null(t->listeners[0].flow);
	assert_null(worker_flow(t, 11));
	live_model__end(&m);
}

/* What is folded away takes its flow along, what moves keeps it. */
static void test_folding(void **state)
{
	struct totals t = {.keeps_flows = true};
	uint32_t workers[2] = {false, true}, listeners[2] = {false, true};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(totals__add_worker(&t, 11 + i, 11 + i));
		assert_non_null(totals__add_listener(&t));
		t.workers[i].flow = calloc(1, sizeof(*t.workers[i].flow));
		t.listeners[i].flow = calloc(1, sizeof(*t.listeners[i].flow));
		assert_true(t.workers[i].flow && t.listeners[i].flow);
		t.workers[i].flow->serial = t.listeners[i].flow->serial = 1 + i;
	}
	assert_int_equal(fold__workers(&t, workers), 0);
	fold__listeners(&t, listeners);
	assert_int_equal(t.worker_cnt, 1);
	assert_int_equal(t.listener_cnt, 1);
	assert_int_equal(t.workers[0].flow->serial, 2);
	assert_int_equal(t.listeners[0].flow->serial, 2);
	totals__drop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_wait),   cmocka_unit_test(test_waits_beyond),
		cmocka_unit_test(test_many_waits), cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_flows),      cmocka_unit_test(test_no_flows),
		cmocka_unit_test(test_folding),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
