// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of workers that wait in io_uring. */
#include <string.h>

#include "live_suites.h"
#include "live_tracer.h"

/* Since 5.18 an accept request waits exclusively; multishot ones came with 5.19. */
static bool is_old(void)
{
	return live__kernel_is("5.10");
}

static void check_run(const struct live_run *run, unsigned connections)
{
	EXPECT_EQ("exit status", run->status, 0);
	if (!run->report)
		live__fail("no report; stderr: %s", run->errors);
	EXPECT_EQ("connections", live__number(run->report, "summary.connections"), connections);
	EXPECT_EQ("accepted", live__number(run->report, "summary.accepted"), connections);
	EXPECT_EQ("wakes by io_uring", live__number(run->report, "summary.wakes_by_cause.io_uring"),
		  live__number(run->report, "summary.wakes"));
	live__check_balance(run->report);
	live__check_oracle(run);
	live__check_nothing_left();
}

static void check_waiters(const json_t *report)
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(report, "connections"), i, row)
		EXPECT_EQ("waiters", live__number(row, "waiters"), 4);
}

static void test_oneshot(const char *const server[])
{
	struct live_run run;

	live__begin("io_uring: one request for each connection, %s",
		    server[2] ? server[2] : "processes");
	live__trace_again(&run, (const char *[]){"-n20", NULL}, server);
	/* On 5.10 one more was seen now and then, by the oracle as well. */
	EXPECT_RANGE("wakes", live__number(run.report, "summary.wakes"), is_old() ? 80 : 20,
		     is_old() ? 82 : 20);
	EXPECT_EQ("wakes that led to an accept",
		  live__number(run.report, "summary.wakes_by_outcome.accepted"), 20);
	EXPECT_EQ("pending", live__number(run.report, "summary.wakes_by_outcome.pending"), 0);
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"),
		    is_old() ? "proved" : "refuted");
	check_waiters(run.report);
	check_run(&run, 20);
	live__end();
	live_run__free(&run);
}

/*
 * Whoever sleeps in poll may wait for the ring's eventfd, or be busy with something else: that they were busy is not to be
 * said, nor what came of it that they were.
 */
static void test_eventfd(void)
{
	struct live_run run;
	const json_t *row;
	size_t i;

	live__begin("io_uring: workers that sleep until an eventfd tells");
	live__trace_again(&run, (const char *[]){"-n30", NULL},
			  (const char *[]){"uring-server", "-w4", "--eventfd", NULL});
	json_array_foreach (json_object_get(run.report, "connections"), i, row)
		EXPECT_TRUE("there may be more waiters",
			    json_is_true(json_object_get(row, "waiters_truncated")));
	EXPECT_WORD("stranding", live__word(run.report, "verdict.stranding"), "inconclusive");
	EXPECT_TRUE("nobody is called busy",
		    !strstr(live__word(run.report, "verdict.stranding_reason") ?: "", "30 of 30"));
	check_run(&run, 30);
	live__end();
	live_run__free(&run);
}

void live__uring_with_kprobes(void)
{
	struct live_run run;

	live__begin("io_uring: with kprobes the report is incomplete, and says so");
	live__trace_again(&run, (const char *[]){"-n20", "--attach=kprobe", NULL},
			  (const char *[]){"uring-server", "-w4", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_RANGE("wakes", live__number(run.report, "summary.wakes"), is_old() ? 80 : 20,
		     is_old() ? 82 : 20);
	EXPECT_TRUE("a reason", *(live__word(run.report, "loss.reason") ?: ""));
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"), "inconclusive");
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* The first ring in the queue stays there and gets every connection. */
static void check_first_only(const json_t *report)
{
	const json_t *worker;
	unsigned busy = 0;
	size_t i;

	json_array_foreach (json_object_get(report, "workers"), i, worker) {
		int64_t accepted = live__number(worker, "accepted");

		EXPECT_TRUE("all or none", accepted == 0 || accepted == 20);
		EXPECT_EQ("wakes of the one who accepts", live__number(worker, "wakes"), accepted);
		busy += accepted > 0;
	}
	EXPECT_EQ("workers that accept", busy, 1);
}

static void test_multishot(void)
{
	struct live_run run;

	live__begin("io_uring: one request for all connections");
	live__trace_again(&run, (const char *[]){"-n20", NULL},
			  (const char *[]){"uring-server", "-w4", "--multishot", NULL});
	if (is_old()) {
		EXPECT_EQ("exit status", run.status, 4);
		EXPECT_TRUE("the server says why", strstr(run.errors, "no multishot accept"));
		EXPECT_TRUE("and herdtrace how it ended", strstr(run.errors, "exit status 3"));
	} else {
		EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), 20);
		check_waiters(run.report);
		check_first_only(run.report);
		check_run(&run, 20);
	}
	live__end();
	live_run__free(&run);
}

static void test_crowd(void)
{
	struct live_run run;

	live__begin("io_uring: 300 connections, 8 at a time");
	live__trace_again(&run, (const char *[]){"-n300", "--concurrency=8", NULL},
			  (const char *[]){"uring-server", "-w4", NULL});
	check_run(&run, 300);
	live__end();
	live_run__free(&run);
}

void live__suite_uring(void)
{
	live_tracer__open("fentry");
	test_oneshot((const char *[]){"uring-server", "-w4", NULL});
	test_oneshot((const char *[]){"uring-server", "-w4", "--threads", NULL});
	test_oneshot((const char *[]){"uring-server", "-w4", "--unix=@live", NULL});
	test_eventfd();
	test_multishot();
	test_crowd();
	live_tracer__close();
}
