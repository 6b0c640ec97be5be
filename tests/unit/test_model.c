// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What woke a task, for which arrival, and what came of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "model_fixture.h"

/* ---- one connection ---- */

static struct report *one_connection(void)
{
	struct tape t = {0};

	tape__task(&t, TASK_SEEN, 11, "server");
	tape__listen(&t, LISTENER, 8888);
	t.clock_ns = 1000000;
	tape__arrival(&t, 1, LISTENER);
	tape__waiter(&t, 1, 11);
	t.clock_ns = 1010000;
	tape__wake(&t, 1, 11, CAUSE_ACCEPT)->exec_ns = 7000;
	tape__walk(&t, 1, 1);
	t.clock_ns = 1051000;
	tape__run(&t, 11);
	t.clock_ns = 1090000;
	tape__accept(&t, 11, 1);
	t.clock_ns = 2000000;
	tape__sleep(&t, 11)->exec_ns = 69000;
	return complete_report_of(&t);
}

static void test_row_of_connection(void **state)
{
	struct report *r = one_connection();
	const struct report_connection *c = connection(r, 1);

	(void)state;
	assert_int_equal(r->connection_cnt, 1);
	assert_string_equal(c->peer, "127.0.0.1:40001");
	assert_int_equal(c->time_ns, 0);
	assert_int_equal(c->listener, 1);
	assert_int_equal(c->waiters, 1);
	assert_false(c->waiters_truncated);
	assert_int_equal(c->offers, 1);
	assert_int_equal(c->woken, 1);
	assert_int_equal(c->wasted, 0);
	assert_int_equal(c->end, CONNECTION_ACCEPTED);
	assert_int_equal(c->accepted_by, 11);
	assert_int_equal(c->accepted_worker, 1);
	assert_int_equal(c->arrival_to_accept_ns, 90000);
	assert_int_equal(c->waited_ns, 90000);
	assert_int_equal(c->group_idle, 0);
	assert_false(c->selection.present);
	report__free(r);
}

static void test_row_of_wake(void **state)
{
	struct report *r = one_connection();
	const struct report_wake *w = wake(r, 1, 0);

	(void)state;
	assert_int_equal(w->tid, 11);
	assert_int_equal(w->pid, 11);
	assert_int_equal(w->waker_tid, 0);
	assert_int_equal(w->cause, CAUSE_ACCEPT);
	assert_int_equal(w->outcome, OUTCOME_ACCEPTED);
	assert_int_equal(w->accepted_connection, 1);
	assert_int_equal(w->wake_to_run_ns, 41000);
	assert_int_equal(w->cpu_ns, 62000);
	assert_int_equal(r->totals.summary.wakes_by_cause.of[CAUSE_ACCEPT], 1);
	assert_int_equal(r->totals.summary.accepted_untracked, 0);
	report__free(r);
}

static void test_rows_of_worker_and_listener(void **state)
{
	struct report *r = one_connection();

	(void)state;
	assert_int_equal(r->totals.worker_cnt, 1);
	assert_string_equal(r->totals.workers[0].comm, "server");
	assert_int_equal(r->totals.workers[0].wakes, 1);
	assert_int_equal(r->totals.workers[0].accepted, 1);
	assert_int_equal(r->totals.workers[0].wasted_cpu_ns, 0);
	assert_int_equal(r->totals.listener_cnt, 1);
	assert_string_equal(r->totals.listeners[0].address, "127.0.0.1:8888");
	assert_string_equal(r->totals.listeners[0].protocol, "tcp");
	assert_int_equal(r->totals.listeners[0].reuseport_group, 0);
	assert_int_equal(r->totals.listeners[0].connections, 1);
	assert_int_equal(r->totals.listeners[0].accepted, 1);
	assert_false(r->totals.listeners[0].closed);
	report__free(r);
}

/* ---- outcomes ---- */

/* include/linux/errno.h of the kernel, in no header for user space */
#define ERESTARTSYS    512
#define ERESTARTNOHAND 514

