// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Skew: draws, the workers of the time, thresholds from both sides, causes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/split.h"
#include "verdict_fixture.h"

/* All of so many workers wait; one accepts. */
static void draw(struct tape *t, uint64_t arrival, uint64_t listener, uint32_t first_tid,
		 unsigned workers, uint32_t winner)
{
	tape__arrival(t, arrival, listener);
	for (unsigned i = 0; i < workers; i++)
		tape__waiter(t, arrival, first_tid + i);
	tape__wake(t, arrival, winner, CAUSE_EPOLL);
	tape__accept(t, winner, arrival);
	tape__sleep(t, winner);
}

/* So many draws for each worker; returns the number of the next arrival. */
static uint64_t draws(struct tape *t, uint64_t arrival, uint64_t listener, uint32_t first_tid,
		      const unsigned *wins, unsigned workers)
{
	for (unsigned w = 0; w < workers; w++)
		for (unsigned i = 0; i < wins[w]; i++)
			draw(t, arrival++, listener, first_tid, workers, first_tid + w);
	return arrival;
}

static const struct {
	const char *name;
	unsigned workers;
	unsigned wins[8];
	enum verdict value;
	const char *words;
} splits[] = {
	{"no connection", 2, {0}, VERDICT_INCONCLUSIVE, "no listener had two workers"},
	{"one worker", 1, {20}, VERDICT_INCONCLUSIVE, "no split among one worker"},
	{"too few", 2, {5, 0}, VERDICT_INCONCLUSIVE, "about 7 more are needed"},
	{"all to one", 4, {20}, VERDICT_PROVED, "20 connections over 4 workers: from 0 % to 100 %"},
	{"accepts 1/10/0/9 of 20", 4, {1, 10, 0, 9}, VERDICT_PROVED, "worker 2 (12)"},
	{"a true 40/30/20/10 split at n=20",
	 4,
	 {8, 6, 4, 2},
	 VERDICT_INCONCLUSIVE,
	 "more are needed"},
	{"1 to 12 of 20", 4, {12, 4, 3, 1}, VERDICT_INCONCLUSIVE, "at 95 %, one may get up to"},
	{"39/25/18/18 of 100",
	 4,
	 {39, 25, 18, 18},
	 VERDICT_REFUTED,
	 "none gets more than 47.7 %, and 50.0 % would be twice its even share"},
	{"even", 4, {25, 25, 25, 25}, VERDICT_REFUTED, "from 25 % to 25 % each where 25 % is even"},
	{"two, just rare", 2, {67, 33}, VERDICT_PROVED, "where 50 % is even"},
	{"two, just not rare",
	 2,
	 {66, 34},
	 VERDICT_REFUTED,
	 "75.0 % would be three times the other's"},
	{"two, even", 2, {10, 10}, VERDICT_REFUTED, "none gets more than"},
	{"three", 3, {20, 20, 20}, VERDICT_REFUTED, "66.7 % would be twice its even share"},
	{"eight", 8, {30, 20, 20, 20, 20, 20, 20, 20}, VERDICT_REFUTED, "twice its even share"},
};

static void test_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		struct tape t = {0};
		struct report *r;

		draws(&t, 1, LISTENER, FIRST, splits[i].wins, splits[i].workers);
		r = complete(&t);
		if (r->verdicts.skew.value != splits[i].value)
			print_error("%s\n", splits[i].name);
		assert_verdict(&r->verdicts.skew, splits[i].value, splits[i].words);
		report__free(r);
	}
}

/* Idle order says nothing about a full queue, and the sentence does not hide that. */
static void test_load_is_named(void **state)
{
	static const unsigned splits_of[][4] = {{25, 25, 25, 25}, {100, 0, 0, 0}};

	(void)state;
	for (int skewed = 0; skewed < 2; skewed++) {
		struct tape t = {0};
		struct report *r;

		draws(&t, 1, LISTENER, FIRST, splits_of[skewed], 4);
		r = complete(&t);
		assert_verdict(
			&r->verdicts.skew, skewed ? VERDICT_PROVED : VERDICT_REFUTED,
			"(one at a time, every worker asleep; the order of idle workers does "
			"not predict balance under load)");
		report__free(r);
	}
}

