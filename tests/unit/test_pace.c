// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* When is a server at rest: what the model and /proc say, over the time that the test names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "live_model.h"
#include "load/pace.h"
#include "tasks.h"

#define LISTENER 0x1111
#define MS       NS_PER_MS
/* When the wait begins. */
#define START (1000 * NS_PER_SEC)

struct wait {
	struct live_model m;
	struct pace pace;
	unsigned looks;
};

static void begin(struct wait *w, enum pace_phase phase)
{
	live_model__begin(&w->m);
	tape__listen(&w->m.tape, LISTENER, 8888);
	live_model__feed(&w->m);
	pace__begin(&w->pace, phase, START);
	w->looks = 0;
}

static void add_task(struct wait *w, pid_t pid)
{
	tape__task(&w->m.tape, TASK_SEEN, pid, "server");
	live_model__feed(&w->m);
}

static void end(struct wait *w)
{
	live_model__end(&w->m);
}

/* The answer at so long after the start, and whether there was a look at /proc for it. */
static bool ask(struct wait *w, bool in_flight, uint64_t after_ns)
{
	uint64_t looked_ns = w->pace.looked_ns;
	bool settled = pace__settled(&w->pace, w->m.model, in_flight, START + after_ns);

	w->looks += w->pace.looked_ns && w->pace.looked_ns != looked_ns;
	return settled;
}

/* Asks only when it is told to, until it has settled: after how long? */
static uint64_t settles_unasked(struct wait *w, uint64_t from_ns, unsigned *questions)
{
	uint64_t at_ns = from_ns;

	for (*questions = 1; !ask(w, false, at_ns); ++*questions) {
		assert_true(pace__next_ns(&w->pace) > START + at_ns);
		at_ns = pace__next_ns(&w->pace) - START;
	}
	return at_ns;
}

/* Asks every 2 ms until it has settled: after how long? */
static uint64_t settles_after(struct wait *w, uint64_t from_ns)
{
	uint64_t at_ns = from_ns;

	while (!ask(w, false, at_ns)) {
		at_ns += 2 * MS;
		assert_true(at_ns < 60 * NS_PER_SEC);
	}
	return at_ns;
}

/* An open wake of a task, for a connection that it has accepted. */
static void open_wake(struct wait *w, pid_t pid, uint64_t arrival)
{
	tape__arrival(&w->m.tape, arrival, LISTENER);
	tape__wake(&w->m.tape, arrival, pid, CAUSE_EPOLL);
	tape__accept(&w->m.tape, pid, arrival);
	live_model__feed(&w->m);
}

static void close_wake(struct wait *w, pid_t pid)
{
	tape__sleep(&w->m.tape, pid);
	live_model__feed(&w->m);
}

/* ---- all asleep ---- */

/* Two looks, 4 ms apart. */
static void test_asleep(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	add_task(&w, NO_TASK);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, false, 2 * MS));
	assert_false(ask(&w, false, 4 * MS - 1));
	assert_int_equal(w.looks, 1);
	assert_true(ask(&w, false, 4 * MS));
	assert_int_equal(w.looks, 2);
	end(&w);
}

/* A worker ends: whoever waits for that sleeps for a while yet, so look longer from then on. */
static void test_task_ends(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	add_task(&w, NO_TASK);
	add_task(&w, NO_TASK + 1);
	assert_false(ask(&w, false, 0));
	tape__task(&w.m.tape, TASK_EXITED, NO_TASK + 1, "server");
	live_model__feed(&w.m);
	assert_false(ask(&w, false, 4 * MS));
	assert_in_range(settles_after(&w, 6 * MS), 44 * MS, 48 * MS);
	/* The next wait is as any other. */
	pace__begin(&w.pace, PACE_BETWEEN, START);
	assert_false(ask(&w, false, 0));
	assert_true(ask(&w, false, 4 * MS));
	end(&w);
}

/* Who asks when it is time hears as soon as who asks all the time, and need not ask in between. */
static void test_next(void **state)
{
	static const struct {
		enum pace_phase phase;
		uint64_t settles_ms;
		unsigned questions;
	} cases[] = {{PACE_BETWEEN, 4, 2}, {PACE_BEFORE, 50, 6}, {PACE_AFTER, 50, 6}};
	unsigned questions;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wait w;

		begin(&w, cases[i].phase);
		add_task(&w, NO_TASK);
		assert_int_equal(settles_unasked(&w, 0, &questions), cases[i].settles_ms * MS);
		assert_int_equal(questions, cases[i].questions);
		end(&w);
	}
}