/*
 * Task 11 is woken for connection 2 while connection 1 is in the queue, and then: R returns from
 * its waiting call, A accepts connection 2, B accepts 1, U accepts one from before the trace,
 * E gets EAGAIN, F gets another error, T and t end accept and the waiting call as a signal wants it,
 * h is a signal's handler, r gets a CPU, l is handed the socket's lock, S sleeps,
 * W is woken for connection 3, X ends.
 */
static void tell(struct tape *t, char what)
{
	switch (what) {
	case 'R': tape__return(t, 11); break;
	case 'A': tape__accept(t, 11, 2); break;
	case 'B': tape__accept(t, 11, 1); break;
	case 'U': tape__accept(t, 11, 77); break;
	case 'E': tape__accept_fails(t, 11, EAGAIN); break;
	case 'F': tape__accept_fails(t, 11, EINVAL); break;
	case 'T': tape__accept_fails(t, 11, ERESTARTSYS); break;
	case 't': tape__return(t, 11)->result = -ERESTARTNOHAND; break;
	case 'h': tape__return(t, 11)->call = CALL_NONE; break;
	case 'r': tape__run(t, 11); break;
	case 'l': tape__wake_by(t, 12, 0, 11, CAUSE_LOCK); break;
	case 'S': tape__sleep(t, 11); break;
	case 'X': tape__task(t, TASK_EXITED, 11, "server"); break;
	case 'W':
		tape__arrival(t, 3, LISTENER);
		tape__wake(t, 3, 11, CAUSE_EPOLL);
		break;
	default: fail_msg("story with a '%c'", what);
	}
}

static const struct {
	const char *story;
	enum wake_outcome outcome;
	unsigned accepted; /* which one it says */
} outcomes[] = {
	{"S", OUTCOME_SWALLOWED, 0},
	{"rS", OUTCOME_SWALLOWED, 0},
	{"RS", OUTCOME_IDLE, 0},
	{"FS", OUTCOME_IDLE, 0},
	{"ES", OUTCOME_EAGAIN, 0},
	{"RES", OUTCOME_EAGAIN, 0},
	{"RFES", OUTCOME_EAGAIN, 0},
	{"REFS", OUTCOME_EAGAIN, 0},
	{"AS", OUTCOME_ACCEPTED, 2},
	{"RAS", OUTCOME_ACCEPTED, 2},
	{"RAES", OUTCOME_ACCEPTED, 2},
	{"REAS", OUTCOME_ACCEPTED, 2},
	{"RFAS", OUTCOME_ACCEPTED, 2},
	/* Interrupted, and begun anew by the kernel. */
	{"TS", OUTCOME_SWALLOWED, 0},
	{"tS", OUTCOME_SWALLOWED, 0},
	{"ThS", OUTCOME_IDLE, 0},
	{"thS", OUTCOME_IDLE, 0},
	{"TAS", OUTCOME_ACCEPTED, 2},
	{"tRES", OUTCOME_EAGAIN, 0},
	/* Another one; several: the first. */
	{"RBS", OUTCOME_ACCEPTED, 1},
	{"RABES", OUTCOME_ACCEPTED, 2},
	{"RBAES", OUTCOME_ACCEPTED, 1},
	{"RUS", OUTCOME_ACCEPTED, 0},
	{"RUAS", OUTCOME_ACCEPTED, 0},
	/* Without a sleep. */
	{"X", OUTCOME_EXITED, 0},
	{"RX", OUTCOME_EXITED, 0},
	{"REX", OUTCOME_EAGAIN, 0},
	{"RAX", OUTCOME_ACCEPTED, 2},
	{"W", OUTCOME_SWALLOWED, 0},
	{"RW", OUTCOME_IDLE, 0},
	{"REW", OUTCOME_EAGAIN, 0},
	{"RAW", OUTCOME_ACCEPTED, 2},
	{"", OUTCOME_PENDING, 0},
	{"r", OUTCOME_PENDING, 0},
	{"R", OUTCOME_PENDING, 0},
	{"RE", OUTCOME_PENDING, 0},
	{"RA", OUTCOME_ACCEPTED, 2},
	{"RAE", OUTCOME_ACCEPTED, 2},
	{"REB", OUTCOME_ACCEPTED, 1},
	/* What comes after the sleep, or after the next wake, is not of this wake. */
	{"SRAS", OUTCOME_SWALLOWED, 0},
	{"RSRES", OUTCOME_IDLE, 0},
	{"WRA", OUTCOME_SWALLOWED, 0},
	/* A hand-over of the lock decides nothing. */
	{"lAS", OUTCOME_ACCEPTED, 2},
	{"RlES", OUTCOME_EAGAIN, 0},
	{"RlS", OUTCOME_IDLE, 0},
};