static void test_two_listeners_each_even(void **state)
{
	static const unsigned even[] = {20, 20};
	struct tape t = {0};
	struct report *r;

	(void)state;
	draws(&t, draws(&t, 1, LISTENER, FIRST, even, 2), 2, 21, even, 2);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_REFUTED, "40 connections over 2 workers");
	report__free(r);
}

/* One of two listeners: it is named, and had two chances to come out so. */
static void test_one_listener_of_two_is_skewed(void **state)
{
	static const unsigned even[] = {20, 20}, uneven[] = {20, 0};
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 80);
	tape__listen(&t, 2, 8080);
	draws(&t, draws(&t, 1, LISTENER, FIRST, even, 2), 2, 21, uneven, 2);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "20 connections over 2 workers on 127.0.0.1:8080");
	report__free(r);
}

/* A few connections on another port do not keep the first from being judged. */
static void test_minor_listener(void **state)
{
	static const unsigned even[] = {20, 20}, few[] = {2, 1};

	(void)state;
	for (int order = 0; order < 2; order++) {
		struct tape t = {0};
		struct report *r;

		draws(&t, draws(&t, 1, 1 + order, FIRST, order ? few : even, 2), 2 - order, 21,
		      order ? even : few, 2);
		r = complete(&t);
		assert_verdict(&r->verdicts.skew, VERDICT_REFUTED, "40 connections over 2");
		report__free(r);
	}
}

static void test_hot_restart_even_in_both(void **state)
{
	static const unsigned even[] = {20, 20};
	struct tape t = {0};
	struct report *r;
	uint64_t next;

	(void)state;
	next = draws(&t, 1, LISTENER, FIRST, even, 2);
	for (uint32_t tid = FIRST; tid < FIRST + 2; tid++)
		tape__task(&t, TASK_FORKED, tid + 10, "new");
	for (uint32_t tid = FIRST; tid < FIRST + 2; tid++)
		tape__task(&t, TASK_EXITED, tid, "old");
	draws(&t, next, LISTENER, FIRST + 10, even, 2);
	r = complete(&t);
	assert_int_equal(r->totals.pools.all.at[0].stages.cnt, 2);
	assert_verdict(&r->verdicts.skew, VERDICT_REFUTED,
		       "80 connections over 4 workers: from 50 % to 50 % each where 50 % is even");
	report__free(r);
}

/* The old ones live on without the listener: it is not theirs any more. */
static void test_hot_restart_old_ones_stay(void **state)
{
	static const unsigned even[] = {20, 20};
	struct tape t = {0};
	struct report *r;
	uint64_t next;

	(void)state;
	next = draws(&t, 1, LISTENER, FIRST, even, 2);
	for (uint32_t tid = FIRST; tid < FIRST + 2; tid++)
		tape__task(&t, TASK_FORKED, tid + 10, "new");
	draws(&t, next, LISTENER, FIRST + 10, even, 2);
	for (uint32_t tid = FIRST; tid < FIRST + 2; tid++)
		tape__holder(&t, LISTENER, tid + 10, 1);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_REFUTED);
	report__free(r);
}

/* A worker that came late is not held against draws before its time; one that stays away is. */
static void test_late_worker(void **state)
{
	static const unsigned before[] = {30, 30}, after[] = {20, 20, 20}, never[] = {30, 30, 0};

	(void)state;
	for (int comes = 0; comes < 2; comes++) {
		struct tape t = {0};
		struct report *r;
		uint64_t next = draws(&t, 1, LISTENER, FIRST, before, 2);

		tape__task(&t, TASK_FORKED, FIRST + 2, "late");
		draws(&t, next, LISTENER, FIRST, comes ? after : never, 3);
		r = complete(&t);
		assert_int_equal(r->verdicts.skew.value, comes ? VERDICT_REFUTED : VERDICT_PROVED);
		report__free(r);
	}
}

/* Somebody who is there from the beginning and waits late has been there all the time. */
static void test_there_from_the_beginning(void **state)
{
	static const unsigned before[] = {20, 20}, after[] = {0, 0, 1};
	struct tape t = {0};
	struct report *r;

	(void)state;
	draws(&t, draws(&t, 1, LISTENER, FIRST, before, 2), LISTENER, FIRST, after, 3);
	r = complete(&t);
	assert_int_equal(r->totals.pools.all.at[0].stages.cnt, 1);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "41 connections over 3 workers");
	report__free(r);
}

