// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which arrival, child, listener and task a record is about, and who waited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "live_model.h"
#include "model_fixture.h"

/* ---- which arrival, which child ---- */

/* Two CPUs: everything of one arrival lies between things of the other. */
static void test_overlapping_arrivals(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__arrival(&t, 2, LISTENER);
	tape__waiter(&t, 2, 12);
	tape__waiter(&t, 1, 11);
	tape__waiter(&t, 1, 12);
	tape__wake(&t, 2, 12, CAUSE_EPOLL);
	tape__waiter(&t, 2, 11);
	tape__waiter(&t, 2, 13);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__walk(&t, 2, 5);
	tape__wake(&t, 1, 13, CAUSE_POLL);
	tape__walk(&t, 1, 3);
	tape__accept(&t, 12, 1);
	tape__accept(&t, 11, 2);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 2);
	assert_int_equal(connection(r, 2)->waiters, 3);
	assert_int_equal(connection(r, 1)->offers, 3);
	assert_int_equal(connection(r, 2)->offers, 5);
	assert_int_equal(connection(r, 1)->woken, 2);
	assert_int_equal(connection(r, 2)->woken, 1);
	assert_int_equal(connection(r, 1)->accepted_by, 12);
	assert_int_equal(connection(r, 2)->accepted_by, 11);
	assert_int_equal(wake(r, 1, 0)->accepted_connection, 2);
	assert_int_equal(wake(r, 2, 0)->accepted_connection, 1);
	report__free(r);
}

/* Orders in which things go when a task was not quite asleep. */
static void test_fast_path(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	/* It takes the connection before the walk gets to the tasks that wait. */
	arrive(&t, 1, 12, 1);
	tape__accept(&t, 11, 1);
	tape__waiter(&t, 1, 13);
	tape__wake(&t, 1, 12, CAUSE_EPOLL);
	tape__walk(&t, 1, 2);
	tape__return(&t, 12);
	tape__accept_fails(&t, 12, EAGAIN);
	tape__sleep(&t, 12);
	/* What it did before the wake did not come of the wake. */
	arrive(&t, 2, 14, 1);
	tape__return(&t, 14);
	tape__accept_fails(&t, 14, EAGAIN);
	tape__wake(&t, 2, 14, CAUSE_POLL);
	tape__walk(&t, 2, 1);
	tape__sleep(&t, 14);
	tape__sleep(&t, 14);
	tape__return(&t, 14);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 2);
	assert_int_equal(connection(r, 1)->accepted_by, 11);
	assert_int_equal(wake(r, 1, 0)->outcome, OUTCOME_EAGAIN);
	assert_int_equal(wake(r, 1, 0)->wake_to_run_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(wake(r, 2, 0)->outcome, OUTCOME_SWALLOWED);
	report__free(r);
}

static void test_child_handle_reused(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->queued = 1;
	/* After its accept, and before one. */
	tape__arrival(&t, 1, LISTENER);
	tape__accept(&t, 11, 1);
	tape__arrival(&t, 2, LISTENER)->child = TAPE_CHILD(1);
	tape__arrival(&t, 3, LISTENER)->child = TAPE_CHILD(1);
	tape__accept(&t, 12, 1);
	/* There is no connection of that name any more: it was there before. */
	tape__accept(&t, 13, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->accepted_by, 11);
	assert_int_equal(connection(r, 2)->end, CONNECTION_WAITING);
	assert_int_equal(connection(r, 3)->accepted_by, 12);
	assert_int_equal(r->totals.summary.accepted, 2);
	assert_int_equal(r->totals.summary.accepted_untracked, 1);
	assert_int_equal(worker(r, 13)->accepted, 0);
	report__free(r);
}