static void test_outcomes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		enum wake_outcome expected = outcomes[i].outcome;
		bool neither = expected == OUTCOME_ACCEPTED || expected == OUTCOME_PENDING;
		struct tape t = {0};
		struct report *r;
		const struct report_wake *w;

		tape__task(&t, TASK_SEEN, 12, "other");
		tape__listen(&t, LISTENER, 8888)->queued = 1;
		tape__arrival(&t, 1, LISTENER);
		tape__arrival(&t, 2, LISTENER);
		tape__wake(&t, 2, 11, CAUSE_EPOLL);
		tape__walk(&t, 2, 1);
		for (const char *s = outcomes[i].story; *s; s++)
			tell(&t, *s);
		r = complete_report_of(&t);
		w = wake(r, 2, 0);
		if (w->outcome != expected || w->accepted_connection != outcomes[i].accepted)
			fail_msg("%s: %s %u", outcomes[i].story, wake_outcome__name(w->outcome),
				 w->accepted_connection);
		assert_int_equal(connection(r, 2)->wasted, !neither);
		assert_in_range(worker(r, 11)->outcome[expected], 1, 2);
		report__free(r);
	}
}

/* The next wake begins with a clean slate. */
static void test_outcome_of_next_wake(void **state)
{
	static const char *const stories[] = {"WS",    "RAWS",  "REWS", "RWS",
					      "RASWS", "RESWS", "RSWS"};

	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct tape t = {0};
		struct report *r;

		tape__arrival(&t, 1, LISTENER);
		tape__arrival(&t, 2, LISTENER);
		tape__wake(&t, 2, 11, CAUSE_EPOLL);
		for (const char *s = stories[i]; *s; s++)
			tell(&t, *s);
		r = complete_report_of(&t);
		assert_int_equal(wake(r, 3, 0)->outcome, OUTCOME_SWALLOWED);
		assert_int_equal(wake(r, 3, 0)->accepted_connection, 0);
		report__free(r);
	}
}

/*
 * A waker is faster than the sleep that its wake ends: __schedule() is told after sched_waking. The
 * sleep has the number of the wake before, and decides nothing of this one.
 */
static void test_sleep_that_was_overtaken(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 1);
	arrive(&t, 2, 11, 0);
	tape__wake(&t, 1, 11, CAUSE_ACCEPT)->number = 1;
	tape__accept(&t, 11, 1);
	tape__wake(&t, 2, 11, CAUSE_ACCEPT)->number = 2;
	tape__sleep(&t, 11)->number = 1;
	tape__accept(&t, 11, 2);
	tape__sleep(&t, 11)->number = 2;
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->outcome, OUTCOME_ACCEPTED);
	assert_int_equal(wake(r, 2, 0)->outcome, OUTCOME_ACCEPTED);
	assert_int_equal(wake(r, 2, 0)->accepted_connection, 2);
	assert_int_equal(r->totals.summary.wasted, 0);
	report__free(r);
}

/* A hand-over of the lock closes nothing by itself: a sleep closes up to its own number. */
static void test_sleep_closes_up_to_its_number(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, CAUSE_EPOLL)->number = 1;
	tape__return(&t, 11);
	tape__wake_by(&t, 12, 0, 11, CAUSE_LOCK)->number = 2;
	tape__sleep(&t, 11)->number = 1;
	tape__accept(&t, 11, 1);
	tape__sleep(&t, 11)->number = 2;
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->outcome, OUTCOME_IDLE);
	assert_int_equal(r->totals.summary.wasted, 1);
	report__free(r);
}