/* One process for each connection: there is nothing to compare, and it takes no time to say so. */
static void test_too_many_came_and_went(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 2100; i++) {
		tape__task(&t, TASK_FORKED, FIRST + i, "once");
		draw(&t, i, LISTENER, FIRST + i, 1, FIRST + i);
		tape__task(&t, TASK_EXITED, FIRST + i, "once");
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_INCONCLUSIVE,
		       "too many of 2100 workers came and went");
	report__free(r);
}

/* Alone each time: nobody else could have won. */
static void test_one_after_the_other(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 40; i++) {
		tape__task(&t, TASK_FORKED, FIRST + i, "once");
		draw(&t, i, LISTENER, FIRST + i, 1, FIRST + i);
		tape__task(&t, TASK_EXITED, FIRST + i, "once");
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_INCONCLUSIVE,
		       "no connection was drawn by two or more workers");
	report__free(r);
}

/* Each of four wins the wake in turn, and takes all that is there: 10 draws, whoever got 80. */
static void test_winner_drains_a_burst_of_8(void **state)
{
	static const unsigned order[] = {0, 1, 1, 2, 0, 3, 2, 1, 0, 3};
	struct tape t = {0};
	struct report *r;
	uint64_t next = 1;

	(void)state;
	for (size_t d = 0; d < 10; d++) {
		uint32_t winner = FIRST + order[d];

		for (unsigned i = 0; i < 8; i++) {
			tape__arrival(&t, next + i, LISTENER);
			for (unsigned w = 0; w < 4; w++)
				if (!i || FIRST + w != winner)
					tape__waiter(&t, next + i, FIRST + w);
			if (!i)
				tape__wake(&t, next, winner, CAUSE_EPOLL);
		}
		for (unsigned i = 0; i < 8; i++)
			tape__accept(&t, winner, next + i);
		tape__accept_fails(&t, winner, EAGAIN);
		tape__sleep(&t, winner);
		next += 8;
	}
	r = complete(&t);
	assert_int_equal(r->totals.pools.all.at[0].connections, 80);
	assert_int_equal(r->totals.pools.all.at[0].draws, 10);
	assert_verdict(&r->verdicts.skew, VERDICT_INCONCLUSIVE, "10 draws (of 80 connections");
	report__free(r);
}

/* What ends one go: an accept that fails, a sleep, a wake, being seen asleep. */
static void test_one_go_ends(void **state)
{
	(void)state;
	for (int how = 0; how < 5; how++) {
		struct tape t = {0};
		struct report *r;

		draw(&t, 1, LISTENER, FIRST, 2, FIRST);
		tape__arrival(&t, 2, LISTENER);
		tape__arrival(&t, 3, LISTENER);
		for (unsigned i = 2; i <= 3; i++)
			tape__waiter(&t, i, FIRST + 1);
		tape__wake(&t, 2, FIRST, CAUSE_EPOLL);
		tape__accept(&t, FIRST, 2);
		switch (how) {
		case 0: tape__accept_fails(&t, FIRST, EAGAIN); break;
		case 1: tape__sleep(&t, FIRST); break;
		case 2: tape__wake(&t, 3, FIRST, CAUSE_EPOLL); break;
		case 3: tape__waiter(&t, 3, FIRST); break;
		default: break;
		}
		tape__accept(&t, FIRST, 3);
		r = complete(&t);
		assert_int_equal(r->totals.pools.draws, how < 4 ? 3 : 2);
		report__free(r);
	}
}

/* Nobody sleeps: whoever is done first takes the next, and each is a draw. */
static void test_busy_workers_draw_each(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 40; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__accept(&t, FIRST + i % 2, i);
	}
	r = complete(&t);
	assert_int_equal(r->totals.pools.draws, 40);
	assert_int_equal(r->verdicts.skew.value, VERDICT_REFUTED);
	report__free(r);
}

