// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The story of a connection: when what happened, who slept in which entry, and how far the walk came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model_fixture.h"

/* ---- when ---- */

/* Each record is a step later than the one before. */
static void test_times(void **state)
{
	struct tape t = {0};
	const struct report_wake *first, *second;
	struct record_arrival *arrival;
	struct report *r;

	(void)state;
	arrival = tape__arrival(&t, 1, LISTENER);
	arrival->syn_ns = arrival->header.time_ns - 3;
	tape__wake(&t, 1, 11, CAUSE_EPOLL)->waker_cpu = 3;
	tape__wake(&t, 1, 12, CAUSE_EPOLL)->waker_context = WAKER_SOFTIRQ;
	tape__run(&t, 11);
	tape__return(&t, 11);
	tape__accept(&t, 11, 1);
	tape__run(&t, 12);
	tape__return(&t, 12);
	tape__accept_fails(&t, 12, 11);
	tape__sleep(&t, 12);
	tape__sleep(&t, 11);
	r = complete_report_of(&t);
	first = wake(r, 1, 0);
	second = wake(r, 1, 1);
	assert_true(connection(r, 1)->has_story);
	assert_int_equal(connection(r, 1)->syn_to_arrival_ns, 3);
	assert_int_equal(connection(r, 1)->accepted_ns, 5 * STEP);
	assert_int_equal(first->woken_ns, 1 * STEP);
	assert_int_equal(first->ran_ns, 3 * STEP);
	assert_int_equal(first->returned_ns, 4 * STEP);
	assert_int_equal(first->accept_ns, 5 * STEP);
	assert_int_equal(first->ended_ns, 5 * STEP);
	assert_int_equal(first->slept_ns, 10 * STEP);
	assert_int_equal(first->waker_cpu, 2);
	assert_int_equal(first->waker_context, WAKER_UNKNOWN);
	assert_int_equal(second->accept_ns, 8 * STEP);
	assert_int_equal(second->ended_ns, 9 * STEP);
	assert_int_equal(second->waker_cpu, -1);
	assert_int_equal(second->waker_context, WAKER_SOFTIRQ);
	report__free(r);
}