static void test_accepts_several(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		tape__arrival(&t, i, LISTENER);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__return(&t, 11);
	for (unsigned i = 1; i <= 3; i++)
		tape__accept(&t, 11, i);
	tape__accept_fails(&t, 11, EAGAIN);
	tape__sleep(&t, 11);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.summary.accepted, 3);
	assert_int_equal(r->totals.summary.wakes, 1);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_ACCEPTED], 1);
	assert_int_equal(worker(r, 11)->accepted, 3);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(connection(r, i)->accepted_by, 11);
	assert_int_equal(connection(r, 3)->woken, 0);
	report__free(r);
}

/* The herd of a plain epoll: one accepts, one is too late, one never hears, one cannot. */
static void test_herd(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 4);
	for (uint32_t tid = 11; tid <= 14; tid++)
		tape__wake(&t, 1, tid, CAUSE_EPOLL)->exec_ns = 1000 * tid;
	tape__walk(&t, 1, 4);
	tape__return(&t, 12);
	tape__return(&t, 13);
	tape__accept(&t, 13, 1);
	tape__accept_fails(&t, 12, EAGAIN);
	tape__sleep(&t, 12)->exec_ns = 12300;
	tape__sleep(&t, 11)->exec_ns = 11020;
	tape__sleep(&t, 13)->exec_ns = 13004;
	tape__task(&t, TASK_EXITED, 14, "server");
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->woken, 4);
	assert_int_equal(connection(r, 1)->waiters, 4);
	assert_int_equal(connection(r, 1)->wasted, 3);
	assert_int_equal(connection(r, 1)->accepted_by, 13);
	assert_int_equal(r->totals.summary.wasted, 3);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_ACCEPTED], 1);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_EAGAIN], 1);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_SWALLOWED], 1);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_EXITED], 1);
	assert_int_equal(worker(r, 12)->wasted_cpu_ns, 300);
	assert_int_equal(worker(r, 13)->wasted_cpu_ns, 0);
	assert_int_equal(worker(r, 14)->wasted_cpu_ns, 0);
	assert_int_equal(r->totals.summary.wasted_cpu_ns, 320);
	assert_int_equal(wake(r, 1, 2)->cpu_ns, 4);
	assert_int_equal(wake(r, 1, 3)->cpu_ns, REPORT_UNKNOWN_NS);
	report__free(r);
}

/* ---- handed on ---- */

enum { DISPATCHER = 11, SECOND, POOL_THREAD, STRANGER };

/* Task 11, and the others as the story wants them: 2 and P are of its process, X is not. */
static void tell_of_threads(struct tape *t, char what)
{
	switch (what) {
	case '1': tape__return(t, DISPATCHER); break;
	case '2': tape__wake(t, 1, SECOND, CAUSE_EPOLL)->tgid = DISPATCHER; break;
	case 's':
		tape__return(t, SECOND);
		tape__sleep(t, SECOND);
		break;
	case 'E': tape__accept_fails(t, DISPATCHER, EAGAIN); break;
	case 'S': tape__sleep(t, DISPATCHER)->exec_ns = 1500; break;
	case 'P': tape__accept(t, POOL_THREAD, 1)->tgid = DISPATCHER; break;
	case 'X': tape__accept(t, STRANGER, 1); break;
	case 'D': tape__accept(t, DISPATCHER, 1); break;
	case 'w':
		tape__arrival(t, 2, LISTENER);
		tape__wake(t, 2, POOL_THREAD, CAUSE_EPOLL)->tgid = DISPATCHER;
		break;
	default: fail_msg("story with a '%c'", what);
	}
}

static const struct {
	const char *story;
	unsigned handed_on, idle, eagain, swallowed;
} dispatches[] = {
	{"1SP", 1, 0, 0, 0},
	{"1PS", 1, 0, 0, 0},
	/* One is enough to tell. */
	{"21SsP", 1, 1, 0, 0},
	{"21sPS", 1, 1, 0, 0},
	/* The one that did hear. */
	{"2SsP", 1, 0, 0, 1},
	/* Another process cannot have been told; who was woken itself, or accepts after all, was not. */
	{"1SX", 0, 1, 0, 0},
	{"w1SP", 0, 1, 0, 0},
	{"1SD", 0, 1, 0, 0},
	{"1ESP", 0, 0, 1, 0},
	{"SP", 0, 0, 0, 1},
	{"1S", 0, 1, 0, 0},
};

