// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live test of long runs: what the kernel side remembers of what has come and gone, in its maps. */
#include <signal.h>

#include "live_maps.h"
#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

#define ROUNDS \
	100 /* two listeners, epoll instances and tasks each, six connections that nobody accepts */

/* What belongs to the one task and the one listener that are left, and no more. */
static void check_maps(void)
{
	static const struct {
		const char *name;
		int most;
	} maps[] = {
		{"tasks", 1},     {"contexts", 0}, {"task_arrivals", 0},
		{"listeners", 1}, {"queued", 0},   {"heads", 2},
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		EXPECT_RANGE(maps[i].name, live__await_entries(maps[i].name, 0, maps[i].most), 0,
			     maps[i].most);
}

void live__suite_churn(void)
{
	struct live_run run;

	live_tracer__open("fentry");
	live__begin("nothing is remembered of what has come and gone %d times", ROUNDS);
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"../vm/churn-server", "100", NULL});
	EXPECT_TRUE("it has done its rounds", live__connect_when_ready());
	live__wait_asleep("churn-server", 1);
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
	live_tracer__close();
}
