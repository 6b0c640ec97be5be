// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of connections that overlap: no number is fixed, but every wake is accounted for. */
#include <stdio.h>

#include "live_suites.h"

static const char *const crowds[][6] = {
	{"accept-server", "-w4"},
	{"select-server", "-w4"},
	{"epoll-server", "-w4"},
	{"epoll-server", "-w4", "--edge"},
	{"epoll-server", "-w4", "--oneshot"},
	{"epoll-server", "-w4", "--own"},
	{"epoll-server", "-w4", "--own", "--exclusive", "--threads"},
	{"reuseport-server", "-w4", "--epoll"},
	{"mixed-server", "-w4"},
};

/* Nobody takes anything from the only worker: each of its wakes leads to an accept. */
static void test_one_worker(void)
{
	const char *const options[] = {"-n1000", "--concurrency=8", NULL};
	struct live_run run;

	live__begin("1000 connections, 8 at a time, to one worker");
	live__trace(&run, options, (const char *[]){"accept-server", "-w1", "-q", NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 1000);
	EXPECT_EQ("wasted", live__number(run.report, "summary.wasted"), 0);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__end();
	live_run__free(&run);
}

void live__suite_crowds(void)
{
	const char *const options[] = {"-n300", "--concurrency=8", NULL};

	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		const json_t *r;
		struct live_run run;

		live__begin("300 connections, 8 at a time, %s %s %s", crowds[i][0], crowds[i][1],
			    crowds[i][2] ? crowds[i][2] : "");
		live__trace(&run, options, crowds[i]);
		r = run.report;
		EXPECT_EQ("exit status", run.status, 0);
		EXPECT_EQ("connections", live__number(r, "summary.connections"), 300);
		EXPECT_EQ("accepted", live__number(r, "summary.accepted"), 300);
		live__check_balance(r);
		live__check_oracle(&run);
		live__check_nothing_left();
		live__end();
		live_run__free(&run);
	}
	test_one_worker();
}