static void test_handed_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dispatches) / sizeof(dispatches[0]); i++) {
		struct tape t = {0};
		const struct report_summary *s;
		struct report *r;

		tape__listen(&t, LISTENER, 8888);
		tape__arrival(&t, 1, LISTENER);
		tape__wake(&t, 1, DISPATCHER, CAUSE_EPOLL)->exec_ns = 1000;
		for (const char *c = dispatches[i].story; *c; c++)
			tell_of_threads(&t, *c);
		r = complete_report_of(&t);
		s = &r->totals.summary;
		if (s->outcome[OUTCOME_HANDED_ON] != dispatches[i].handed_on ||
		    s->outcome[OUTCOME_IDLE] != dispatches[i].idle ||
		    s->outcome[OUTCOME_EAGAIN] != dispatches[i].eagain ||
		    s->outcome[OUTCOME_SWALLOWED] != dispatches[i].swallowed)
			fail_msg("%s", dispatches[i].story);
		assert_int_equal(s->wasted, dispatches[i].idle + dispatches[i].eagain +
						    dispatches[i].swallowed);
		assert_int_equal(connection(r, 1)->wasted, s->wasted);
		report__free(r);
	}
}

/* It is booked anew for its worker, too: no CPU time was wasted. */
static void test_handed_on_is_not_wasted(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__arrival(&t, 1, LISTENER);
	tape__wake(&t, 1, DISPATCHER, CAUSE_EPOLL)->exec_ns = 1000;
	for (const char *c = "1SP"; *c; c++)
		tell_of_threads(&t, *c);
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->outcome, OUTCOME_HANDED_ON);
	assert_int_equal(wake(r, 1, 0)->cpu_ns, 500);
	assert_int_equal(worker(r, DISPATCHER)->outcome[OUTCOME_HANDED_ON], 1);
	assert_int_equal(worker(r, DISPATCHER)->outcome[OUTCOME_IDLE], 0);
	assert_int_equal(worker(r, DISPATCHER)->wasted_cpu_ns, 0);
	assert_int_equal(r->totals.summary.wasted_cpu_ns, 0);
	report__free(r);
}

/* ---- causes ---- */

static void test_causes(void **state)
{
	static const enum wake_cause causes[] = {CAUSE_ACCEPT, CAUSE_EPOLL, CAUSE_POLL,
						 CAUSE_IO_URING, CAUSE_CHAIN};
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 5);
	for (unsigned i = 0; i < 5; i++)
		for (unsigned n = 0; n <= i; n++)
			tape__wake(&t, 1, 11 + i, causes[i]);
	r = complete_report_of(&t);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(r->totals.summary.wakes_by_cause.of[causes[i]], i + 1);
		assert_int_equal(worker(r, 11 + i)->wakes, i + 1);
	}
	assert_int_equal(r->totals.summary.wakes_by_cause.of[CAUSE_LOCK], 0);
	assert_int_equal(r->totals.summary.wakes, 15);
	report__free(r);
}

static void test_unknown_cause(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, CAUSE_OTHER);
	tape__end(&t);
	r = incomplete_report_of(&t, "not known");
	assert_null(report__unbalanced(r));
	assert_int_equal(r->totals.summary.wakes, 1);
	report__free(r);
}

/* ---- chains ---- */

static void test_chain_inherits(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 4);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__walk(&t, 1, 1);
	arrive(&t, 2, 12, 3);
	tape__walk(&t, 2, 1);
	/* The item has been offered for 2 meanwhile; but 11 harvests because of 1, and so on. */
	tape__wake_by(&t, 11, 2, 12, CAUSE_CHAIN);
	tape__wake_by(&t, 12, 2, 13, CAUSE_CHAIN);
	tape__sleep(&t, 13);
	tape__return(&t, 11);
	tape__accept(&t, 11, 1);
	tape__return(&t, 12);
	tape__accept(&t, 12, 2);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->woken, 3);
	assert_int_equal(connection(r, 2)->woken, 0);
	assert_int_equal(wake(r, 1, 1)->cause, CAUSE_CHAIN);
	assert_int_equal(wake(r, 1, 1)->waker_tid, 11);
	assert_int_equal(wake(r, 1, 1)->accepted_connection, 2);
	assert_int_equal(wake(r, 1, 2)->outcome, OUTCOME_SWALLOWED);
	report__free(r);
}

