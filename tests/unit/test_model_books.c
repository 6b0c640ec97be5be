// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Sums and losses, times, where a run stands, and how much the model can take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <errno.h>

#include "model_fixture.h"

/* ---- what is around the rows ---- */

static void test_nothing(void **state)
{
	struct tape empty = {0}, ended = {0};
	struct report *r;

	(void)state;
	r = incomplete_report_of(&empty, "no end");
	assert_int_equal(r->connection_cnt, 0);
	assert_string_equal(r->kernel_release, "");
	assert_string_equal(r->server_exit, "");
	report__free(r);
	r = complete_report_of(&ended);
	assert_int_equal(r->totals.summary.connections, 0);
	report__free(r);
}

static void test_settings(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__meta(&t, META_RELEASE, "6.1.0-1");
	tape__meta(&t, META_RELEASE, "6.1.0-56-amd64");
	tape__meta(&t, META_ARCH, "x86_64");
	tape__meta(&t, META_MODE, "fentry");
	tape__meta(&t, META_HOOK, "__wake_up_common fentry");
	tape__meta(&t, META_HOOK, "lonely");
	tape__meta(&t, META_ARGUMENT, "./server");
	tape__meta(&t, META_ARGUMENT, "");
	tape__meta(&t, META_ARGUMENT, "\033[31m");
	tape__meta(&t, META_SERVER_EXIT, "exit status 1");
	tape__meta(&t, META_NOTE, "12345678");
	r = complete_report_of(&t);
	assert_string_equal(r->kernel_release, "6.1.0-56-amd64");
	assert_string_equal(r->kernel_arch, "x86_64");
	assert_string_equal(r->attach_mode, "fentry");
	assert_int_equal(r->hook_cnt, 2);
	assert_string_equal(r->hooks[0].function, "__wake_up_common");
	assert_string_equal(r->hooks[0].how, "fentry");
	assert_string_equal(r->hooks[1].function, "lonely");
	assert_string_equal(r->hooks[1].how, "");
	assert_int_equal(r->command_cnt, 3);
	assert_string_equal(r->command[1], "");
	assert_string_equal(r->command[2], "\033[31m");
	assert_string_equal(r->server_exit, "exit status 1");
	assert_int_equal(r->note_cnt, 1);
	assert_string_equal(r->notes[0], "12345678");
	report__free(r);
}

/* What is short is a note, too, after the others. */
static void test_shortfall(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	r = complete_report_of(&t);
	assert_int_equal(r->asked, 0);
	assert_string_equal(r->shortfall, "");
	assert_false(report__is_short(r));
	report__free(r);
	tape__meta(&t, META_NOTE, "first");
	tape__meta(&t, META_ASKED, "20");
	tape__meta(&t, META_SHORTFALL, "the server ended");
	r = complete_report_of(&t);
	assert_int_equal(r->asked, 20);
	assert_string_equal(r->shortfall, "the server ended");
	assert_true(report__is_short(r));
	assert_int_equal(r->note_cnt, 2);
	assert_string_equal(r->notes[0], "first");
	assert_string_equal(r->notes[1], "the server ended");
	report__free(r);
}

/* Where and when it was; recordings of before do not say. */
static void test_surroundings(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	r = complete_report_of(&t);
	assert_string_equal(r->version, "");
	assert_string_equal(r->host, "");
	assert_int_equal(r->wall_begun_ns, 0);
	assert_int_equal(r->wall_ended_ns, 0);
	report__free(r);
	tape__meta(&t, META_VERSION, "0.1.0");
	tape__meta(&t, META_HOST, "web1");
	tape__meta(&t, META_BEGUN, "1794842400123456789");
	tape__meta(&t, META_ENDED, "9999999999999999999");
	r = complete_report_of(&t);
	assert_string_equal(r->version, "0.1.0");
	assert_string_equal(r->host, "web1");
	assert_true(r->wall_begun_ns == UINT64_C(1794842400123456789));
	assert_true(r->wall_ended_ns == UINT64_C(9999999999999999999));
	report__free(r);
}

/* ---- the books ---- */

static void add_story(struct tape *t)
{
	tape__listen(t, LISTENER, 8888);
	arrive(t, 1, 11, 2);
	tape__wake(t, 1, 11, CAUSE_ACCEPT);
	tape__walk(t, 1, 1);
	tape__accept(t, 11, 1);
	tape__sleep(t, 11);
}