/* Each SYN is drawn by itself, even if a worker takes several in one go. Not so in a group of one. */
static void test_reuseport_draws_each_syn(void **state)
{
	(void)state;
	for (unsigned members = 1; members <= 2; members++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 0; i < members; i++)
			tape__listen(&t, LISTENER + i, 8888)->reuseport = 1;
		for (unsigned i = 1; i <= 3; i++) {
			tape__arrival(&t, i, LISTENER);
			tape__waiter(&t, i, FIRST + 1)->elsewhere = members - 1;
		}
		for (unsigned i = 1; i <= 3; i++)
			tape__accept(&t, FIRST, i);
		r = complete(&t);
		assert_int_equal(r->totals.pools.draws, members == 1 ? 1 : 3);
		report__free(r);
	}
}

/* ---- causes ---- */

/*
 * Accept mutex: 20 of 20 to one of four processes, three never waited. They hold the listener, and have
 * the same parent; the master, and somebody else's child that inherited it, are no workers.
 */
static void test_accept_mutex(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		draw(&t, i, LISTENER, FIRST, 1, FIRST);
	for (unsigned w = 0; w < 4; w++)
		tape__holder(&t, LISTENER, FIRST + w, 10);
	tape__holder(&t, LISTENER, 10, 2);
	tape__holder(&t, LISTENER, 30, FIRST);
	r = complete(&t);
	assert_int_equal(r->totals.worker_cnt, 4);
	assert_true(r->totals.workers[0].waited);
	assert_false(r->totals.workers[3].waited);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "20 connections over 4 workers");
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "cause: only one task waited at a time, and 3 of 4 workers never waited");
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "(one at a time, every worker asleep but 3 that never waited");
	assert_null(strstr(r->verdicts.herd.reason, "start more"));
	assert_non_null(strstr(r->verdicts.advice, "a lock around accept"));
	report__free(r);
}

/* The same under load: the one that has the mutex is mostly busy. The others are not. */
static void test_accept_mutex_under_load(void **state)
{
	(void)state;
	for (unsigned held = 0; held < 2; held++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= 20; i++)
			if (i % 4) {
				tape__arrival(&t, i, LISTENER);
				tape__accept(&t, FIRST, i);
			} else {
				draw(&t, i, LISTENER, FIRST, 1, FIRST);
			}
		draw(&t, 21, LISTENER, FIRST + 1, 1, FIRST + 1);
		for (unsigned w = 0; held && w < 4; w++)
			tape__holder(&t, LISTENER, FIRST + w, 10);
		r = complete(&t);
		assert_verdict(
			&r->verdicts.skew, VERDICT_PROVED,
			held ? "only one task waited at a time, and 2 of 4 workers never waited"
			     : "what the others were busy with");
		assert_int_equal(!r->verdicts.advice[0], !held);
		report__free(r);
	}
}

/* Threads of a worker, and its several listeners of one group, make no more of it. */
static void test_holders_count_once(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->reuseport = 1;
	tape__listen(&t, LISTENER + 1, 8888)->reuseport = 1;
	tape__arrival(&t, 1, LISTENER);
	tape__waiter(&t, 1, 21)->tgid = FIRST;
	tape__accept(&t, 21, 1)->tgid = FIRST;
	tape__holder(&t, LISTENER, FIRST, 10);
	tape__holder(&t, LISTENER + 1, FIRST, 10);
	tape__holder(&t, 0x7777, FIRST + 1, 10); /* of no listener that is known */
	r = complete(&t);
	assert_int_equal(r->totals.worker_cnt, 1);
	report__free(r);
}

/*
 * Two listeners, and threads that queue up for the one that waits on both, as Apache's do: who only got connections from one of
 * them is, of the other one's workers, the same thread, and not its process once more.
 */
static void test_holder_is_a_worker_elsewhere(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888);
	tape__listen(&t, LISTENER + 1, 8889);
	for (unsigned i = 1; i <= 40; i++) {
		unsigned which = i % 4;

		tape__arrival(&t, i, LISTENER + which % 2);
		tape__waiter(&t, i, 21 + which)->tgid = FIRST + which;
		tape__accept(&t, 21 + which, i)->tgid = FIRST + which;
	}
	for (unsigned i = 0; i < 8; i++)
		tape__holder(&t, LISTENER + i % 2, FIRST + i / 2, 10);
	r = complete(&t);
	assert_int_equal(r->totals.worker_cnt, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(r->totals.workers[i].accepted, 10);
	assert_int_equal(r->verdicts.skew_finding.workers, 4);
	report__free(r);
}

