// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The checks of claims: what each makes of reports built by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/chi_square.h"
#include "verify/catalogue.h"
#include "verify/claim.h"

#define WORKERS     4
#define CONNECTIONS 20

static const int cpus[] = {0, 1};

/* A report of connections that found all workers waiting, and woke nobody yet. */
static struct report *new_report(size_t connections, unsigned waiters)
{
	struct report *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->loss.reason = strdup("");
	r->connections = calloc(connections, sizeof(*r->connections));
	r->connection_cnt = r->totals.summary.connections = connections;
	r->totals.listeners = calloc(WORKERS, sizeof(*r->totals.listeners));
	r->totals.listener_cnt = 1;
	for (size_t i = 0; i < connections; i++) {
		struct report_connection *c = &r->connections[i];

		c->waiters = waiters;
		c->offers = 1;
		c->listener = 1;
		c->wakes = calloc(128, sizeof(*c->wakes));
		assert_non_null(c->wakes);
		c->selection.cpu = -1;
	}
	return r;
}

static void wake(struct report *r, size_t connection, uint32_t tid, enum wake_cause cause,
		 enum wake_outcome outcome)
{
	struct report_connection *c = &r->connections[connection];

	c->wakes[c->wake_cnt++] =
		(struct report_wake){.tid = tid, .cause = cause, .outcome = outcome};
	c->woken += cause != CAUSE_LOCK;
}

static struct report *each_wakes(unsigned cnt, enum wake_cause cause)
{
	struct report *r = new_report(CONNECTIONS, WORKERS);

	for (size_t i = 0; i < CONNECTIONS; i++)
		for (unsigned j = 0; j < cnt; j++)
			wake(r, i, 100 + j, cause, OUTCOME_EAGAIN);
	return r;
}

/* Judges the report and gives it up. */
static struct finding judge(void (*check)(const struct claim_view *, struct finding *),
			    struct report *r, const char *problem, int server_status)
{
	struct claim claim = {.check = check, .workers = WORKERS, .connections = CONNECTIONS};
	struct claim_view view = {.claim = &claim, .report = r, .cpus = cpus, .cpu_cnt = 2};
	struct finding f;

	claim__judge(&view, server_status, problem, &f);
	report__free(r);
	return f;
}

static void expect_measured(void (*check)(const struct claim_view *, struct finding *),
			    struct report *r, const char *measured)
{
	struct finding f = judge(check, r, "", -1);

	assert_string_equal(f.measured, measured);
}

static void expect_reason(void (*check)(const struct claim_view *, struct finding *),
			  struct report *r, const char *part)
{
	struct finding f = judge(check, r, "", -1);

	assert_string_equal(f.measured, "");
	assert_non_null(strstr(f.reason, part));
}

/* ---- when nothing can be said ---- */

static void test_nothing_to_say(void **state)
{
	struct report *r = each_wakes(1, CAUSE_ACCEPT);
	struct finding f;

	(void)state;
	r->loss.incomplete = true;
	free(r->loss.reason);
	r->loss.reason = strdup("hooks were skipped");
	expect_reason(check__wakes, r, "hooks were skipped");
	expect_reason(check__wakes, new_report(3, WORKERS), "only 3 of 20");
	f = judge(check__wakes, each_wakes(1, CAUSE_ACCEPT), "it did not listen", 1);
	assert_string_equal(f.measured, "");
	assert_string_equal(f.reason, "it did not listen");
	f = judge(check__wakes, new_report(0, 0), "it did not listen", SERVER_REFUSED);
	assert_string_equal(f.measured, "refused");
}

static void test_more_rows_than_connections(void **state)
{
	(void)state;
	expect_measured(check__wakes, new_report(21, WORKERS), "21 rows for 20 connections");
}

/* ---- wakes ---- */

static void test_wakes(void **state)
{
	struct report *r = each_wakes(1, CAUSE_ACCEPT);

	(void)state;
	wake(r, 3, 101, CAUSE_ACCEPT, OUTCOME_EAGAIN);
	wake(r, 3, 102, CAUSE_ACCEPT, OUTCOME_EAGAIN);
	expect_measured(check__wakes, r, "1 to 3");
	expect_measured(check__wakes, each_wakes(1, CAUSE_ACCEPT), "1");
	expect_measured(check__wakes, each_wakes(2, CAUSE_EPOLL), "2");
	expect_measured(check__wakes, each_wakes(WORKERS, CAUSE_EPOLL), "n");
	expect_measured(check__wakes, each_wakes(5, CAUSE_EPOLL), "5");
	expect_measured(check__wakes, new_report(CONNECTIONS, WORKERS), "none");
	r = each_wakes(1, CAUSE_ACCEPT);
	wake(r, 3, 101, CAUSE_LOCK, OUTCOME_EAGAIN);
	expect_measured(check__wakes, r, "1");
}

