// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live test of long runs: what the kernel side remembers of what has come and gone, in its maps. */
#include <signal.h>

#include "live_maps.h"
#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

#define ROUNDS \
	100 /* two listeners, epoll instances and tasks each, six connections that nobody accepts */
#define LISTENERS 33 /* KEPT in churn-server.c, and one that serves */

/* What belongs to the one task and the listeners that are left, and of contexts those that are kept (CONTEXTS_KEPT). */
static void check_maps(void)
{
	static const struct {
		const char *name;
		int most;
	} maps[] = {
		{"tasks", 1},         {"contexts", 64},
		{"task_arrivals", 0}, {"listeners", LISTENERS},
		{"queued", 0},        {"heads", 2 * LISTENERS},
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		EXPECT_RANGE(maps[i].name, live__await_entries(maps[i].name, 0, maps[i].most), 0,
			     maps[i].most);
}

/* Items stay, and there are none yet: the server is at work, and its first listener may be the only one. */
static void stop_reader(const struct live_run *run)
{
	EXPECT_TRUE("it has begun", live__await_entries("items", 1, ROUNDS * 2) > 0);
	kill(run->pid, SIGSTOP);
}

/* is_late: the reader looks once all is over, and new listeners lie where closed ones were. */
static void test_churn(bool is_late)
{
	struct live_run run;

	live__begin("nothing is remembered of what has come and gone %d times%s", ROUNDS,
		    is_late ? ", read late" : "");
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"../vm/churn-server", "100", NULL});
	if (is_late)
		stop_reader(&run);
	EXPECT_TRUE("it has done its rounds", live__connect_when_ready());
	live__wait_asleep("churn-server", 1);
	kill(run.pid, SIGCONT);
	check_maps();
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 8 * ROUNDS + 1);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 2 * ROUNDS + 1);
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_churn(void)
{
	live_tracer__open("fentry");
	test_churn(true);
	test_churn(false);
	live_tracer__close();
}
