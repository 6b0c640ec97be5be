// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of listeners with more waiters than are listed: each of them counts all the same. */
#include <string.h>

#include "live_suites.h"
#include "live_tracer.h"

#define CONNECTIONS 8
#define LISTED      64  /* WAITERS_LISTED in bpf/snapshot.bpf.h */
#define SEARCHED    384 /* LONG_SEARCH in bpf/compat.bpf.h: before 5.17, where all are listed */

static const struct {
	const char *server[6];
	unsigned workers;
	unsigned woken; /* for each connection; 0: it depends */
	bool behind;    /* an instance inside of another one: not seen before 5.17 */
	unsigned turns; /* of a search for each before 5.17 */
	unsigned cut;   /* all that are listed where not all are; 0: LISTED or some more */
} cases[] = {
	{{"accept-server", "-w100", "-q"}, 100, 1, false, 1, 0},
	{{"accept-server", "-w300", "-q"}, 300, 1, false, 1, 0},
	{{"accept-server", "-w1000", "-q"}, 1000, 1, false, 1, 0},
	/* All of them sleep in one instance. */
	{{"epoll-server", "-w300", "-q"}, 300, 0, false, 1, 0},
	{{"epoll-server", "-w300", "-q", "--own", "--exclusive"}, 300, 1, false, 2, 0},
	/* The instance of each is in the queue of another one. */
	{{"epoll-server", "-w100", "-q", "--nested"}, 100, 0, true, 1, 0},
	{{"select-server", "-w100", "-q"}, 100, 100, false, 1, 0},
	/* Some sleep in accept, others in poll or in instances. */
	{{"mixed-server", "-w100", "-q"}, 100, 0, false, 1, 0},
	/* Whoever is in poll is listed, and that is enough. */
	{{"mixed-server", "-w200", "-q", "--polled"}, 200, 101, true, 1, 100},
};

static void check_row(const json_t *row, size_t i, bool lists_all)
{
	bool is_old = live__kernel_is("5.10");
	unsigned workers = cases[i].workers, found = SEARCHED / cases[i].turns;
	unsigned waiters = is_old && workers > found ? found : workers;
	long long listed = live__number(row, "waiters_named");

	EXPECT_EQ("waiters", live__number(row, "waiters"), waiters);
	EXPECT_EQ("there may be more", json_is_true(json_object_get(row, "waiters_truncated")),
		  waiters < workers);
	if (is_old || lists_all)
		EXPECT_EQ("listed", listed, waiters);
	else
		EXPECT_RANGE("listed", listed, LISTED, waiters);
	if (cases[i].cut && !lists_all && listed < waiters)
		EXPECT_EQ("listed in a list that was cut", listed, cases[i].cut);
}

static void check(const struct live_run *run, size_t i, bool lists_all)
{
	const json_t *row;
	size_t j;

	EXPECT_EQ("exit status", run->status, 0);
	if (!run->report) {
		live__fail("no report; stderr: %s", run->errors);
		return;
	}
	live__check_balance(run->report);
	live__check_oracle(run);
	EXPECT_EQ("connections", live__number(run->report, "summary.connections"), CONNECTIONS);
	if (cases[i].woken)
		EXPECT_EQ("wakes", live__number(run->report, "summary.wakes"),
			  CONNECTIONS * cases[i].woken);
	if (cases[i].behind && live__kernel_is("5.10"))
		return;
	json_array_foreach (json_object_get(run->report, "connections"), j, row)
		check_row(row, i, lists_all);
}

/* Whoever waits at the first connection is listed there, and so is a worker, whatever is listed later. */
static void check_workers(const json_t *report, unsigned workers)
{
	const json_t *row;
	bool is_cut = false;
	size_t i;

	EXPECT_EQ("workers", json_array_size(json_object_get(report, "workers")), workers);
	json_array_foreach (json_object_get(report, "connections"), i, row)
		is_cut |= live__number(row, "waiters_named") < live__number(row, "waiters");
	EXPECT_EQ("a list was cut", is_cut, !live__kernel_is("5.10"));
}

static void run_case(size_t i, const char *attach, bool lists_all)
{
	const char *const options[] = {"-n8", "--attach", attach,
				       lists_all ? "--waiters=all" : NULL, NULL};
	struct live_run run;
	char name[128];

	snprintf(name, sizeof(name), "%s %s %s%s", cases[i].server[0], cases[i].server[1],
		 cases[i].server[3] ? cases[i].server[3] : "", lists_all ? ", all listed" : "");
	if (!live__is_wanted(name))
		return;
	live__begin("waiters of %s, %s", name, attach);
	/* What is listed, a tracer knows from its beginning. */
	if (lists_all)
		live__trace(&run, options, cases[i].server);
	else
		live__trace_again(&run, options, cases[i].server);
	check(&run, i, lists_all);
	if (!i && !lists_all && run.report)
		check_workers(run.report, cases[i].workers);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_many(void)
{
	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i, "fentry", false);
	live_tracer__open("kprobe");
	run_case(1, "kprobe", false);
	live_tracer__close();
	run_case(1, "fentry", true);
}