static void test_accept_from_before_the_trace(void **state)
{
	struct tape t = {0}, u = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->queued = 1;
	tape__listen(&t, 2, 9999)->queued = 1;
	tape__accept(&t, 11, 70);
	tape__accept(&t, 11, 71);
	tape__arrival(&t, 1, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 1);
	assert_int_equal(r->totals.summary.accepted, 0);
	assert_int_equal(r->totals.summary.waiting, 1);
	assert_int_equal(r->totals.summary.accepted_untracked, 2);
	assert_int_equal(connection(r, 1)->accepted_by, 0);
	assert_int_equal(connection(r, 1)->arrival_to_accept_ns, REPORT_UNKNOWN_NS);
	assert_int_equal(connection(r, 1)->waited_ns, STEP);
	report__free(r);
	/* More than there were: their arrivals were missed. */
	tape__listen(&u, LISTENER, 8888)->queued = 1;
	tape__accept(&u, 11, 70)->listener = LISTENER;
	tape__accept(&u, 12, 71)->listener = LISTENER;
	tape__end(&u);
	r = incomplete_report_of(&u, "balance");
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);
}

/* A listener that was there: what is accepted before all that has arrived since was there, too. */
static void test_accept_from_before_is_first(void **state)
{
	static const struct {
		uint32_t tracked_by; /* before it */
		bool has_begun_since;
		uint64_t unbalanced;
	} cases[] = {
		{0, false, 0},
		{11, false, 1},
		/* Both were in accept at a time. */
		{12, false, 0},
		{12, true, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tape t = {0};
		struct report *r;

		/* One was on its way into the queue when it was looked at. */
		tape__listen(&t, LISTENER, 8888)->was_there = 1;
		tape__arrival(&t, 1, LISTENER);
		if (cases[i].tracked_by)
			tape__accept(&t, cases[i].tracked_by, 1)->listener = LISTENER;
		if (cases[i].has_begun_since)
			tape__accept_fails(&t, 11, EAGAIN)->listener = LISTENER;
		tape__accept(&t, 11, 70)->listener = LISTENER;
		tape__end(&t);
		r = report_of(&t);
		assert_int_equal(r->loss.unbalanced, cases[i].unbalanced);
		assert_int_equal(r->totals.summary.accepted_untracked, 1);
		report__free(r);
	}
}

/* Whose entry was before the trace: it does not say of which listener. */
static void test_accept_that_began_before(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->was_there = 1;
	tape__arrival(&t, 1, LISTENER);
	tape__accept(&t, 12, 1)->listener = LISTENER;
	tape__accept(&t, 11, 70);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.summary.accepted_untracked, 1);
	report__free(r);
	/* A task is in one call at a time. */
	memset(&t, 0, sizeof(t));
	tape__listen(&t, LISTENER, 8888)->was_there = 1;
	tape__accept(&t, 11, 70);
	tape__accept(&t, 11, 71);
	tape__end(&t);
	r = incomplete_report_of(&t, "balance");
	report__free(r);
}

/* Another CPU had begun it before the listener closed, and was told of after that. */
static void test_arrival_after_the_end(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__unlisten(&t, LISTENER);
	tape__arrival(&t, 1, LISTENER);
	tape__refused(&t, 1);
	tape__arrival(&t, 2, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.listener_cnt, 1);
	assert_int_equal(r->connection_cnt, 1);
	assert_int_equal(connection(r, 1)->end, CONNECTION_LOST);
	assert_int_equal(r->totals.summary.lost, 1);
	report__free(r);
}

/* It came to the next listener in the same memory, before that was announced. */
static void test_arrival_before_the_beginning(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__unlisten(&t, LISTENER);
	tape__arrival(&t, 1, LISTENER);
	tape__listen(&t, LISTENER, 9999);
	tape__accept(&t, 11, 1)->listener = LISTENER;
	tape__arrival(&t, 2, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.listener_cnt, 2);
	assert_int_equal(connection(r, 1)->listener, 2);
	assert_int_equal(connection(r, 2)->listener, 2);
	assert_int_equal(r->totals.summary.accepted, 1);
	assert_int_equal(r->totals.summary.lost, 0);
	report__free(r);
}

static void test_refused(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__refused(&t, 1);
	tape__arrival(&t, 2, LISTENER)->child = TAPE_CHILD(1);
	tape__wake(&t, 2, 11, CAUSE_ACCEPT);
	tape__accept(&t, 11, 1);
	tape__arrival(&t, 3, LISTENER);
	r = complete_report_of(&t);
	/* It did not take place: the first connection is the second arrival. */
	assert_int_equal(r->connection_cnt, 2);
	assert_string_equal(connection(r, 1)->peer, "127.0.0.1:40002");
	assert_int_equal(connection(r, 1)->time_ns, 0);
	assert_int_equal(connection(r, 1)->end, CONNECTION_ACCEPTED);
	assert_int_equal(connection(r, 2)->time_ns, 3 * STEP);
	assert_int_equal(wake(r, 1, 0)->accepted_connection, 1);
	assert_int_equal(r->totals.listeners[0].connections, 2);
	report__free(r);
}