/* No connection is left out: where one found another number waiting, nothing can be said. */
static void test_restless(void **state)
{
	struct report *r = each_wakes(WORKERS, CAUSE_EPOLL);

	(void)state;
	r->connections[7].waiters = 3;
	r->connections[7].woken = 3;
	expect_measured(check__wakes, r, "");
}

static struct report *wake_by(uint32_t (*whom)(size_t i), unsigned waiters)
{
	struct report *r = new_report(CONNECTIONS, waiters);

	for (size_t i = 0; i < CONNECTIONS; i++)
		wake(r, i, whom(i), CAUSE_ACCEPT, OUTCOME_ACCEPTED);
	return r;
}

static uint32_t in_turn(size_t i)
{
	return 100 + i % WORKERS;
}

static uint32_t three_of_four(size_t i)
{
	return 100 + i % 3;
}

static uint32_t stumbling(size_t i)
{
	return 100 + (i == 9 ? 2 : i % WORKERS);
}

static uint32_t the_same(size_t i)
{
	(void)i;
	return 100;
}

static void test_turns(void **state)
{
	struct report *r;

	(void)state;
	expect_measured(check__turns, wake_by(in_turn, WORKERS), "1, in turn");
	expect_measured(check__turns, wake_by(three_of_four, WORKERS), "1");
	expect_measured(check__turns, wake_by(stumbling, WORKERS), "1");
	expect_measured(check__turns, wake_by(the_same, WORKERS), "1, always the same");
	expect_measured(check__turns, wake_by(the_same, 1), "1, the acceptor");
	expect_measured(check__turns, each_wakes(2, CAUSE_ACCEPT), "2");
	r = wake_by(the_same, WORKERS);
	r->connections[7].offers = 2;
	expect_measured(check__turns, r, "1, past others");
}

static void test_one_waiter(void **state)
{
	(void)state;
	expect_measured(check__only_waiter, wake_by(in_turn, 1), "1, the only waiter");
	expect_measured(check__only_waiter, wake_by(in_turn, WORKERS), "1 of several");
	expect_measured(check__only_waiter, each_wakes(WORKERS, CAUSE_ACCEPT), "n");
	expect_measured(check__acceptor, wake_by(in_turn, 1), "1, the only waiter");
	expect_measured(check__acceptor, wake_by(the_same, 1), "1, the acceptor");
	expect_measured(check__acceptor, wake_by(the_same, WORKERS), "1 of several");
}

static void test_chain(void **state)
{
	struct report *r = each_wakes(1, CAUSE_EPOLL);

	(void)state;
	for (size_t i = 0; i < CONNECTIONS; i++)
		wake(r, i, 101, CAUSE_CHAIN, OUTCOME_EAGAIN);
	expect_measured(check__chain, r, "1 + chain");
	r = each_wakes(1, CAUSE_EPOLL);
	for (size_t i = 0; i < CONNECTIONS; i++)
		wake(r, i, 101, CAUSE_CHAIN, i ? OUTCOME_EAGAIN : OUTCOME_SWALLOWED);
	expect_measured(check__chain, r, "1 + chain, some unseen");
	expect_measured(check__chain, each_wakes(1, CAUSE_EPOLL), "1");
	expect_measured(check__chain, each_wakes(WORKERS, CAUSE_EPOLL), "n");
	/* One connection without a chain. */
	r = each_wakes(1, CAUSE_EPOLL);
	for (size_t i = 1; i < CONNECTIONS; i++)
		wake(r, i, 101, CAUSE_CHAIN, OUTCOME_SWALLOWED);
	expect_measured(check__chain, r, "1 to 2");
}

/* Every other connection finds the first worker busy. */
static struct report *next_idle(void)
{
	struct report *r = new_report(CONNECTIONS, 2);

	for (size_t i = 0; i < CONNECTIONS; i++) {
		wake(r, i, 100 + i % 2, CAUSE_EPOLL, OUTCOME_ACCEPTED);
		r->connections[i].offers = 1 + i % 2;
	}
	return r;
}

static void test_next_idle(void **state)
{
	struct report *r = next_idle();

	(void)state;
	expect_measured(check__next_idle, next_idle(), "1, the next idle");
	r->connections[3].wakes[0].tid = 100; /* passed by, and woken */
	expect_measured(check__next_idle, r, "1");
	expect_measured(check__next_idle, wake_by(the_same, WORKERS), "1");
	expect_measured(check__next_idle, each_wakes(WORKERS, CAUSE_EPOLL), "n");
	r = next_idle();
	r->connections[3].woken = 0;
	expect_measured(check__next_idle, r, "1 or none, though one is idle");
	r = next_idle();
	r->connections[3].woken = r->connections[3].wake_cnt = r->connections[3].waiters = 0;
	expect_measured(check__next_idle, r, "1, the next idle");
}