static void test_totals_mismatch(void **state)
{
	(void)state;
	for (int field = 0; field < 3; field++)
		for (int off = -1; off <= 1; off++) {
			struct tape t = {0};
			struct record_end *end;
			struct report *r;

			add_story(&t);
			end = tape__end(&t);
			*(&end->arrivals + field) += off;
			r = report_of(&t);
			assert_int_equal(r->loss.incomplete, off != 0);
			assert_int_equal(r->loss.unbalanced, off != 0);
			assert_null(report__unbalanced(r));
			report__free(r);
		}
}

static void test_losses(void **state)
{
	static const char *const words[] = {"ring buffer", "table in the kernel", "hooks",
					    "more ready items", "since before the trace"};

	(void)state;
	for (int field = 0; field < 5; field++) {
		struct tape t = {0};
		struct report *r;

		add_story(&t);
		*(&tape__end(&t)->ring_drops + field) = 7;
		r = incomplete_report_of(&t, words[field]);
		assert_int_equal(r->loss.ring_drops, field == 0 ? 7 : 0);
		assert_int_equal(r->loss.map_full, field == 1 ? 7 : 0);
		assert_int_equal(r->loss.missed_probes, field == 2 ? 7 : 0);
		assert_int_equal(r->loss.long_lists, field == 3 ? 7 : 0);
		assert_int_equal(r->loss.early_calls, field == 4 ? 7 : 0);
		assert_int_equal(r->loss.unbalanced, 0);
		report__free(r);
	}
}

static void test_no_end(void **state)
{
	struct tape t = {0}, u = {0};
	struct report *r;

	(void)state;
	add_story(&t);
	r = incomplete_report_of(&t, "no end");
	assert_int_equal(r->loss.unbalanced, 0);
	assert_null(report__unbalanced(r));
	assert_int_equal(r->totals.summary.accepted, 1);
	report__free(r);
	/* What contradicts is said with and without an end. */
	add_story(&u);
	tape__walk(&u, 99, 1);
	r = incomplete_report_of(&u, "no end");
	assert_int_equal(r->loss.unbalanced, 1);
	report__free(r);
}

/* What the system call says when it fails after the kernel's accept has not. */
static void test_accept_without_child(void **state)
{
	static const int errors[] = {EFAULT, ECONNABORTED, EAGAIN};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct tape t = {0};
		struct report *r;

		add_story(&t);
		tape__accept_fails(&t, 11, errors[i]);
		tape__end(&t);
		r = i < 2 ? incomplete_report_of(&t, "not told which") : complete_report_of(&t);
		assert_int_equal(r->loss.unbalanced, i < 2);
		report__free(r);
	}
}

/* About arrivals that never were, or were twice. */
static void test_contradictions(void **state)
{
	(void)state;
	for (int what = 0; what < 7; what++) {
		struct tape t = {0};
		struct report *r;

		add_story(&t);
		switch (what) {
		case 0: tape__waiter(&t, 99, 11); break;
		case 1: tape__walk(&t, 99, 1); break;
		case 2: tape__refused(&t, 99); break;
		case 3: tape__wake(&t, 99, 11, CAUSE_EPOLL); break;
		case 4: tape__wake(&t, 0, 11, CAUSE_POLL); break;
		case 5: tape__waiters(&t, 99, (const uint32_t[]){11}, 1); break;
		default: tape__arrival(&t, 1, LISTENER); break;
		}
		tape__end(&t);
		r = incomplete_report_of(&t, "contradict");
		assert_true(r->loss.unbalanced > 0);
		report__free(r);
	}
}

/* epoll_ctl()'s wake is put down to a connection that did not take place, before or after that is told. */
static void test_wake_of_refused(void **state)
{
	(void)state;
	for (int early = 0; early < 2; early++) {
		struct tape t = {0};
		struct report *r;

		add_story(&t);
		tape__arrival(&t, 2, LISTENER);
		if (early)
			tape__wake(&t, 2, 11, CAUSE_CHAIN);
		tape__refused(&t, 2);
		if (!early)
			tape__wake(&t, 2, 11, CAUSE_CHAIN);
		tape__sleep(&t, 11);
		tape__end(&t);
		r = incomplete_report_of(&t, "contradict");
		assert_true(r->loss.unbalanced > 0);
		assert_int_equal(r->totals.summary.connections, 1);
		report__free(r);
	}
}