/* What a task did before it was woken is nothing of that wake; a trace that ends first knows no end of it. */
static void test_unknown_times(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__return(&t, 11);
	tape__arrival(&t, 2, LISTENER);
	tape__wake(&t, 2, 11, CAUSE_EPOLL);
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->returned_ns, 2 * STEP);
	assert_int_equal(wake(r, 1, 0)->slept_ns, 4 * STEP);
	assert_int_equal(wake(r, 2, 0)->ran_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(wake(r, 2, 0)->returned_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(wake(r, 2, 0)->accept_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(wake(r, 2, 0)->ended_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(connection(r, 2)->syn_to_arrival_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(connection(r, 2)->accepted_ns, REPORT_UNKNOWN_NS);
	report__free(r);
}

/* The selection is the SYN itself, its answer comes later. */
static void test_selection_is_the_syn(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__select(&t, LISTENER, 1);
	tape__arrival(&t, 1, LISTENER)->syn_ns = TAPE_START_NS + TAPE_STEP_NS + 1;
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->syn_to_arrival_ns, STEP);
	report__free(r);
}

/* ---- who was reached ---- */

struct seat {
	uint32_t tid, place;
	uint16_t cause;
	unsigned entry; /* 0: not told */
	bool exclusive, elsewhere, woken;
};

static struct report *seated(const struct seat *seats, unsigned cnt, uint32_t offers)
{
	uint32_t tids[8];
	struct waiter_entry *at;
	struct tape t = {0};

	tape__arrival(&t, 1, LISTENER);
	for (unsigned i = 0; i < cnt; i++)
		tids[i] = seats[i].tid;
	at = tape__waiters(&t, 1, tids, cnt);
	for (unsigned i = 0; i < cnt; i++) {
		at[i].place = seats[i].place;
		at[i].cause = seats[i].cause;
		at[i].elsewhere = seats[i].elsewhere;
		at[i].flags = seats[i].entry ? WAITER_KNOWN | seats[i].entry * WAITER_ENTRY : 0;
		at[i].flags |= seats[i].exclusive ? WAITER_EXCLUSIVE : 0;
	}
	for (unsigned i = 0; i < cnt; i++)
		if (seats[i].woken)
			tape__wake(&t, 1, seats[i].tid, seats[i].cause);
	tape__walk(&t, 1, offers);
	return complete_report_of(&t);
}

/* "yn?" for each of the list. */
static void assert_reached(const struct seat *seats, unsigned cnt, uint32_t offers,
			   const char *reached, const char *entries)
{
	struct report *r = seated(seats, cnt, offers);
	const struct report_connection *c = connection(r, 1);

	assert_int_equal(c->waiter_cnt, cnt);
	for (size_t i = 0; i < c->waiter_cnt; i++) {
		assert_int_equal("?ny"[c->waiter_list[i].reached], reached[i]);
		assert_int_equal('0' + (int)c->waiter_list[i].entry, entries[i]);
	}
	report__free(r);
}

static void test_exclusive_stops(void **state)
{
	const struct seat accepts[] = {{11, 1, CAUSE_ACCEPT, 2, true, false, true},
				       {12, 2, CAUSE_ACCEPT, 3, true, false, false},
				       {13, 3, CAUSE_ACCEPT, 4, true, false, false}};
	const struct seat busy[] = {{11, 3, CAUSE_EPOLL, 3, true, false, false},
				    {12, 5, CAUSE_EPOLL, 4, true, false, true},
				    {13, 7, CAUSE_EPOLL, 5, true, false, false}};

	(void)state;
	assert_reached(accepts, 3, 1, "ynn", "123");
	/* One in front was not woken any more: its function was called all the same. */
	assert_reached(busy, 3, 3, "yyn", "123");
}

/* How accept and poll wait is known without having been told. */
static void test_old_recordings(void **state)
{
	const struct seat accepts[] = {{11, 0, CAUSE_ACCEPT, 0, false, false, true},
				       {12, 0, CAUSE_ACCEPT, 0, false, false, false}};
	const struct seat epolls[] = {{11, 0, CAUSE_EPOLL, 0, false, false, true},
				      {12, 0, CAUSE_EPOLL, 0, false, false, false}};

	(void)state;
	assert_reached(accepts, 2, 1, "yn", "12");
	assert_reached(epolls, 2, 1, "yn", "00");
	assert_reached(epolls, 2, 2, "y?", "00");
}

static void test_one_instance(void **state)
{
	const struct seat shared[] = {{11, 2, CAUSE_EPOLL, 1, false, false, true},
				      {12, 3, CAUSE_EPOLL, 1, false, false, false},
				      {13, 4, CAUSE_EPOLL, 1, false, false, false},
				      {14, 6, CAUSE_EPOLL, 2, false, false, true}};
	const struct seat next[] = {{11, 2, CAUSE_EPOLL, 1, false, false, true},
				    {12, 3, CAUSE_EPOLL, 1, false, false, false},
				    {13, 5, CAUSE_EPOLL, 2, false, false, false}};

	(void)state;
	/* In front of the last who was woken: taken for reached, though the instance wakes one. */
	assert_reached(shared, 4, 2, "yyyy", "1112");
	assert_reached(next, 3, 2, "yn?", "112");
	assert_reached(next, 3, 1, "ynn", "112");
}

static void test_elsewhere_comes_last(void **state)
{
	const struct seat group[] = {{11, 1, CAUSE_ACCEPT, 1, true, false, true},
				     {12, 0, CAUSE_ACCEPT, 0, false, true, false}};

	(void)state;
	assert_reached(group, 2, 1, "yn", "10");
}

static void test_nobody_woken(void **state)
{
	const struct seat one[] = {{11, 1, CAUSE_POLL, 1, false, false, false}};

	(void)state;
	assert_reached(one, 1, 1, "?", "1");
}

/* ---- stacks ---- */

static void test_stacks(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__wake(&t, 1, 11, CAUSE_EPOLL)->stack_id = 7;
	tape__wake(&t, 1, 12, CAUSE_EPOLL)->stack_id = 9;
	tape__wake(&t, 1, 13, CAUSE_EPOLL)->stack_id = 9;
	tape__wake_by(&t, 11, 1, 14, CAUSE_CHAIN)->stack_id = 9;
	tape__wake(&t, 1, 15, CAUSE_POLL)->stack_id = 8;
	tape__stack(&t, 7, "a");
	tape__stack(&t, 9, "b < c");
	r = complete_report_of(&t);
	/* One that nobody told of says nothing. */
	assert_int_equal(r->stack_cnt, 3);
	assert_int_equal(r->stacks[0].id, 9);
	assert_int_equal(r->stacks[0].wakes, 2);
	assert_string_equal(r->stacks[0].names, "b < c");
	assert_int_equal(r->stacks[1].id, 7);
	assert_int_equal(r->stacks[2].cause, CAUSE_CHAIN);
	assert_int_equal(wake(r, 1, 4)->stack_id, 8);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_unknown_times),
		cmocka_unit_test(test_selection_is_the_syn),
		cmocka_unit_test(test_exclusive_stops),
		cmocka_unit_test(test_old_recordings),
		cmocka_unit_test(test_one_instance),
		cmocka_unit_test(test_elsewhere_comes_last),
		cmocka_unit_test(test_nobody_woken),
		cmocka_unit_test(test_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