static void test_mixed(void **state)
{
	struct report *r = each_wakes(2, CAUSE_EPOLL);

	(void)state;
	for (size_t i = 0; i < CONNECTIONS; i++)
		wake(r, i, 103, CAUSE_ACCEPT, OUTCOME_ACCEPTED);
	expect_measured(check__mixed, r, "n/2 + 1");
	expect_measured(check__mixed, each_wakes(3, CAUSE_EPOLL), "3");
}

/* ---- reuseport ---- */

static struct report *selections(unsigned sockets)
{
	struct report *r = new_report(CONNECTIONS, 1);

	r->totals.listener_cnt = WORKERS;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct report_selection *s = &r->connections[i].selection;

		wake(r, i, 100 + i % 4, CAUSE_ACCEPT, OUTCOME_ACCEPTED);
		s->present = true;
		s->socks = sockets;
		s->index = s->predicted = i % 4;
		s->cpu = i / 4 % 2;
	}
	return r;
}

static void test_own_listener(void **state)
{
	struct report *r = selections(WORKERS);

	(void)state;
	r->totals.listener_cnt = 3;
	expect_measured(check__own_listener, r, "1");
	expect_measured(check__own_listener, selections(WORKERS), "1, one of n listeners");
	expect_measured(check__own_listener, selections(3), "1");
	expect_measured(check__own_listener, each_wakes(WORKERS, CAUSE_EPOLL), "n");
}

static void test_index(void **state)
{
	struct report *r = selections(WORKERS);

	(void)state;
	expect_measured(check__index, selections(WORKERS), "hash * n >> 32");
	r->connections[7].selection.index = 0;
	expect_measured(check__index, r, "sometimes hash * n >> 32");
	expect_measured(check__index, each_wakes(1, CAUSE_ACCEPT), "no choice");
	/* A choice by a program is none by the formula. */
	r = selections(WORKERS);
	for (size_t i = 0; i < CONNECTIONS; i++)
		r->connections[i].selection.program = true;
	expect_measured(check__index, r, "not hash * n >> 32");
}

static void set_connections(struct report *r, const unsigned cnts[WORKERS])
{
	for (size_t i = 0; i < WORKERS; i++)
		r->totals.listeners[i].connections = cnts[i];
}

static void test_even(void **state)
{
	struct report *r = selections(WORKERS);
	const struct claim claim = {.check = check__even, .workers = WORKERS, .connections = 1000};
	struct claim_view view = {.claim = &claim, .report = r};
	struct finding f;

	(void)state;
	r->connection_cnt = r->totals.summary.connections = 1000;
	for (size_t i = 0; i < WORKERS; i++)
		r->totals.listeners[i].connections = 235 + 10 * i;
	claim__judge(&view, -1, "", &f);
	assert_string_equal(f.measured, "even");
	/* Chi-square 29.6, p 1.7e-6; and 31.6, 6.5e-7. */
	set_connections(r, (const unsigned[]){190, 240, 260, 310});
	claim__judge(&view, -1, "", &f);
	assert_string_equal(f.measured, "even");
	set_connections(r, (const unsigned[]){188, 240, 260, 312});
	claim__judge(&view, -1, "", &f);
	assert_string_equal(f.measured, "uneven");
	r->totals.listener_cnt = 1;
	claim__judge(&view, -1, "", &f);
	assert_string_equal(f.measured, "1 listeners");
	r->connection_cnt = CONNECTIONS;
	report__free(r);
}

/* Against the published tables: 5 %, 1 % and 0.1 %. */
static void test_chi_square(void **state)
{
	(void)state;
	assert_true(chi_square__tail(3.841, 1) > 0.0499 && chi_square__tail(3.841, 1) < 0.0501);
	assert_true(chi_square__tail(5.991, 2) > 0.0499 && chi_square__tail(5.991, 2) < 0.0501);
	assert_true(chi_square__tail(11.345, 3) > 0.0099 && chi_square__tail(11.345, 3) < 0.0101);
	assert_true(chi_square__tail(29.588, 10) > 0.00099 &&
		    chi_square__tail(29.588, 10) < 0.00101);
	assert_true(chi_square__tail(0, 3) == 1);
}