static void test_refused_and_accepted(void **state)
{
	struct tape t = {0}, u = {0}, v = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__wake(&t, 1, 11, CAUSE_ACCEPT);
	tape__refused(&t, 1);
	tape__accept(&t, 11, 1);
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_int_equal(r->connection_cnt, 0);
	assert_int_equal(r->totals.summary.accepted, 0);
	assert_int_equal(worker(r, 11)->accepted, 0);
	report__free(r);

	tape__arrival(&u, 1, LISTENER);
	tape__accept(&u, 11, 1);
	tape__refused(&u, 1);
	tape__end(&u);
	r = incomplete_report_of(&u, "contradict");
	assert_int_equal(connection(r, 1)->end, CONNECTION_ACCEPTED);
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);

	tape__arrival(&v, 1, LISTENER);
	tape__refused(&v, 1);
	tape__refused(&v, 1);
	tape__end(&v);
	r = incomplete_report_of(&v, "contradict");
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);
}

/* ---- waiters and walks ---- */

static void test_waiters_once_each(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__arrival(&t, 2, LISTENER);
	tape__waiter(&t, 1, 12);
	tape__waiter(&t, 2, 12);
	tape__waiter(&t, 1, 11);
	tape__waiter(&t, 1, 12);
	tape__waiter(&t, 1, 11)->cause = CAUSE_POLL;
	tape__waiter(&t, 2, 12);
	tape__waiter(&t, 1, 13)->tgid = 11;
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 3);
	assert_int_equal(connection(r, 2)->waiters, 1);
	assert_int_equal(r->totals.worker_cnt, 3);
	report__free(r);
}

/* Who sleeps on another listener of the group only is no waiter, but idle. Once each, too. */
static void test_waiters_elsewhere(void **state)
{
	static const uint32_t tids[] = {11, 12, 13, 12, 13, 11};
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	for (unsigned i = 0; i < 6; i++)
		tape__waiter(&t, 1, tids[i])->elsewhere = i > 0;
	tape__arrival(&t, 2, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 1);
	assert_int_equal(connection(r, 1)->group_idle, 2);
	assert_int_equal(connection(r, 2)->group_idle, 0);
	report__free(r);
}

/* Waiters that are told together are told as each alone: one of two arrivals, here and elsewhere, in the order of places. */
static void test_waiters_together(void **state)
{
	struct tape t = {0};
	struct report *r;
	struct waiter_entry *w;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__arrival(&t, 2, LISTENER);
	w = tape__waiters(&t, 1, (const uint32_t[]){11, 12, 12, 13, 14}, 5);
	for (unsigned i = 0; i < 4; i++) {
		w[i].place = 9 - i;
		w[i].flags = i ? WAITER_KNOWN : WAITER_KNOWN | WAITER_EXCLUSIVE;
	}
	w[4].elsewhere = 1;
	tape__waiters(&t, 2, (const uint32_t[]){15}, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->waiters, 3);
	assert_int_equal(connection(r, 1)->group_idle, 1);
	assert_int_equal(connection(r, 2)->waiters, 1);
	assert_int_equal(r->totals.worker_cnt, 5);
	assert_int_equal(r->totals.pools.all.at[0].exclusive, 1);
	assert_int_equal(r->totals.pools.all.at[0].shared_wait, 3);
	report__free(r);
}