/* One task in epoll_wait dispatches, pool threads accept: it takes no part in the draws. */
static void test_dispatcher_is_no_loser(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 80; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__waiter(&t, i, FIRST);
		tape__wake(&t, i, FIRST, CAUSE_EPOLL);
		tape__return(&t, FIRST);
		tape__accept(&t, 50 + i % 4, i)->tgid = FIRST;
		tape__sleep(&t, FIRST);
	}
	r = complete(&t);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_HANDED_ON], 80);
	assert_int_equal(r->verdicts.skew_finding.workers, 4);
	report__free(r);
}

static void test_cause_is_the_order(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++) {
		tape__arrival(&t, i, LISTENER);
		for (unsigned w = 0; w < 4; w++)
			tape__waiter(&t, i, FIRST + w)->place = 4 - w;
		tape__wake(&t, i, FIRST + 3, CAUSE_EPOLL);
		tape__accept(&t, FIRST + 3, i);
		tape__sleep(&t, FIRST + 3);
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "the first in the kernel's wait queue won 20 of 20 draws");
	report__free(r);
}

static void test_cause_is_not_recorded(void **state)
{
	static const unsigned wins[] = {20, 0, 0, 0};
	struct tape t = {0};
	struct report *r;

	(void)state;
	draws(&t, 1, LISTENER, FIRST, wins, 4);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "the kernel's order among them decided");
	report__free(r);
}

static void test_cause_is_the_race(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 4, 4, CAUSE_POLL);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "and the fastest won");
	report__free(r);
}

/* Two that sleep at most arrivals, or none: the others were busy. */
static void test_cause_is_the_load(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	draw(&t, 1, LISTENER, FIRST, 4, FIRST);
	for (unsigned i = 2; i <= 20; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__accept(&t, FIRST, i);
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
		       "at 19 of 20 draws at most one task waited: what the others were busy with");
	/* Another order among those that wait would not change that. */
	assert_string_equal(r->verdicts.advice, "");
	report__free(r);
}

#define DRAW_NS UINT64_C(20000000)

/* Draws by turns of those that are there; from the 21st to the 80th the last worker is not. */
static struct tape away(unsigned workers, unsigned total, uint64_t step_ns)
{
	struct tape t = {0};

	for (unsigned i = 1; i <= total; i++) {
		unsigned there = i > 20 && i <= 80 ? workers - 1 : workers;

		draw(&t, i, LISTENER, FIRST, there, FIRST + i % there);
		t.clock_ns += step_ns;
	}
	return t;
}

/* 60 draws of others, from the first to the last of them 59 times the time from one to the next. */
static void test_cause_is_a_stall(void **state)
{
	(void)state;
	for (int comes_back = 0; comes_back < 2; comes_back++) {
		struct tape t = away(4, comes_back ? 84 : 80, DRAW_NS);
		struct report *r = complete(&t);

		assert_verdict(
			&r->verdicts.skew, VERDICT_PROVED,
			"cause: worker 4 (14) neither waited nor accepted for 1.2 s, in which "
			"others won 60 draws; apart from that");
		assert_non_null(strstr(r->verdicts.advice,
				       "worker 4 (14) neither waited nor accepted for 1.2 s: look "
				       "for what held it"));
		report__free(r);
	}
}

/* From before the trace on: it comes back before the end, or is known as one that holds the listener. */
static void test_stalled_before_the_trace(void **state)
{
	(void)state;
	for (int comes_back = 0; comes_back < 2; comes_back++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= 60; i++) {
			draw(&t, i, LISTENER, FIRST, 3, FIRST + i % 3);
			t.clock_ns += DRAW_NS;
		}
		if (comes_back)
			draw(&t, 61, LISTENER, FIRST, 4, FIRST + 3);
		for (unsigned w = 0; w < 4; w++)
			tape__holder(&t, LISTENER, FIRST + w, 10);
		r = complete(&t);
		assert_verdict(
			&r->verdicts.skew, VERDICT_PROVED,
			"cause: worker 4 (14) neither waited nor accepted for 1.2 s, in which "
			"others won 60 draws");
		report__free(r);
	}
}

