// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* AF_UNIX listeners with their names, and connections that move to another listener. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>

#include "model_fixture.h"

#define SECOND 0x2222
#define THIRD  0x3333
#define MOVED  500 /* the number of an arrival after its move */

/* ---- AF_UNIX ---- */

static void unix_listen(struct tape *t, uint64_t listener, const char *path)
{
	struct record_listen *r = tape__listen(t, listener, 0);

	r->local = (struct record_endpoint){.family = AF_UNIX};
	tape__path(t, listener, path);
}

static void unix_arrival(struct tape *t, uint64_t arrival, uint64_t listener, uint32_t pid)
{
	struct record_arrival *r = tape__arrival(t, arrival, listener);

	r->local = r->peer = (struct record_endpoint){.family = AF_UNIX};
	memcpy(r->peer.address, &pid, sizeof(pid));
}

static void test_unix(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	unix_listen(&t, LISTENER, "/run/x.sock");
	unix_listen(&t, SECOND, "@name");
	tape__listen(&t, THIRD, 7777);
	unix_arrival(&t, 1, LISTENER, 712);
	tape__waiter(&t, 1, 11);
	tape__wake(&t, 1, 11, CAUSE_ACCEPT);
	tape__walk(&t, 1, 1);
	tape__accept(&t, 11, 1);
	unix_arrival(&t, 2, SECOND, 0);
	unix_arrival(&t, 3, SECOND, UINT32_MAX);
	r = complete_report_of(&t);
	assert_string_equal(r->totals.listeners[0].address, "/run/x.sock");
	assert_string_equal(r->totals.listeners[0].protocol, "unix");
	assert_string_equal(r->totals.listeners[1].address, "@name");
	assert_string_equal(r->totals.listeners[1].protocol, "unix");
	assert_string_equal(r->totals.listeners[2].address, "127.0.0.1:7777");
	assert_string_equal(r->totals.listeners[2].protocol, "tcp");
	assert_string_equal(connection(r, 1)->peer, "pid 712");
	assert_string_equal(connection(r, 2)->peer, "pid ?");
	assert_string_equal(connection(r, 3)->peer, "pid 4294967295");
	assert_int_equal(connection(r, 1)->accepted_by, 11);
	assert_int_equal(connection(r, 2)->listener, 2);
	report__free(r);
}

/* The longest name there is; a name is bytes. */
static void test_unix_names(void **state)
{
	char longest[RECORD_PATH_LEN] = "";
	struct tape t = {0};
	struct report *r;

	(void)state;
	memset(longest, 'x', RECORD_PATH_LEN - 1);
	unix_listen(&t, LISTENER, longest);
	unix_listen(&t, SECOND, "@\033[2J\xff%s\n");
	r = complete_report_of(&t);
	assert_string_equal(r->totals.listeners[0].address, longest);
	assert_string_equal(r->totals.listeners[1].address, "@\033[2J\xff%s\n");
	report__free(r);
}

/* A name belongs to a listener that is open now. */
static void test_unix_path_of_nobody(void **state)
{
	struct tape t = {0}, u = {0};
	struct report *r;

	(void)state;
	tape__path(&t, LISTENER, "/run/x.sock");
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);
	unix_listen(&u, LISTENER, "/run/x.sock");
	tape__unlisten(&u, LISTENER);
	tape__path(&u, LISTENER, "/run/y.sock");
	tape__end(&u);
	r = incomplete_report_of(&u, "contradict");
	assert_string_equal(r->totals.listeners[0].address, "/run/x.sock");
	report__free(r);
}

/* What whoever opens the connections is told: the addresses of what is open now. */
static void test_unix_listener_path(void **state)
{
	struct model *m = model__new();
	struct tape t = {0};

	(void)state;
	unix_listen(&t, LISTENER, "@gone");
	unix_listen(&t, SECOND, "@name");
	tape__listen(&t, THIRD, 7777);
	tape__unlisten(&t, LISTENER);
	for (const struct record_header *h = NULL; (h = tape__next(&t, h));)
		assert_int_equal(model__take(m, h), 0);
	assert_int_equal(model__listener(m, 0)->family, AF_UNIX);
	assert_string_equal(model__listener_path(m, 0), "@name");
	assert_int_equal(model__listener(m, 1)->family, AF_INET);
	assert_string_equal(model__listener_path(m, 1), "");
	assert_null(model__listener(m, 2));
	assert_string_equal(model__listener_path(m, 2), "");
	model__free(m);
	tape__free(&t);
}