static void test_walk_in_chunks(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	arrive(&t, 1, 11, 3);
	tape__wake(&t, 1, 11, CAUSE_POLL);
	tape__walk(&t, 1, 64);
	tape__wake(&t, 1, 12, CAUSE_POLL);
	tape__walk(&t, 1, 64)->truncated = 1;
	tape__wake(&t, 1, 13, CAUSE_POLL);
	tape__walk(&t, 1, 2);
	tape__arrival(&t, 2, LISTENER);
	tape__walk(&t, 2, 0);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 2);
	assert_int_equal(connection(r, 1)->offers, 130);
	assert_int_equal(connection(r, 1)->woken, 3);
	assert_true(connection(r, 1)->waiters_truncated);
	assert_false(connection(r, 2)->waiters_truncated);
	assert_int_equal(r->totals.summary.offers, 130);
	report__free(r);
}

/* ---- tasks ---- */

static void test_fork_and_exec(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_SEEN, 10, "sh");
	tape__task(&t, TASK_FORKED, 12, "sh")->parent_tid = 10;
	tape__task(&t, TASK_FORKED, 11, "sh")->parent_tid = 10;
	tape__task(&t, TASK_EXECED, 12, "httpd");
	tape__task(&t, TASK_FORKED, 13, "httpd")->tgid = 12;
	tape__arrival(&t, 1, LISTENER);
	tape__waiter(&t, 1, 13)->tgid = 12;
	tape__waiter(&t, 1, 11);
	tape__waiter(&t, 1, 12);
	tape__task(&t, TASK_EXECED, 11, "nginx");
	tape__task(&t, TASK_EXITED, 77, "?");
	r = complete_report_of(&t);
	/* Who neither waits nor wakes nor accepts is no worker. In order of number. */
	assert_int_equal(r->totals.worker_cnt, 3);
	assert_int_equal(r->totals.workers[0].tid, 11);
	assert_string_equal(r->totals.workers[0].comm, "nginx");
	assert_int_equal(r->totals.workers[1].tid, 12);
	assert_string_equal(r->totals.workers[1].comm, "httpd");
	assert_int_equal(r->totals.workers[2].tid, 13);
	assert_int_equal(r->totals.workers[2].pid, 12);
	report__free(r);
}

/* The end of one task says nothing of the next one of the same number. */
static void test_tid_reused(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_FORKED, 11, "one");
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__task(&t, TASK_EXITED, 11, "one");
	tape__task(&t, TASK_FORKED, 11, "two")->tgid = 9;
	tape__accept(&t, 11, 1)->tgid = 9;
	/* The exit was not seen. */
	arrive(&t, 2, 11, 1);
	tape__wake(&t, 2, 11, CAUSE_EPOLL)->tgid = 9;
	tape__task(&t, TASK_FORKED, 11, "three");
	tape__sleep(&t, 11);
	arrive(&t, 3, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.worker_cnt, 3);
	assert_string_equal(r->totals.workers[0].comm, "server");
	assert_int_equal(r->totals.workers[0].outcome[OUTCOME_EXITED], 1);
	assert_int_equal(r->totals.workers[0].accepted, 0);
	assert_int_equal(r->totals.workers[1].pid, 9);
	assert_int_equal(r->totals.workers[1].accepted, 1);
	assert_int_equal(r->totals.workers[1].outcome[OUTCOME_EXITED], 1);
	assert_string_equal(r->totals.workers[2].comm, "three");
	assert_int_equal(connection(r, 1)->accepted_worker, 2);
	report__free(r);
}

/* 12, a thread of 11, executes: it is the process' first thread from then on. */
static struct tape thread_executes(void)
{
	struct tape t = {0};

	tape__task(&t, TASK_FORKED, 11, "server");
	tape__task(&t, TASK_FORKED, 12, "server")->tgid = 11;
	tape__task(&t, TASK_FORKED, 13, "other");
	arrive(&t, 1, 11, 1);
	tape__waiter(&t, 1, 12)->tgid = 11;
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__accept(&t, 11, 1);
	tape__sleep(&t, 11);
	arrive(&t, 2, 11, 1);
	tape__wake(&t, 2, 12, CAUSE_EPOLL)->tgid = 11;
	tape__task(&t, TASK_EXITED, 11, "server");
	tape__task(&t, TASK_EXECED, 11, "new")->parent_tid = 12;
	return t;
}