/* It missed nothing before it was there; from then on it waits, and others win. */
static void test_late_and_last(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 160; i++) {
		if (i == 61)
			tape__task(&t, TASK_FORKED, FIRST + 3, "late");
		draw(&t, i, LISTENER, FIRST, i > 60 ? 4 : 3, FIRST + i % 3);
		t.clock_ns += DRAW_NS;
	}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "the kernel's order among them decided");
	report__free(r);
}

/* A ring is in no list of those that wait. */
static void test_a_ring_is_not_seen(void **state)
{
	struct tape t = away(4, 80, DRAW_NS);
	struct report *r;

	(void)state;
	tape__arrival(&t, 81, LISTENER);
	tape__wake(&t, 81, FIRST, CAUSE_IO_URING);
	tape__accept(&t, FIRST, 81);
	tape__sleep(&t, FIRST);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	assert_null(strstr(r->verdicts.skew.reason, "neither waited"));
	report__free(r);
}

/* The others are uneven all the same; not all that wait are told; it was away for a moment. */
static void test_cause_is_no_stall(void **state)
{
	static const unsigned uneven[] = {80, 0, 0, 0};
	struct report *r;
	struct tape t;

	(void)state;
	t = away(4, 80, DRAW_NS);
	draws(&t, 81, LISTENER, FIRST, uneven, 4);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "the kernel's order among them");
	report__free(r);

	t = away(4, 80, DRAW_NS);
	tape__walk(&t, 80, 1)->truncated = 1;
	r = complete(&t);
	assert_null(strstr(r->verdicts.skew.reason, "neither waited"));
	report__free(r);

	t = away(4, 80, DRAW_NS / 3);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	assert_null(strstr(r->verdicts.skew.reason, "neither waited"));
	report__free(r);

	/* One of two: who of them locks the other one out? */
	t = away(2, 80, DRAW_NS);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	assert_null(strstr(r->verdicts.skew.reason, "neither waited"));
	report__free(r);
}

/* Nobody missed anything while there was nothing to take, and it was asleep by the next connection. */
static void test_a_pause_is_no_stall(void **state)
{
	static const unsigned few[] = {3, 3, 3, 3}, uneven[] = {40, 20, 20, 0};
	struct tape t = {0};
	struct report *r;
	uint64_t next = draws(&t, 1, LISTENER, FIRST, few, 4);

	(void)state;
	t.clock_ns += UINT64_C(10000000000);
	draws(&t, next, LISTENER, FIRST, uneven, 4);
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "the kernel's order among them");
	for (const struct pool_member *m = r->totals.pools.members; m; m = m->hh.next)
		assert_true(pool_member__absence(r->totals.pools.all.at, m).ns < DRAW_NS);
	report__free(r);
}

/* Each has the lock in its turn, and all others are away meanwhile. */
static void test_a_lock_is_no_stall(void **state)
{
	static const unsigned turns[] = {60, 30, 5, 5};
	struct tape t = {0};
	struct report *r;
	uint64_t next = 1;

	(void)state;
	for (unsigned w = 0; w < 4; w++)
		draw(&t, next++, LISTENER, FIRST + w, 1, FIRST + w);
	for (unsigned w = 0; w < 4; w++)
		for (unsigned i = 0; i < turns[w]; i++) {
			draw(&t, next++, LISTENER, FIRST + w, 1, FIRST + w);
			t.clock_ns += DRAW_NS;
		}
	r = complete(&t);
	assert_verdict(&r->verdicts.skew, VERDICT_PROVED, "only one task waited at a time");
	report__free(r);
}

static void test_cause_is_the_hash(void **state)
{
	(void)state;
	for (unsigned program = 0; program < 2; program++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned n = 0; n < 4; n++)
			tape__listen(&t, LISTENER + n, 8888)->reuseport = 1;
		for (unsigned i = 1; i <= 20; i++) {
			tape__select(&t, LISTENER, i)->program = program;
			tape__arrival(&t, i, LISTENER);
			for (unsigned n = 0; n < 4; n++)
				tape__waiter(&t, i, FIRST + n)->elsewhere = n != 0;
			tape__accept(&t, FIRST, i);
		}
		r = complete(&t);
		assert_verdict(&r->verdicts.skew, VERDICT_PROVED,
			       program ? "the group's BPF program chose"
				       : "the group's hash chose");
		/* It does not look at who is idle. */
		assert_null(strstr(r->verdicts.skew.reason, "the order of idle workers"));
		/* Another hash is no cure for a hash. */
		assert_string_equal(r->verdicts.advice, "");
		report__free(r);
	}
}