/* Clocks that go backwards or are absurd: unknown or nothing, never negative. */
static void test_times(void **state)
{
	static const uint64_t clocks[] = {0,         1, 1000, INT64_MAX, (uint64_t)INT64_MAX + 5,
					  UINT64_MAX};
	const size_t cnt = sizeof(clocks) / sizeof(clocks[0]);

	(void)state;
	for (size_t i = 0; i < cnt * cnt * cnt; i++) {
		uint64_t a = clocks[i % cnt], b = clocks[i / cnt % cnt], c = clocks[i / cnt / cnt];
		struct tape t = {0};
		struct record_wake *w;

		tape__arrival(&t, 1, LISTENER)->header.time_ns = a;
		tape__arrival(&t, 2, LISTENER)->header.time_ns = b;
		w = tape__wake(&t, 1, 11, CAUSE_EPOLL);
		w->header.time_ns = c;
		w->exec_ns = a;
		tape__run(&t, 11)->header.time_ns = b;
		tape__accept(&t, 11, 1)->header.time_ns = c;
		tape__sleep(&t, 11)->exec_ns = b;
		report__free(complete_report_of(&t));
	}
}

static void test_time_to_run(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	/* It counts once, and for the task that it is about. */
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__run(&t, 12);
	tape__run(&t, 11);
	tape__run(&t, 11);
	tape__wake_by(&t, 12, 0, 11, CAUSE_LOCK);
	tape__run(&t, 11);
	/* Both of what made it run, the one in no time. */
	arrive(&t, 2, 12, 1);
	tape__wake(&t, 2, 12, CAUSE_EPOLL);
	tape__wake_by(&t, 12, 0, 12, CAUSE_LOCK);
	t.clock_ns -= TAPE_STEP_NS;
	tape__run(&t, 12);
	r = complete_report_of(&t);
	assert_int_equal(wake(r, 1, 0)->wake_to_run_ns, 2 * STEP);
	assert_int_equal(wake(r, 2, 0)->wake_to_run_ns, STEP);
	assert_int_equal(wake(r, 2, 1)->wake_to_run_ns, 0);
	report__free(r);
}

/* The CPU time of every wasted wake adds up; where one of the two ends is missing it is unknown. */
static void test_cpu_time(void **state)
{
	static const struct {
		uint64_t wake_ns, sleep_ns;
		int64_t cpu_ns;
	} cases[] = {
		{1000, 1300, 300},
		{2000, 2040, 40},
		{5000, 5000, 0},
		{5000, 4000, REPORT_UNKNOWN_NS},
		{5000, 0, REPORT_UNKNOWN_NS},
		{0, 0, REPORT_UNKNOWN_NS},
	};
	const size_t cnt = sizeof(cases) / sizeof(cases[0]);
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__arrival(&t, 1, LISTENER);
	for (size_t i = 0; i < cnt; i++) {
		tape__wake(&t, 1, 11, CAUSE_POLL)->exec_ns = cases[i].wake_ns;
		tape__sleep(&t, 11)->exec_ns = cases[i].sleep_ns;
	}
	r = complete_report_of(&t);
	for (size_t i = 0; i < cnt; i++)
		assert_int_equal(wake(r, 1, i)->cpu_ns, cases[i].cpu_ns);
	assert_int_equal(worker(r, 11)->wasted_cpu_ns, 340);
	assert_int_equal(r->totals.summary.wasted_cpu_ns, 340);
	report__free(r);
}

/* ---- while it runs ---- */

static void feed(struct model *m, struct tape *t)
{
	for (const struct record_header *h = NULL; (h = tape__next(t, h));)
		assert_int_equal(model__take(m, h), 0);
	t->len = 0;
}

struct visit {
	unsigned tasks, woken;
};

static void count_task(void *arg, uint32_t tid, uint32_t pid, bool woken)
{
	struct visit *v = arg;

	assert_int_equal(pid, tid == 12 ? 11 : tid);
	v->tasks++;
	v->woken += woken;
}

static void test_progress(void **state)
{
	struct model *m = model__new();
	struct tape t = {0};
	struct model_progress p;
	struct visit v = {0};

	(void)state;
	tape__task(&t, TASK_SEEN, 11, "server");
	tape__task(&t, TASK_FORKED, 12, "server")->tgid = 11;
	tape__listen(&t, 1, 8888);
	tape__listen(&t, 2, 9999);
	tape__listen(&t, 3, 7777);
	tape__arrival(&t, 1, 1);
	tape__wake(&t, 1, 11, CAUSE_EPOLL);
	tape__wake_by(&t, 11, 0, 12, CAUSE_LOCK)->tgid = 11;
	tape__unlisten(&t, 2);
	feed(m, &t);
	model__progress(m, &p);
	assert_int_equal(p.arrivals, 1);
	assert_int_equal(p.accepted, 0);
	assert_int_equal(p.ended, 0);
	assert_int_equal(p.wakes, 1);
	assert_int_equal(p.open_wakes, 2);
	assert_int_equal(p.listeners, 2);
	assert_int_equal(p.live_tasks, 2);
	assert_int_equal(model__listener(m, 0)->port, 8888);
	assert_int_equal(model__listener(m, 1)->port, 7777);
	assert_null(model__listener(m, 2));
	model__each_task(m, count_task, &v);
	assert_int_equal(v.tasks, 2);
	assert_int_equal(v.woken, 2);

	tape__sleep(&t, 11);
	tape__task(&t, TASK_EXITED, 12, "server");
	feed(m, &t);
	model__progress(m, &p);
	assert_int_equal(p.open_wakes, 0);
	assert_int_equal(p.live_tasks, 1);
	tape__free(&t);
	model__free(m);
}