/* The waker was never woken, or has slept since: what is known of the item decides. */
static void test_chain_without_open_wake(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 2);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__sleep(&t, 11);
	arrive(&t, 2, 12, 2);
	tape__wake_by(&t, 11, 2, 12, CAUSE_CHAIN);
	tape__wake_by(&t, 99, 2, 13, CAUSE_CHAIN);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->woken, 1);
	assert_int_equal(connection(r, 2)->woken, 2);
	report__free(r);
}

/*
 * A server with EPOLLONESHOT: the first worker has its connection and re-arms the item, which
 * wakes the second for the next connection. That is one task for each, no herd.
 */
static void test_chain_after_return(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 2);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__walk(&t, 1, 1);
	tape__return(&t, 11);
	arrive(&t, 2, 12, 1);
	tape__walk(&t, 2, 1);
	tape__accept(&t, 11, 1);
	tape__wake_by(&t, 11, 2, 12, CAUSE_CHAIN);
	/* Re-armed before the accept: nothing else was offered, so it is the same connection. */
	arrive(&t, 3, 13, 3);
	tape__wake(&t, 3, 13, CAUSE_EPOLL);
	tape__return(&t, 13);
	tape__wake_by(&t, 13, 3, 14, CAUSE_CHAIN);
	/* Re-armed before the accept, and the item has been offered another one meanwhile. */
	arrive(&t, 4, 15, 1);
	tape__walk(&t, 4, 1);
	tape__wake_by(&t, 13, 4, 15, CAUSE_CHAIN);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->woken, 1);
	assert_int_equal(connection(r, 2)->woken, 1);
	assert_int_equal(connection(r, 4)->woken, 1);
	assert_int_equal(wake(r, 4, 0)->tid, 15);
	assert_int_equal(wake(r, 2, 0)->tid, 12);
	assert_int_equal(connection(r, 3)->woken, 2);
	report__free(r);
}

/* A hand-over is no wake for an arrival: it leaves nothing to inherit. */
static void test_chain_and_lock(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 3);
	arrive(&t, 2, 11, 3);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__wake(&t, 2, 12, CAUSE_EPOLL);
	/* 11 hands the lock to 12, then 12 wakes 13 for what it was itself woken for. */
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__wake_by(&t, 12, 1, 13, CAUSE_CHAIN);
	/* 14 has nothing but the lock, which it got from 11. */
	tape__wake_by(&t, 11, 0, 14, CAUSE_LOCK);
	tape__wake_by(&t, 14, 2, 15, CAUSE_CHAIN);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->woken, 1);
	assert_int_equal(connection(r, 1)->wake_cnt, 3);
	assert_int_equal(connection(r, 2)->woken, 3);
	assert_int_equal(wake(r, 2, 1)->tid, 13);
	assert_int_equal(wake(r, 2, 2)->tid, 15);
	report__free(r);
}

static void test_chain_from_nowhere(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__wake_by(&t, 11, 5, 12, CAUSE_CHAIN);
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_true(r->loss.unbalanced > 0);
	assert_int_equal(r->totals.summary.wakes, 0);
	report__free(r);
}

/* ---- the socket's lock ---- */

static void test_lock_of_woken_task(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 2);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__return(&t, 11);
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__accept(&t, 11, 1);
	tape__accept_fails(&t, 12, EAGAIN);
	tape__sleep(&t, 12);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->wake_cnt, 2);
	assert_int_equal(connection(r, 1)->woken, 1);
	assert_int_equal(connection(r, 1)->wasted, 0);
	assert_int_equal(wake(r, 1, 1)->cause, CAUSE_LOCK);
	assert_int_equal(wake(r, 1, 1)->waker_tid, 11);
	assert_int_equal(r->totals.summary.wakes, 1);
	assert_int_equal(r->totals.summary.wasted, 0);
	assert_int_equal(r->totals.summary.wakes_by_cause.of[CAUSE_LOCK], 1);
	assert_int_equal(r->totals.summary.lock_without_arrival, 0);
	assert_int_equal(worker(r, 12)->wakes, 0);
	assert_int_equal(worker(r, 12)->lock_wakes, 1);
	report__free(r);
}

