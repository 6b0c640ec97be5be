// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of connections that overlap: no number is fixed, but every wake is accounted for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_suites.h"
#include "live_tracer.h"
#include "outcomes.h"

static const char *const crowds[][6] = {
	{"accept-server", "-w4"},
	{"select-server", "-w4"},
	{"epoll-server", "-w4"},
	{"epoll-server", "-w4", "--edge"},
	{"epoll-server", "-w4", "--oneshot"},
	{"epoll-server", "-w4", "--own"},
	{"epoll-server", "-w4", "--own", "--exclusive", "--threads"},
	/* A sleep in an instance to which nothing was offered yet is one, too. */
	{"epoll-server", "-w4", "--own", "--nested", "--anew"},
	{"reuseport-server", "-w4", "--epoll"},
	{"mixed-server", "-w4"},
};

/* ---- what came of each wake, by a witness ---- */

static const char *const outcome_keys[TASK_OUTCOME_CNT] = {
	[TASK_ACCEPTED] = "useful", [TASK_EAGAIN] = "eagain",   [TASK_SWALLOWED] = "swallowed",
	[TASK_IDLE] = "idle",       [TASK_PENDING] = "pending",
};

static const json_t *worker_of(const json_t *report, uint32_t tid)
{
	const json_t *worker;
	size_t i;

	json_array_foreach (json_object_get(report, "workers"), i, worker)
		if (live__number(worker, "tid") == tid)
			return worker;
	return NULL;
}

static void check_task(const json_t *report, const struct task_outcomes *task)
{
	const json_t *worker = worker_of(report, task->tid);

	for (int i = 0; i < TASK_OUTCOME_CNT; i++) {
		int64_t told = worker ? live__number(worker, outcome_keys[i]) : 0;

		if ((uint64_t)told != task->of[i])
			live__fail("%s wakes of task %u: %lld, by the witness %llu",
				   outcome_keys[i], task->tid, (long long)told,
				   (unsigned long long)task->of[i]);
	}
}

static void check_outcomes(struct live_run *run, struct outcome_witness *witness)
{
	struct outcomes outcomes = {0};
	uint64_t wakes = 0;

	oracle_counts__sort(&run->oracle);
	EXPECT_EQ("the witness", outcome_witness__stop(witness, &run->oracle, &outcomes), 0);
	EXPECT_EQ("events that the witness did not understand", outcomes.error_cnt, 0);
	EXPECT_EQ("events that the witness lost", outcomes.lost, 0);
	for (size_t i = 0; i < outcomes.task_cnt; i++) {
		check_task(run->report, &outcomes.tasks[i]);
		for (int o = 0; o < TASK_OUTCOME_CNT; o++)
			wakes += outcomes.tasks[i].of[o];
	}
	EXPECT_EQ("wakes with an outcome, by the witness",
		  live__number(run->report, "summary.wakes"), wakes);
	outcomes__free(&outcomes);
}

/* As live__trace(), with the witness of outcomes beside. */
static void trace(struct live_run *run, const char *const options[], const char *const server[])
{
	struct outcome_witness *witness = outcome_witness__new();
	int err = witness ? outcome_witness__start(witness, server[0]) : -errno;

	EXPECT_EQ("a witness of outcomes", err, 0);
	live__trace_again(run, options, server);
	if (!err)
		check_outcomes(run, witness);
	outcome_witness__free(witness);
}

/* ---- crowds ---- */

/* Nobody takes anything from the only worker: each of its wakes leads to an accept. */
static void test_one_worker(void)
{
	const char *const options[] = {"-n1000", "--concurrency=8", NULL};
	struct live_run run;

	live__begin("1000 connections, 8 at a time, to one worker");
	trace(&run, options, (const char *[]){"accept-server", "-w1", "-q", NULL});
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

	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		const json_t *r;
		struct live_run run;
		char words[64];

		snprintf(words, sizeof(words), "%s %s %s", crowds[i][0], crowds[i][1],
			 crowds[i][2] ?: "");
		if (!live__is_wanted(words))
			continue;
		live__begin("300 connections, 8 at a time, %s", words);
		trace(&run, options, crowds[i]);
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
	if (live__is_wanted("one worker"))
		test_one_worker();
	live_tracer__close();
}