/* ---- the numbers ---- */

static double chance(const uint64_t *wins, size_t workers)
{
	uint32_t all[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	struct split_stage stage = {.workers = all, .worker_cnt = workers};
	struct split split = {&stage, 1, wins, workers};

	for (size_t i = 0; i < workers; i++)
		stage.draws += wins[i];
	return split__chance(&split);
}

static void test_exact_chances(void **state)
{
	(void)state;
	/* 2 * 2^-12, 3 * 3^-8, and what Python's fractions say. */
	assert_float_equal(chance((uint64_t[]){12, 0}, 2), 0x1p-11, 1e-9);
	assert_float_equal(chance((uint64_t[]){0, 8, 0}, 3), 3.0 / 6561, 1e-9);
	assert_float_equal(chance((uint64_t[]){1, 10, 0, 9}, 4), 0.000202355702640, 1e-9);
	assert_float_equal(chance((uint64_t[]){33, 67}, 2), 0.000873719, 1e-8);
	/* Too many outcomes to enumerate: by lot, and within its error. */
	assert_float_equal(chance((uint64_t[]){80, 45, 45, 45, 45, 45, 45, 45}, 8), 0.003, 0.002);
	assert_true(chance((uint64_t[]){50, 50, 50, 50, 50, 50, 50, 50}, 8) >= 1);
}

static void test_bounds(void **state)
{
	(void)state;
	assert_float_equal(split__upper_of_none(5), 0.450720, 1e-5);
	assert_float_equal(split__upper_of_none(20), 0.139108, 1e-5);
	assert_float_equal(split__upper_of_none(59), 0.049508, 1e-5);
	assert_float_equal(split__upper_of_none(0), 1, 1e-9);
	/* None won: the same; all won: 1; and from a table of the beta distribution. */
	assert_float_equal(split__upper_share(0, 20), 0.139108, 1e-5);
	assert_float_equal(split__upper_share(20, 20), 1, 1e-9);
	assert_float_equal(split__upper_share(39, 100), 0.476906, 1e-5);
	assert_float_equal(split__upper_share(5, 20), 0.455582, 1e-5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splits),
		cmocka_unit_test(test_load_is_named),
		cmocka_unit_test(test_two_listeners_each_even),
		cmocka_unit_test(test_one_listener_of_two_is_skewed),
		cmocka_unit_test(test_minor_listener),
		cmocka_unit_test(test_hot_restart_even_in_both),
		cmocka_unit_test(test_hot_restart_old_ones_stay),
		cmocka_unit_test(test_late_worker),
		cmocka_unit_test(test_there_from_the_beginning),
		cmocka_unit_test(test_too_many_came_and_went),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_winner_drains_a_burst_of_8),
		cmocka_unit_test(test_one_go_ends),
		cmocka_unit_test(test_busy_workers_draw_each),
		cmocka_unit_test(test_reuseport_draws_each_syn),
		cmocka_unit_test(test_accept_mutex),
		cmocka_unit_test(test_accept_mutex_under_load),
		cmocka_unit_test(test_holders_count_once),
		cmocka_unit_test(test_holder_is_a_worker_elsewhere),
		cmocka_unit_test(test_dispatcher_is_no_loser),
		cmocka_unit_test(test_cause_is_the_order),
		cmocka_unit_test(test_cause_is_not_recorded),
		cmocka_unit_test(test_cause_is_the_race),
		cmocka_unit_test(test_cause_is_the_load),
		cmocka_unit_test(test_cause_is_a_stall),
		cmocka_unit_test(test_stalled_before_the_trace),
		cmocka_unit_test(test_late_and_last),
		cmocka_unit_test(test_a_ring_is_not_seen),
		cmocka_unit_test(test_cause_is_no_stall),
		cmocka_unit_test(test_a_pause_is_no_stall),
		cmocka_unit_test(test_a_lock_is_no_stall),
		cmocka_unit_test(test_cause_is_the_hash),
		cmocka_unit_test(test_exact_chances),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