/* ---- from a closing listener to another one ---- */

/* Two listeners; the first closes with these arrivals, numbered from 1, in its queue. */
static void close_with(struct tape *t, unsigned arrivals)
{
	tape__listen(t, LISTENER, 8888)->reuseport = 1;
	tape__listen(t, SECOND, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= arrivals; i++)
		tape__arrival(t, i, LISTENER);
	tape__unlisten(t, LISTENER);
}

/* UNLISTEN has counted it lost; what the new listener does for it is its own. */
static void test_migrate(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	close_with(&t, 2);
	tape__migrate(&t, 1, MOVED, LISTENER, SECOND);
	tape__waiter(&t, MOVED, 21);
	tape__waiter(&t, MOVED, 22);
	tape__wake(&t, MOVED, 21, CAUSE_EPOLL);
	tape__wake(&t, MOVED, 22, CAUSE_EPOLL);
	tape__walk(&t, MOVED, 2);
	tape__accept(&t, 21, 1);
	tape__sleep(&t, 22);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 2);
	assert_int_equal(connection(r, 1)->listener, 2);
	assert_int_equal(connection(r, 1)->migrated_from, 1);
	assert_int_equal(connection(r, 1)->end, CONNECTION_ACCEPTED);
	assert_int_equal(connection(r, 1)->accepted_by, 21);
	assert_int_equal(connection(r, 1)->waiters, 2);
	assert_int_equal(connection(r, 1)->offers, 2);
	assert_int_equal(connection(r, 1)->woken, 2);
	assert_int_equal(connection(r, 1)->wasted, 1);
	assert_int_equal(connection(r, 2)->listener, 1);
	assert_int_equal(connection(r, 2)->migrated_from, 0);
	assert_int_equal(connection(r, 2)->end, CONNECTION_LOST);
	assert_int_equal(r->totals.summary.migrated, 1);
	assert_int_equal(r->totals.summary.lost, 1);
	assert_int_equal(r->totals.listeners[0].connections, 1);
	assert_int_equal(r->totals.listeners[0].accepted, 0);
	assert_int_equal(r->totals.listeners[1].accepted, 1);
	report__free(r);
}

/* Whom the first listener woke is part of the same story, before the move and after it. */
static void test_migrate_under_both_names(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, SECOND, 8888);
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__walk(&t, 1, 1);
	tape__unlisten(&t, LISTENER);
	tape__migrate(&t, 1, MOVED, LISTENER, SECOND);
	tape__waiter(&t, MOVED, 21);
	tape__wake_by(&t, 11, 1, 12, CAUSE_CHAIN);
	tape__wake(&t, MOVED, 21, CAUSE_ACCEPT);
	tape__walk(&t, MOVED, 1);
	tape__walk(&t, 1, 3);
	tape__accept(&t, 21, 1);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 1);
	assert_int_equal(connection(r, 1)->woken, 3);
	assert_int_equal(connection(r, 1)->waiters, 2);
	assert_int_equal(connection(r, 1)->offers, 5);
	assert_int_equal(wake(r, 1, 1)->cause, CAUSE_CHAIN);
	assert_int_equal(wake(r, 1, 2)->accepted_connection, 1);
	assert_int_equal(connection(r, 1)->arrival_to_accept_ns, 11 * STEP);
	report__free(r);
}