/* As long as something is in flight only a record can change that, or that it takes too long. */
static void test_next_in_flight(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	add_task(&w, NO_TASK);
	assert_false(ask(&w, true, 0));
	assert_int_equal(pace__next_ns(&w.pace), START + 2000 * MS + 1);
	assert_true(ask(&w, true, 2000 * MS + 1));
	pace__begin(&w.pace, PACE_AFTER, START);
	assert_false(ask(&w, true, 0));
	assert_int_equal(pace__next_ns(&w.pace), START + 20000 * MS + 1);
	end(&w);
}

/* While workers may be made, for 50 ms, in a few looks. */
static void test_asleep_first(void **state)
{
	static const enum pace_phase phases[] = {PACE_BEFORE, PACE_AFTER};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct wait w;

		begin(&w, phases[i]);
		add_task(&w, NO_TASK);
		assert_int_equal(settles_after(&w, 0), 50 * MS);
		assert_int_equal(w.looks, 6);
		end(&w);
	}
}

/* A task that has work to do need not be the last one to be looked at. */
static void test_any_awake(void **state)
{
	pid_t sleeper = start_child(sleep_for_ever, NULL);

	(void)state;
	await_rest(sleeper, sleeper, TASK_SLEEPS);
	for (int first = 0; first < 2; first++) {
		struct wait w;

		begin(&w, PACE_BETWEEN);
		add_task(&w, first ? getpid() : sleeper);
		add_task(&w, first ? sleeper : getpid());
		assert_int_equal(settles_after(&w, 0), 2002 * MS);
		end(&w);
	}
	end_child(sleeper);
}

/* One that never rests is waited for in vain, and not looked at all the time. */
static void test_limits(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	add_task(&w, getpid());
	assert_false(ask(&w, false, 0));
	assert_int_equal(settles_after(&w, 0), 2002 * MS);
	assert_in_range(w.looks, 100, 215);
	end(&w);
	begin(&w, PACE_AFTER);
	add_task(&w, getpid());
	assert_int_equal(settles_after(&w, 0), 20002 * MS);
	end(&w);
}

/* ---- in flight ---- */

/* It makes a worker every second, none of which rests: as long as it does, but not for ever. */
static void test_grows(void **state)
{
	static const struct {
		unsigned workers;
		uint64_t settles_ms;
	} cases[] = {{1, 2004}, {2, 3004}, {9, 10004}, {40, 20002}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t at_ns = 0;
		struct wait w;

		begin(&w, PACE_BEFORE);
		while (!ask(&w, false, at_ns)) {
			if (at_ns % NS_PER_SEC == 0 && at_ns / NS_PER_SEC < cases[i].workers)
				add_task(&w,
					 at_ns ? NO_TASK + (pid_t)(at_ns / NS_PER_SEC) : getpid());
			at_ns += 2 * MS;
		}
		assert_int_equal(at_ns, cases[i].settles_ms * MS);
		end(&w);
	}
}

/* No look, until the limit; what was seen before does not count afterwards. */
static void test_in_flight(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	add_task(&w, NO_TASK);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, true, 4 * MS));
	assert_false(ask(&w, true, 10 * MS));
	assert_int_equal(w.looks, 1);
	assert_false(ask(&w, false, 12 * MS));
	assert_int_equal(w.looks, 2);
	assert_false(ask(&w, false, 16 * MS - 1));
	assert_true(ask(&w, false, 16 * MS));
	assert_false(ask(&w, true, 2000 * MS));
	assert_true(ask(&w, true, 2000 * MS + 1));
	end(&w);
}

/* ---- a task that wakes up and goes to sleep ---- */

struct worker {
	pid_t pid;
	volatile int *work; /* shared with it: it spins as long as this is set */
	int pipe[2];        /* where it sleeps otherwise */
};

static void work(void *arg)
{
	const struct worker *w = arg;
	char byte;

	while (read(w->pipe[0], &byte, 1) == 1)
		while (*w->work)
			sched_yield();
}

static void start_worker(struct worker *w)
{
	w->work =
		mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(w->work != MAP_FAILED);
	assert_int_equal(pipe(w->pipe), 0);
	w->pid = start_child(work, w);
	await_rest(w->pid, w->pid, TASK_SLEEPS);
}

static void set_working(struct worker *w, bool working)
{
	*w->work = working;
	if (working)
		assert_int_equal(write(w->pipe[1], "", 1), 1);
	await_rest(w->pid, w->pid, working ? TASK_RUNS : TASK_SLEEPS);
}

static void end_worker(struct worker *w)
{
	end_child(w->pid);
	munmap((void *)w->work, sizeof(int));
	close(w->pipe[0]);
	close(w->pipe[1]);
}