static void test_thread_executes(void **state)
{
	struct tape t = thread_executes();
	struct report *r;

	(void)state;
	tape__accept(&t, 11, 2);
	arrive(&t, 3, 11, 1);
	strcpy(tape__wake(&t, 3, 11, CAUSE_ACCEPT)->comm, "new");
	tape__accept(&t, 11, 3);
	tape__task(&t, TASK_EXITED, 11, "new");
	r = complete_report_of(&t);
	assert_int_equal(r->totals.worker_cnt, 2);
	/* The number goes on, and what it does is one row. */
	assert_string_equal(worker(r, 11)->comm, "new");
	assert_int_equal(worker(r, 11)->wakes, 2);
	assert_int_equal(worker(r, 11)->accepted, 3);
	/* What was woken is no more. */
	assert_string_equal(worker(r, 12)->comm, "server");
	assert_int_equal(worker(r, 12)->outcome[OUTCOME_EXITED], 1);
	report__free(r);
}

/* Nobody waits for the end of a task that is no more. */
static void test_thread_executes_and_ends(void **state)
{
	struct live_model m;
	struct model_progress p;

	(void)state;
	live_model__begin(&m);
	m.tape = thread_executes();
	live_model__feed(&m);
	model__progress(m.model, &p);
	assert_int_equal(p.live_tasks, 2);
	assert_int_equal(p.open_wakes, 0);
	/* The number that nobody has, has somebody else by now. */
	tape__task(&m.tape, TASK_FORKED, 12, "next");
	tape__task(&m.tape, TASK_EXECED, 11, "newer")->parent_tid = 12;
	live_model__feed(&m);
	model__progress(m.model, &p);
	assert_int_equal(p.live_tasks, 3);
	tape__task(&m.tape, TASK_EXITED, 11, "newer");
	tape__task(&m.tape, TASK_EXITED, 12, "next");
	tape__task(&m.tape, TASK_EXITED, 13, "other");
	live_model__feed(&m);
	model__progress(m.model, &p);
	assert_int_equal(p.live_tasks, 0);
	live_model__end(&m);
}

/* The last name counts, whoever gave it; who is not known stays so. */
static void test_renamed(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_FORKED, 11, "server");
	tape__task(&t, TASK_RENAMED, 11, "early");
	arrive(&t, 1, 11, 2);
	tape__task(&t, TASK_RENAMED, 12, "worker 2");
	tape__task(&t, TASK_RENAMED, 11, "worker 1");
	tape__task(&t, TASK_RENAMED, 13, "nobody");
	arrive(&t, 2, 13, 1);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.worker_cnt, 3);
	assert_string_equal(worker(r, 11)->comm, "worker 1");
	assert_string_equal(worker(r, 12)->comm, "worker 2");
	assert_string_equal(worker(r, 13)->comm, "");
	report__free(r);
}

static void test_hostile_comm(void **state)
{
	static const char hostile[] = "\033[2J\xff\n\"\\%s%n\x01\x7f...";
	struct tape t = {0};
	struct report *r;

	(void)state;
	memcpy(tape__task(&t, TASK_SEEN, 11, "")->comm, hostile, RECORD_COMM_LEN);
	arrive(&t, 1, 11, 2);
	memset(tape__wake(&t, 1, 12, CAUSE_EPOLL)->comm, 'x', RECORD_COMM_LEN);
	r = complete_report_of(&t);
	assert_int_equal(strlen(worker(r, 11)->comm), RECORD_COMM_LEN);
	assert_memory_equal(worker(r, 11)->comm, hostile, RECORD_COMM_LEN);
	assert_string_equal(worker(r, 12)->comm, "xxxxxxxxxxxxxxxx");
	report__free(r);
}

/* ---- listeners ---- */

static void test_listener_closed(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__listen(&t, 2, 9999);
	for (unsigned i = 1; i <= 4; i++)
		tape__arrival(&t, i, i == 4 ? 2 : LISTENER);
	tape__accept(&t, 11, 2);
	tape__unlisten(&t, 0x5555);
	tape__unlisten(&t, LISTENER);
	tape__unlisten(&t, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->end, CONNECTION_LOST);
	assert_int_equal(connection(r, 2)->end, CONNECTION_ACCEPTED);
	assert_int_equal(connection(r, 3)->end, CONNECTION_LOST);
	assert_int_equal(connection(r, 4)->end, CONNECTION_WAITING);
	assert_int_equal(r->totals.summary.lost, 2);
	assert_int_equal(r->totals.summary.waiting, 1);
	assert_true(r->totals.listeners[0].closed);
	assert_false(r->totals.listeners[1].closed);
	report__free(r);
}