/* A task that nobody woke hands on the lock on its way out of accept, with the connection. */
static void test_lock_adopted(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_SEEN, 11, "server");
	arrive(&t, 1, 12, 2);
	arrive(&t, 2, 13, 1);
	arrive(&t, 3, 13, 1);
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__wake_by(&t, 11, 0, 13, CAUSE_LOCK);
	tape__accept(&t, 11, 1);
	/* The next connection has no part in that; nor in what an accept did that got nothing. */
	tape__accept(&t, 11, 2);
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__accept_fails(&t, 11, EAGAIN);
	tape__accept(&t, 11, 3);
	/* A task that was woken is after something else once it has accepted. */
	arrive(&t, 4, 14, 1);
	arrive(&t, 5, 14, 1);
	tape__wake(&t, 4, 14, CAUSE_EPOLL);
	tape__accept(&t, 14, 4);
	tape__wake_by(&t, 14, 0, 12, CAUSE_LOCK);
	tape__accept(&t, 14, 5);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->wake_cnt, 2);
	assert_int_equal(connection(r, 1)->woken, 0);
	assert_int_equal(connection(r, 2)->wake_cnt, 0);
	assert_int_equal(connection(r, 3)->wake_cnt, 0);
	assert_int_equal(connection(r, 4)->wake_cnt, 1);
	assert_int_equal(connection(r, 5)->wake_cnt, 1);
	assert_int_equal(r->totals.summary.lock_without_arrival, 1);
	report__free(r);
}

static void test_lock_without_arrival(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->queued = 1;
	tape__task(&t, TASK_SEEN, 11, "server");
	tape__task(&t, TASK_SEEN, 12, "server");
	/* The accept that it was part of got nothing. */
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	tape__accept_fails(&t, 11, EAGAIN);
	/* It got one from before the trace. */
	tape__wake_by(&t, 12, 0, 13, CAUSE_LOCK);
	tape__accept(&t, 12, 50);
	/* The waker is unknown, or the trace ends. */
	tape__wake_by(&t, 99, 0, 13, CAUSE_LOCK);
	tape__wake_by(&t, 13, 0, 11, CAUSE_LOCK);
	arrive(&t, 1, 12, 1);
	tape__accept(&t, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->wake_cnt, 0);
	assert_int_equal(r->totals.summary.wakes_by_cause.of[CAUSE_LOCK], 4);
	assert_int_equal(r->totals.summary.lock_without_arrival, 4);
	assert_int_equal(r->totals.summary.wakes, 0);
	report__free(r);
}

/* Released by a task that goes to sleep in accept: no consequence of what arrives later. */
static void test_lock_before_arrival(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_SEEN, 11, "server");
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK);
	arrive(&t, 1, 11, 2);
	tape__wake(&t, 1, 11, CAUSE_ACCEPT);
	tape__accept(&t, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->wake_cnt, 1);
	assert_int_equal(r->totals.summary.lock_without_arrival, 1);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row_of_connection),
		cmocka_unit_test(test_row_of_wake),
		cmocka_unit_test(test_rows_of_worker_and_listener),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_outcome_of_next_wake),
		cmocka_unit_test(test_sleep_that_was_overtaken),
		cmocka_unit_test(test_sleep_closes_up_to_its_number),
		cmocka_unit_test(test_accepts_several),
		cmocka_unit_test(test_herd),
		cmocka_unit_test(test_handed_on),
		cmocka_unit_test(test_handed_on_is_not_wasted),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_unknown_cause),
		cmocka_unit_test(test_chain_inherits),
		cmocka_unit_test(test_chain_without_open_wake),
		cmocka_unit_test(test_chain_after_return),
		cmocka_unit_test(test_chain_and_lock),
		cmocka_unit_test(test_chain_from_nowhere),
		cmocka_unit_test(test_lock_of_woken_task),
		cmocka_unit_test(test_lock_adopted),
		cmocka_unit_test(test_lock_without_arrival),
		cmocka_unit_test(test_lock_before_arrival),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