/* Every look must find it asleep, from the first of them on. */
static void test_wakes_up(void **state)
{
	struct worker worker;
	struct wait w;

	(void)state;
	start_worker(&worker);
	begin(&w, PACE_BEFORE);
	add_task(&w, worker.pid);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, false, 10 * MS));
	set_working(&worker, true);
	assert_false(ask(&w, false, 20 * MS));
	set_working(&worker, false);
	assert_false(ask(&w, false, 50 * MS));
	assert_int_equal(settles_after(&w, 50 * MS), 100 * MS);
	end(&w);
	end_worker(&worker);
}

/* Busy for a moment, it is looked at again soon. */
static void test_goes_to_sleep(void **state)
{
	struct worker worker;
	struct wait w;

	(void)state;
	start_worker(&worker);
	set_working(&worker, true);
	begin(&w, PACE_BETWEEN);
	add_task(&w, worker.pid);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, false, 2 * MS));
	assert_false(ask(&w, false, 4 * MS));
	assert_int_equal(w.looks, 3);
	set_working(&worker, false);
	assert_int_equal(settles_after(&w, 6 * MS), 10 * MS);
	assert_int_equal(w.looks, 5);
	end(&w);
	end_worker(&worker);
}

/* ---- naps ---- */

/* Before the first connection, a nap is on the way to accept; later that of a woken task only. */
static void test_naps(void **state)
{
	pid_t pid = start_child(nap_for_long, NULL);
	struct wait w;

	(void)state;
	await_rest(pid, pid, TASK_NAPS);
	begin(&w, PACE_BEFORE);
	add_task(&w, pid);
	assert_int_equal(settles_after(&w, 0), 2002 * MS);
	pace__begin(&w.pace, PACE_BETWEEN, START);
	assert_int_equal(settles_after(&w, 0), 4 * MS);
	pace__begin(&w.pace, PACE_AFTER, START);
	assert_int_equal(settles_after(&w, 0), 50 * MS);
	open_wake(&w, pid, 1);
	pace__begin(&w.pace, PACE_BETWEEN, START);
	assert_int_equal(settles_after(&w, 0), 2002 * MS);
	end(&w);
	end_child(pid);
}

/* ---- open wakes ---- */

/* A woken task that sleeps, but not where it was woken, is given 40 ms. */
static void test_open_wake(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	open_wake(&w, NO_TASK, 1);
	assert_int_equal(settles_after(&w, 0), 44 * MS);
	assert_int_equal(w.looks, 5);
	end(&w);
}

/* A machine that stood still for a while between two looks counts as one that was looked at for 10 ms. */
static void test_stood_still(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	open_wake(&w, NO_TASK, 1);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, false, 4 * MS));
	assert_false(ask(&w, false, 504 * MS));
	assert_int_equal(w.looks, 2);
	assert_int_equal(settles_after(&w, 506 * MS), 534 * MS);
	assert_int_equal(w.looks, 5);
	end(&w);
}

/* As long as wakes are being decided there is no look; once all are, two looks are enough. */
static void test_wakes_are_decided(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	for (int i = 0; i < 8; i++)
		open_wake(&w, NO_TASK + i, i + 1);
	for (int i = 0; i < 8; i++) {
		assert_false(ask(&w, false, i * 3 * MS));
		assert_false(ask(&w, false, i * 3 * MS + 2 * MS));
		assert_int_equal(w.looks, 0);
		close_wake(&w, NO_TASK + i);
	}
	assert_int_equal(settles_after(&w, 24 * MS), 28 * MS);
	assert_int_equal(w.looks, 2);
	end(&w);
}

/* The last one is decided after all: what has been seen until then counts. */
static void test_decided_late(void **state)
{
	struct wait w;

	(void)state;
	begin(&w, PACE_BETWEEN);
	open_wake(&w, NO_TASK, 1);
	assert_false(ask(&w, false, 0));
	assert_false(ask(&w, false, 4 * MS));
	assert_int_equal(w.looks, 1);
	close_wake(&w, NO_TASK);
	assert_true(ask(&w, false, 8 * MS));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asleep),         cmocka_unit_test(test_next),
		cmocka_unit_test(test_next_in_flight), cmocka_unit_test(test_task_ends),
		cmocka_unit_test(test_asleep_first),   cmocka_unit_test(test_any_awake),
		cmocka_unit_test(test_limits),         cmocka_unit_test(test_grows),
		cmocka_unit_test(test_in_flight),      cmocka_unit_test(test_wakes_up),
		cmocka_unit_test(test_goes_to_sleep),  cmocka_unit_test(test_naps),
		cmocka_unit_test(test_open_wake),      cmocka_unit_test(test_wakes_are_decided),
		cmocka_unit_test(test_decided_late),   cmocka_unit_test(test_stood_still),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