/* Out of the middle of one listener's connections, into those of another that closes next. */
static void test_migrate_again(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	close_with(&t, 3);
	tape__listen(&t, THIRD, 8888);
	tape__arrival(&t, 4, SECOND);
	tape__migrate(&t, 2, MOVED, LISTENER, SECOND);
	tape__migrate(&t, 3, MOVED + 1, LISTENER, SECOND);
	tape__migrate(&t, 1, MOVED + 2, LISTENER, THIRD);
	tape__unlisten(&t, SECOND);
	tape__migrate(&t, 3, MOVED + 3, SECOND, THIRD);
	for (unsigned i = 0; i < 4; i++)
		tape__wake(&t, MOVED + i, 30 + i, CAUSE_POLL);
	tape__accept(&t, 33, 3);
	r = complete_report_of(&t);
	assert_int_equal(connection(r, 1)->end, CONNECTION_WAITING);
	assert_int_equal(connection(r, 1)->listener, 3);
	assert_int_equal(connection(r, 2)->end, CONNECTION_LOST);
	assert_int_equal(connection(r, 2)->listener, 2);
	assert_int_equal(connection(r, 3)->end, CONNECTION_ACCEPTED);
	assert_int_equal(connection(r, 3)->listener, 3);
	assert_int_equal(connection(r, 3)->migrated_from, 2);
	assert_int_equal(connection(r, 3)->woken, 2);
	assert_int_equal(connection(r, 4)->end, CONNECTION_LOST);
	assert_int_equal(r->totals.summary.migrated, 3);
	assert_int_equal(r->totals.summary.lost, 2);
	report__free(r);
}

/* Where it was moved to, the queue was full: the client is reset. */
static void test_migrate_refused(void **state)
{
	struct tape t = {0}, u = {0};
	struct report *r;

	(void)state;
	close_with(&t, 1);
	tape__migrate(&t, 1, MOVED, LISTENER, SECOND);
	tape__refused(&t, MOVED);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 1);
	assert_int_equal(connection(r, 1)->end, CONNECTION_LOST);
	assert_int_equal(connection(r, 1)->migrated_from, 1);
	assert_int_equal(r->totals.summary.lost, 1);
	assert_int_equal(r->totals.summary.migrated, 1);
	report__free(r);
	/* And the listener closes then: it is lost once. */
	close_with(&u, 1);
	tape__migrate(&u, 1, MOVED, LISTENER, SECOND);
	tape__refused(&u, MOVED);
	tape__unlisten(&u, SECOND);
	r = complete_report_of(&u);
	assert_int_equal(r->totals.summary.lost, 1);
	report__free(r);
}

static void expect_progress(const struct model *m, uint64_t ended, uint64_t accepted)
{
	struct model_progress p;

	model__progress(m, &p);
	assert_int_equal(p.arrivals, 1);
	assert_int_equal(p.ended, ended);
	assert_int_equal(p.accepted, accepted);
}

/* Whoever paces the load waits for what is not decided yet. */
static void test_migrate_progress(void **state)
{
	static const uint64_t ended[] = {0, 0, 0, 1, 0, 1};

	(void)state;
	for (unsigned accepted = 0; accepted < 2; accepted++) {
		const struct record_header *h = NULL;
		struct model *m = model__new();
		struct tape t = {0};

		close_with(&t, 1);
		tape__migrate(&t, 1, MOVED, LISTENER, SECOND);
		if (accepted)
			tape__accept(&t, 21, 1);
		else
			tape__refused(&t, MOVED);
		for (unsigned i = 0; (h = tape__next(&t, h)); i++) {
			assert_int_equal(model__take(m, h), 0);
			if (i >= 2)
				expect_progress(m, ended[i], accepted && i == 5);
		}
		model__free(m);
		tape__free(&t);
	}
}

/* One that arrived before the trace, or whose story is over. */
static void test_migrate_unknown_child(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	close_with(&t, 1);
	tape__migrate(&t, 77, MOVED, LISTENER, SECOND);
	tape__accept(&t, 11, 1);
	tape__migrate(&t, 1, MOVED + 1, LISTENER, SECOND);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 1);
	assert_int_equal(connection(r, 1)->listener, 1);
	assert_int_equal(r->totals.summary.migrated, 0);
	report__free(r);
}