/* tcp_migrate_req: another listener of the group takes over the queue of one that closes. */
static void test_migrated(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	tape__unlisten(&t, LISTENER);
	tape__accept(&t, 11, 1);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->end, CONNECTION_ACCEPTED);
	assert_int_equal(r->totals.summary.lost, 0);
	report__free(r);
}

static void test_listener_handle_reused(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__arrival(&t, 1, LISTENER);
	tape__unlisten(&t, LISTENER);
	tape__listen(&t, LISTENER, 9999);
	tape__arrival(&t, 2, LISTENER);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.listener_cnt, 2);
	assert_string_equal(r->totals.listeners[1].address, "127.0.0.1:9999");
	assert_int_equal(connection(r, 1)->listener, 1);
	assert_int_equal(connection(r, 2)->listener, 2);
	assert_int_equal(connection(r, 2)->end, CONNECTION_WAITING);
	report__free(r);
}

/* Known by its first connection; LISTEN may be late by a hair. */
static void test_listener_unannounced(void **state)
{
	struct tape t = {0};
	struct record_arrival *a;
	struct report *r;

	(void)state;
	a = tape__arrival(&t, 1, LISTENER);
	a->local.family = a->peer.family = AF_INET6;
	memset(a->local.address, 0, sizeof(a->local.address));
	memset(a->peer.address, 0, sizeof(a->peer.address));
	a->local.address[15] = a->peer.address[15] = 1;
	tape__arrival(&t, 2, 2);
	tape__listen(&t, 2, 7777)->reuseport = 1;
	r = complete_report_of(&t);
	assert_int_equal(r->totals.listener_cnt, 2);
	assert_string_equal(r->totals.listeners[0].address, "[::1]:8888");
	assert_string_equal(connection(r, 1)->peer, "[::1]:40001");
	assert_string_equal(r->totals.listeners[1].address, "127.0.0.1:7777");
	assert_int_equal(r->totals.listeners[1].reuseport_group, 1);
	report__free(r);
}

/* ---- reuseport ---- */

static void test_reuseport_groups(void **state)
{
	static const uint16_t ports[] = {1, 2, 1, 3, 2, 1};
	static const unsigned groups[] = {1, 2, 1, 0, 2, 0};
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		tape__listen(&t, i + 1, ports[i])->reuseport = groups[i] != 0;
	r = complete_report_of(&t);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(r->totals.listeners[i].reuseport_group, groups[i]);
	report__free(r);
}

static void test_selection(void **state)
{
	struct tape t = {0};
	struct record_select *s;
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		tape__listen(&t, i, 8888)->reuseport = 1;
	tape__select(&t, 3, 1);
	/* Sent again: the last choice counts. A program chose 2, and not as the formula says. */
	tape__select(&t, 2, 2);
	s = tape__select(&t, 2, 2);
	s->program = 1;
	s->index = 1;
	tape__select(&t, 1, 3)->index = RECORD_NO_INDEX;
	tape__arrival(&t, 1, 3);
	tape__arrival(&t, 2, 2);
	tape__arrival(&t, 3, 1);
	r = complete_report_of(&t);
	assert_true(connection(r, 1)->selection.present);
	assert_int_equal(connection(r, 1)->selection.hash, 0x80000000);
	assert_int_equal(connection(r, 1)->selection.socks, 4);
	assert_int_equal(connection(r, 1)->selection.index, 2);
	assert_int_equal(connection(r, 1)->selection.predicted, 2);
	assert_false(connection(r, 1)->selection.program);
	assert_int_equal(connection(r, 2)->selection.index, 1);
	assert_true(connection(r, 2)->selection.program);
	assert_int_equal(connection(r, 3)->selection.index, RECORD_NO_INDEX);
	assert_int_equal(r->totals.summary.selections, 3);
	assert_int_equal(r->totals.summary.selections_predicted, 1);
	assert_int_equal(r->totals.summary.selections_by_program, 1);
	assert_int_equal(r->totals.summary.selections_unpredicted, 2);
	report__free(r);
}

