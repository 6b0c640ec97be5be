// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of the counts: each reference server against what the kernel is known to do, and in
 * the same run against the kernel's own trace event.
 */
#include <string.h>

#include "live_suites.h"

#define CONNECTIONS 20

struct count_case {
	const char *server[10]; /* name and arguments */
	unsigned workers;
	/* Wakes for each connection. */
	unsigned accept, epoll, poll;
	/* Chain wakes in all: with level-triggered epoll they depend on who is faster. */
	unsigned chain_min, chain_max;
	const char *herd;
};

#define SERVER(...)               \
	{                         \
		__VA_ARGS__, NULL \
	}

static const struct count_case cases[] = {
	{SERVER("accept-server", "-w4"), 4, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("accept-server", "-w1"), 1, 1, 0, 0, 0, 0, "inconclusive"},
	{SERVER("accept-server", "-w2"), 2, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("accept-server", "-w7"), 7, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("accept-server", "-w100"), 100, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("accept-server", "-w4", "--threads"), 4, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("accept-server", "-w4", "-6"), 4, 1, 0, 0, 0, 0, "refuted"},
	{SERVER("select-server", "-w4"), 4, 0, 0, 4, 0, 0, "proved"},
	{SERVER("poll-server", "-w4"), 4, 0, 0, 4, 0, 0, "proved"},
	{SERVER("poll-server", "-w2", "--threads"), 2, 0, 0, 2, 0, 0, "proved"},
	/* One of the four is enough to empty the queue; how many are told before that varies. */
	{SERVER("epoll-server", "-w4"), 4, 0, 1, 0, 20, 60, "proved"},
	{SERVER("epoll-server", "-w4", "--threads"), 4, 0, 1, 0, 20, 60, "proved"},
	{SERVER("epoll-server", "-w1"), 1, 0, 1, 0, 0, 0, "inconclusive"},
	{SERVER("epoll-server", "-w4", "--busy=20"), 4, 0, 1, 0, 60, 60, "proved"},
	{SERVER("epoll-server", "-w4", "--edge"), 4, 0, 1, 0, 0, 0, "refuted"},
	{SERVER("epoll-server", "-w4", "--oneshot"), 4, 0, 1, 0, 0, 0, "refuted"},
	{SERVER("epoll-server", "-w4", "--own"), 4, 0, 4, 0, 0, 0, "proved"},
	{SERVER("epoll-server", "-w4", "--own", "--edge"), 4, 0, 4, 0, 0, 0, "proved"},
	{SERVER("epoll-server", "-w7", "--own", "-6"), 7, 0, 7, 0, 0, 0, "proved"},
	{SERVER("epoll-server", "-w100", "--own"), 100, 0, 100, 0, 0, 0, "proved"},
	{SERVER("epoll-server", "-w4", "--own", "--exclusive"), 4, 0, 1, 0, 0, 0, "refuted"},
	{SERVER("epoll-server", "-w4", "--own", "--exclusive", "--threads"), 4, 0, 1, 0, 0, 0,
	 "refuted"},
	{SERVER("reuseport-server", "-w4"), 4, 1, 0, 0, 0, 0, "inconclusive"},
	{SERVER("reuseport-server", "-w4", "--epoll", "-6"), 4, 0, 1, 0, 0, 0, "inconclusive"},
	{SERVER("reuseport-server", "-w100"), 100, 1, 0, 0, 0, 0, "inconclusive"},
	/* Half of the workers accept, half only watch: one accepter and every watcher. */
	{SERVER("mixed-server", "-w4"), 4, 1, 2, 0, 0, 0, "proved"},
	/* Its epoll also watches the connections, whose wakes are not the listener's. */
	{SERVER("single-server", "-w1"), 1, 0, 1, 0, 0, 0, "inconclusive"},
	{SERVER("lock-server", "-w4"), 4, 1, 0, 0, 0, 0, "inconclusive"},
};

static void check_totals(const json_t *r, const struct count_case *c)
{
	int64_t chain = live__number(r, "summary.wakes_by_cause.chain");
	int64_t accepted = live__number(r, "summary.wakes_by_outcome.accepted");

	EXPECT_EQ("connections", live__number(r, "summary.connections"), CONNECTIONS);
	EXPECT_EQ("accepted", live__number(r, "summary.accepted"), CONNECTIONS);
	EXPECT_EQ("accept wakes", live__number(r, "summary.wakes_by_cause.accept"),
		  CONNECTIONS * c->accept);
	EXPECT_EQ("epoll wakes", live__number(r, "summary.wakes_by_cause.epoll"),
		  CONNECTIONS * c->epoll);
	EXPECT_EQ("poll wakes", live__number(r, "summary.wakes_by_cause.poll"),
		  CONNECTIONS * c->poll);
	EXPECT_RANGE("chain wakes", chain, c->chain_min, c->chain_max);
	EXPECT_EQ("pending", live__number(r, "summary.wakes_by_outcome.pending"), 0);
	EXPECT_EQ("wakes that led to an accept", accepted, CONNECTIONS);
	EXPECT_EQ("wasted", live__number(r, "summary.wasted"),
		  live__number(r, "summary.wakes") - CONNECTIONS);
	EXPECT_WORD("herd", live__word(r, "verdict.herd"), c->herd);
}

/* Who waited, who was offered the connection, who took it. */
static void check_rows(const json_t *r, const struct count_case *c)
{
	bool reuseport = !strcmp(c->server[0], "reuseport-server");
	bool lock = !strcmp(c->server[0], "lock-server");
	unsigned waiters = reuseport || lock ? 1 : c->workers;
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(r, "connections"), i, row) {
		EXPECT_EQ("waiters", live__number(row, "waiters"), waiters);
		EXPECT_TRUE("offers", live__number(row, "offers") >= c->accept + c->poll);
		EXPECT_TRUE("acceptor", live__number(row, "accepted_by") > 0);
		EXPECT_TRUE("waiting time", live__number(row, "arrival_to_accept_ns") > 0);
		EXPECT_TRUE("peer", live__word(row, "peer"));
		if (!reuseport)
			continue;
		EXPECT_EQ("sockets in the group", live__number(row, "reuseport.sockets"),
			  c->workers);
		EXPECT_EQ("index as the formula has it", live__number(row, "reuseport.index"),
			  live__number(row, "reuseport.hash") * c->workers >> 32);
	}
	if (reuseport)
		EXPECT_EQ("selections as predicted",
			  live__number(r, "summary.reuseport.as_predicted"), CONNECTIONS);
}

static void run_case(const struct count_case *c, const char *attach)
{
	const char *const options[] = {"-n20", "--attach", attach, NULL};
	struct live_run run;
	char words[256] = "";

	for (size_t i = 0; c->server[i]; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), " %s", c->server[i]);
	if (!live__is_wanted(words))
		return;
	live__begin("counts of%s, %s", words, attach);
	live__trace(&run, options, c->server);
	EXPECT_EQ("exit status", run.status, 0);
	if (run.report) {
		EXPECT_WORD("attach mode", live__word(run.report, "attach.mode"), attach);
		live__check_balance(run.report);
		live__check_oracle(&run);
		check_totals(run.report, c);
		check_rows(run.report, c);
	} else {
		live__fail("no report; stderr: %s", run.errors);
	}
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* One of each kind is enough for the fallback. */
static bool also_with_kprobes(const struct count_case *c)
{
	return c->workers == 4 && !c->server[2];
}

void live__suite_counts(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i], "fentry");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (also_with_kprobes(&cases[i]))
			run_case(&cases[i], "kprobe");
}

/* ---- connections that overlap ---- */

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
}