/* What is woken for a connection from before the trace has no row to be in: no contradiction. */
static void test_migrate_from_before(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->queued = 1;
	tape__listen(&t, SECOND, 8888);
	tape__unlisten(&t, LISTENER);
	tape__migrate(&t, 77, MOVED, LISTENER, SECOND);
	tape__waiter(&t, MOVED, 21);
	tape__wake(&t, MOVED, 21, CAUSE_ACCEPT);
	tape__walk(&t, MOVED, 1);
	tape__accept(&t, 21, 77);
	tape__sleep(&t, 21);
	r = complete_report_of(&t);
	assert_int_equal(r->connection_cnt, 0);
	assert_int_equal(r->totals.summary.wakes, 0);
	assert_int_equal(r->totals.summary.accepted_untracked, 1);
	report__free(r);
}

/* Ends the tape; the move did not take place, and the run is incomplete for it. */
static void expect_no_move(struct tape *t)
{
	struct report *r;

	tape__end(t);
	r = incomplete_report_of(t, "contradict");
	assert_int_equal(r->loss.unbalanced, 1);
	assert_int_equal(r->totals.summary.migrated, 0);
	report__free(r);
}

static void test_migrate_contradictions(void **state)
{
	struct tape nowhere = {0}, closed = {0}, used = {0}, refused = {0};

	(void)state;
	close_with(&nowhere, 1);
	tape__migrate(&nowhere, 1, MOVED, LISTENER, THIRD);
	expect_no_move(&nowhere);

	close_with(&closed, 1);
	tape__unlisten(&closed, SECOND);
	tape__migrate(&closed, 1, MOVED, LISTENER, SECOND);
	expect_no_move(&closed);

	close_with(&used, 2);
	tape__migrate(&used, 1, 2, LISTENER, SECOND);
	expect_no_move(&used);

	tape__listen(&refused, SECOND, 8888);
	tape__arrival(&refused, 1, LISTENER);
	tape__refused(&refused, 1);
	tape__migrate(&refused, 1, MOVED, LISTENER, SECOND);
	expect_no_move(&refused);
}

/* The number of a move is taken, for moves and for arrivals. */
static void test_migrate_number_used(void **state)
{
	struct tape t = {0}, u = {0};
	struct report *r;

	(void)state;
	close_with(&t, 2);
	tape__migrate(&t, 1, MOVED, LISTENER, SECOND);
	tape__migrate(&t, 2, MOVED, LISTENER, SECOND);
	tape__end(&t);
	r = incomplete_report_of(&t, "contradict");
	assert_int_equal(r->totals.summary.migrated, 1);
	assert_int_equal(connection(r, 2)->end, CONNECTION_LOST);
	report__free(r);

	close_with(&u, 1);
	tape__migrate(&u, 1, MOVED, LISTENER, SECOND);
	tape__arrival(&u, MOVED, SECOND);
	tape__end(&u);
	r = incomplete_report_of(&u, "contradict");
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);
}

/* ---- the CPU of a choice ---- */

static void test_selection_cpu(void **state)
{
	static const uint32_t cpus[] = {0, 1, 4096};
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->reuseport = 1;
	for (unsigned i = 0; i < 3; i++) {
		tape__select(&t, LISTENER, i + 1)->cpu = cpus[i];
		tape__arrival(&t, i + 1, LISTENER);
	}
	r = complete_report_of(&t);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(connection(r, i + 1)->selection.cpu, (int)cpus[i] - 1);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_unix_names),
		cmocka_unit_test(test_unix_path_of_nobody),
		cmocka_unit_test(test_unix_listener_path),
		cmocka_unit_test(test_migrate),
		cmocka_unit_test(test_migrate_under_both_names),
		cmocka_unit_test(test_migrate_again),
		cmocka_unit_test(test_migrate_refused),
		cmocka_unit_test(test_migrate_progress),
		cmocka_unit_test(test_migrate_unknown_child),
		cmocka_unit_test(test_migrate_from_before),
		cmocka_unit_test(test_migrate_contradictions),
		cmocka_unit_test(test_migrate_number_used),
		cmocka_unit_test(test_selection_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