/* Neither what a program chose counts as predicted, though it is the same, nor what is not in the group any more. */
static void test_selection_not_predicted(void **state)
{
	struct record_select *s;
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		tape__listen(&t, i, 8888)->reuseport = 1;
	tape__select(&t, 3, 1)->program = 1;
	s = tape__select(&t, 3, 2);
	s->index = RECORD_NO_INDEX;
	/* The formula had the choice, and something else was chosen: that differs. */
	tape__select(&t, 3, 3)->index = 1;
	for (unsigned i = 1; i <= 3; i++)
		tape__arrival(&t, i, 3);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.summary.selections, 3);
	assert_int_equal(r->totals.summary.selections_predicted, 0);
	assert_int_equal(r->totals.summary.selections_unpredicted, 2);
	report__free(r);
}

/*
 * Between the choice and the arrival, and between that and accept, members leave and join, and a program is
 * attached, so that others are chosen otherwise: what was predicted stays what it was at the choice.
 */
static void test_selection_of_its_time(void **state)
{
	struct record_select *s;
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		tape__listen(&t, i, 8888)->reuseport = 1;
	/* Member 2 of 4 is listener 3. Then listener 1 leaves: the last one moves into its place. */
	tape__select(&t, 3, 1);
	tape__unlisten(&t, 1);
	s = tape__select(&t, 3, 2);
	s->socks = 3;
	s->predicted = 1;
	tape__arrival(&t, 1, 3);
	tape__listen(&t, 5, 8888)->reuseport = 1;
	tape__listen(&t, 6, 8888)->reuseport = 1;
	tape__arrival(&t, 2, 3);
	s = tape__select(&t, 3, 3);
	s->program = 1;
	s->socks = 5;
	tape__arrival(&t, 3, 3);
	for (unsigned i = 1; i <= 3; i++)
		tape__accept(&t, 11, i);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->selection.socks, 4);
	assert_true(report_selection__as_predicted(&connection(r, 1)->selection));
	assert_int_equal(connection(r, 2)->selection.socks, 3);
	assert_true(report_selection__is_predicted(&connection(r, 2)->selection));
	assert_false(report_selection__as_predicted(&connection(r, 2)->selection));
	assert_int_equal(connection(r, 3)->selection.socks, 5);
	assert_false(report_selection__is_predicted(&connection(r, 3)->selection));
	assert_int_equal(r->totals.summary.selections, 3);
	assert_int_equal(r->totals.summary.selections_predicted, 1);
	assert_int_equal(r->totals.summary.selections_unpredicted, 1);
	report__free(r);
}

/* A SYN that led nowhere is not joined to somebody else's connection. */
static void test_selection_stale(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, 1, 8888)->reuseport = 1;
	tape__listen(&t, 2, 8888)->reuseport = 1;
	/* Another listener got the connection; another peer; the same peer once more. */
	tape__select(&t, 2, 1);
	tape__arrival(&t, 1, 1);
	tape__select(&t, 1, 9);
	tape__arrival(&t, 2, 1);
	tape__select(&t, 1, 3);
	tape__arrival(&t, 3, 1);
	tape__arrival(&t, 4, 1)->peer.port = TAPE_PEER_PORT(3);
	/* A listener that has closed since, whose memory is used again. */
	tape__select(&t, 1, 5);
	tape__unlisten(&t, 1);
	tape__listen(&t, 1, 8888)->reuseport = 1;
	tape__arrival(&t, 5, 1);
	r = complete_report_of(&t);
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(connection(r, i)->selection.present, i == 3);
	assert_int_equal(r->totals.summary.selections, 1);
	report__free(r);
}

/* The packet is IPv4, the socket that it makes on a dual-stack listener is IPv6. */
static void test_selection_mapped(void **state)
{
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
	struct tape t = {0};
	struct record_arrival *a;
	struct report *r;

	(void)state;
	tape__listen(&t, 1, 8888)->reuseport = 1;
	tape__select(&t, 1, 1);
	a = tape__arrival(&t, 1, 1);
	a->peer.family = AF_INET6;
	memcpy(a->peer.address, mapped, sizeof(mapped));
	r = complete_report_of(&t);
	assert_true(connection(r, 1)->selection.present);
	assert_string_equal(connection(r, 1)->peer, "[::ffff:127.0.0.1]:40001");
	report__free(r);
}