static void test_cpu(void **state)
{
	struct report *r = selections(WORKERS);

	(void)state;
	expect_measured(check__incoming_cpu, selections(WORKERS), "by hash");
	for (size_t i = 0; i < CONNECTIONS; i++)
		r->connections[i].selection.cpu = r->connections[i].selection.index % 2;
	expect_measured(check__incoming_cpu, r, "by CPU");
	r = selections(WORKERS);
	for (size_t i = 0; i < CONNECTIONS; i++)
		r->connections[i].selection.cpu = 1;
	expect_reason(check__incoming_cpu, r, "two CPUs");
	r = selections(WORKERS);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		r->connections[i].selection.program = true;
		r->connections[i].selection.index = r->connections[i].selection.cpu;
	}
	expect_measured(check__cpu_modulo, r, "by CPU");
	expect_measured(check__cpu_modulo, selections(WORKERS), "by hash");
	expect_measured(check__cpu_modulo, each_wakes(1, CAUSE_ACCEPT), "no choice");
}

static struct report *fates(enum connection_end end, unsigned from)
{
	struct report *r = new_report(CONNECTIONS, 1);

	for (size_t i = 0; i < CONNECTIONS; i++) {
		r->connections[i].end = end;
		r->connections[i].migrated_from = from;
	}
	r->totals.summary.migrated = from ? CONNECTIONS : 0;
	return r;
}

static void test_fate(void **state)
{
	struct report *r = fates(CONNECTION_LOST, 0);

	(void)state;
	expect_measured(check__fate, fates(CONNECTION_LOST, 0), "lost");
	expect_measured(check__fate, fates(CONNECTION_ACCEPTED, 1), "moved");
	expect_measured(check__fate, fates(CONNECTION_ACCEPTED, 0), "accepted");
	expect_measured(check__fate, fates(CONNECTION_WAITING, 1), "waiting");
	r->connections[2].end = CONNECTION_ACCEPTED;
	expect_measured(check__fate, r, "some lost, moved, accepted or waiting");
}

static void test_moved_wakes(void **state)
{
	struct report *r = fates(CONNECTION_ACCEPTED, 1);

	(void)state;
	expect_measured(check__moved_wakes, r, "none");
	r = fates(CONNECTION_ACCEPTED, 1);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		r->connections[i].waiters = i < 4;
		if (i < 4)
			wake(r, i, 100, CAUSE_ACCEPT, OUTCOME_ACCEPTED);
	}
	expect_measured(check__moved_wakes, r, "1");
	r = fates(CONNECTION_ACCEPTED, 1);
	for (size_t i = 0; i < CONNECTIONS; i++)
		r->connections[i].waiters = 0;
	expect_reason(check__moved_wakes, r, "found a waiter");
	expect_measured(check__moved_wakes, fates(CONNECTION_LOST, 0), "lost");
	expect_measured(check__moved_wakes, fates(CONNECTION_ACCEPTED, 0), "accepted");
}

/* ---- conclusions ---- */

static void test_conclude(void **state)
{
	const struct finding one = {.measured = "1"}, two = {.measured = "2"}, none = {0};
	const struct finding agree[] = {one, one}, differ[] = {one, two}, mute[] = {one, none},
			     worst[] = {none, two}, first[] = {two, none};

	(void)state;
	assert_int_equal(claim__conclude("1", agree, 2), CLAIM_HOLDS);
	assert_int_equal(claim__conclude("2", agree, 2), CLAIM_BROKEN);
	assert_int_equal(claim__conclude("1", differ, 2), CLAIM_BROKEN);
	assert_int_equal(claim__conclude("1", mute, 2), CLAIM_INCONCLUSIVE);
	assert_int_equal(claim__conclude("1", worst, 2), CLAIM_BROKEN);
	assert_int_equal(claim__conclude("1", first, 2), CLAIM_BROKEN);
	assert_int_equal(claim__conclude("1", agree, 0), CLAIM_INCONCLUSIVE);
}

/* ---- the catalogue ---- */

static void test_catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue_cnt; i++) {
		const struct claim *c = &catalogue[i];

		assert_ptr_equal(catalogue__find(c->id), c);
		assert_true(*c->text && *c->source && *c->expected && c->servers[0][0]);
		assert_true(c->check && c->workers && c->connections && c->concurrency);
		assert_int_equal(c->feature == FEATURE_NONE, !c->expected_without);
		assert_int_equal(c->feature == FEATURE_NONE, !*feature__name(c->feature));
		assert_ptr_equal(claim__expected(c, true), c->expected);
		assert_ptr_equal(claim__expected(c, false),
				 c->feature == FEATURE_NONE ? c->expected : c->expected_without);
	}
	assert_null(catalogue__find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_say),
		cmocka_unit_test(test_more_rows_than_connections),
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_restless),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_one_waiter),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_next_idle),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_own_listener),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_chi_square),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_fate),
		cmocka_unit_test(test_moved_wakes),
		cmocka_unit_test(test_conclude),
		cmocka_unit_test(test_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