static void assert_ended(struct model *m, struct tape *t, unsigned ended)
{
	struct model_progress p;

	feed(m, t);
	model__progress(m, &p);
	assert_int_equal(p.arrivals, 6);
	assert_int_equal(p.ended, ended);
}

/* Each arrival ends once, however many ends it seems to have. */
static void test_progress_of_arrivals(void **state)
{
	struct model *m = model__new();
	struct tape t = {0};

	(void)state;
	for (unsigned i = 1; i <= 6; i++)
		tape__arrival(&t, i, i == 2 ? 2 : 1);
	assert_ended(m, &t, 0);
	tape__accept(&t, 11, 1);
	assert_ended(m, &t, 1);
	tape__refused(&t, 2);
	assert_ended(m, &t, 2);
	/* Four are lost; but one of them was never queued, and one was taken over. */
	tape__unlisten(&t, 1);
	assert_ended(m, &t, 6);
	tape__refused(&t, 4);
	assert_ended(m, &t, 6);
	tape__accept(&t, 11, 5);
	assert_ended(m, &t, 6);
	tape__free(&t);
	model__free(m);
}

/* ---- size ---- */

#define MANY 200000

static void fill_waiters(struct tape *t)
{
	tape__arrival(t, 1, LISTENER);
	for (uint32_t i = 0; i < MANY; i++)
		tape__waiter(t, 1, i / 2)->elsewhere = i % 2;
}

static void fill_listeners(struct tape *t)
{
	for (uint32_t i = 1; i <= MANY; i++)
		tape__listen(t, i, 8888)->local.address[i % 3 + 1] = i;
	for (uint32_t i = 1; i <= MANY; i++)
		tape__arrival(t, i, i);
	for (uint32_t i = 1; i <= MANY; i++)
		tape__unlisten(t, i);
}

static void fill_groups(struct tape *t)
{
	for (uint32_t i = 1; i <= MANY; i++) {
		struct record_listen *l = tape__listen(t, i, i);

		l->reuseport = 1;
		memcpy(l->local.address, &i, sizeof(i));
	}
}

/* One listener comes and goes while connections wait on another. */
static void fill_unlisten(struct tape *t)
{
	for (uint32_t i = 1; i <= MANY; i++)
		tape__arrival(t, i, LISTENER);
	for (uint32_t i = 1; i <= MANY; i++) {
		tape__listen(t, 2, 9999);
		tape__unlisten(t, 2);
	}
}

static void fill_hand_overs(struct tape *t)
{
	tape__task(t, TASK_SEEN, 11, "server");
	for (uint32_t i = 1; i <= MANY; i++) {
		tape__wake_by(t, 11, 0, 11, CAUSE_LOCK);
		tape__run(t, 11)->header.time_ns = i % 2;
	}
}

static void fill_selections(struct tape *t)
{
	tape__listen(t, LISTENER, 8888);
	for (uint32_t i = 1; i <= MANY; i++)
		memcpy(tape__select(t, LISTENER, i)->peer.address, &i, sizeof(i));
}

/* Nothing takes time in proportion to the square of the records. */
static void test_size(void **state)
{
	static void (*const fill[])(struct tape *) = {fill_waiters,    fill_listeners,
						      fill_groups,     fill_unlisten,
						      fill_hand_overs, fill_selections};

	(void)state;
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++) {
		struct tape t = {0};
		clock_t begin;

		fill[i](&t);
		begin = clock();
		report__free(complete_report_of(&t));
		assert_true(clock() - begin < 10 * CLOCKS_PER_SEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_shortfall),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_totals_mismatch),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_wake_of_refused),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_time_to_run),
		cmocka_unit_test(test_cpu_time),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_progress_of_arrivals),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_accept_without_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