/* Of an IPv6 address all of it counts. */
static void test_selection_ipv6(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, 1, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= 2; i++) {
		struct record_endpoint *selected = &tape__select(&t, 1, i)->peer, *peer;

		selected->family = AF_INET6;
		memset(selected->address, i, sizeof(selected->address));
		peer = &tape__arrival(&t, i, 1)->peer;
		peer->family = AF_INET6;
		memset(peer->address, i, sizeof(peer->address));
		peer->address[0] = 1;
	}
	r = complete_report_of(&t);
	assert_true(connection(r, 1)->selection.present);
	assert_false(connection(r, 2)->selection.present);
	report__free(r);
}

#define SELECTIONS 65536 /* that wait at most */

/* Of a handshake that never ends. */
static void select_stranger(struct tape *t, uint64_t listener, uint32_t number)
{
	struct record_select *s = tape__select(t, listener, 1);

	s->peer.port = 1;
	memcpy(s->peer.address, &number, sizeof(number));
}

/* The oldest goes, and not what was chosen again since. */
static void test_selections_bounded(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, 1, 8888)->reuseport = 1;
	tape__select(&t, 1, 1);
	tape__select(&t, 1, 2);
	tape__select(&t, 1, 3);
	tape__select(&t, 1, 1);
	/* 2 is the oldest then, and there is one too many. */
	for (uint32_t i = 0; i < SELECTIONS - 2; i++)
		select_stranger(&t, 1, i);
	for (uint64_t i = 1; i <= 3; i++)
		tape__arrival(&t, i, 1);
	r = complete_report_of(&t);
	assert_true(connection(r, 1)->selection.present);
	assert_false(connection(r, 2)->selection.present);
	assert_true(connection(r, 3)->selection.present);
	report__free(r);
}

/* Those of a closed listener take nobody's place. */
static void test_selections_of_closed_listener(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, 1, 8888)->reuseport = 1;
	tape__listen(&t, 2, 8888)->reuseport = 1;
	tape__select(&t, 1, 1);
	for (uint32_t i = 0; i < SELECTIONS - 1; i++)
		select_stranger(&t, 2, i);
	tape__unlisten(&t, 2);
	for (uint32_t i = 0; i < SELECTIONS - 1; i++)
		select_stranger(&t, 1, i);
	tape__arrival(&t, 1, 1);
	r = complete_report_of(&t);
	assert_true(connection(r, 1)->selection.present);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlapping_arrivals),
		cmocka_unit_test(test_fast_path),
		cmocka_unit_test(test_child_handle_reused),
		cmocka_unit_test(test_accept_from_before_the_trace),
		cmocka_unit_test(test_accept_from_before_is_first),
		cmocka_unit_test(test_accept_that_began_before),
		cmocka_unit_test(test_arrival_after_the_end),
		cmocka_unit_test(test_arrival_before_the_beginning),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_and_accepted),
		cmocka_unit_test(test_waiters_once_each),
		cmocka_unit_test(test_waiters_elsewhere),
		cmocka_unit_test(test_waiters_together),
		cmocka_unit_test(test_walk_in_chunks),
		cmocka_unit_test(test_fork_and_exec),
		cmocka_unit_test(test_tid_reused),
		cmocka_unit_test(test_thread_executes),
		cmocka_unit_test(test_thread_executes_and_ends),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_hostile_comm),
		cmocka_unit_test(test_listener_closed),
		cmocka_unit_test(test_migrated),
		cmocka_unit_test(test_listener_handle_reused),
		cmocka_unit_test(test_listener_unannounced),
		cmocka_unit_test(test_reuseport_groups),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_selection_not_predicted),
		cmocka_unit_test(test_selection_of_its_time),
		cmocka_unit_test(test_selection_stale),
		cmocka_unit_test(test_selection_mapped),
		cmocka_unit_test(test_selection_ipv6),
		cmocka_unit_test(test_selections_bounded),
		cmocka_unit_test(test_selections_of_closed_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
