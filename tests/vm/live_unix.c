// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of AF_UNIX listeners. */
#include <string.h>

#include "live_suites.h"
#include "live_tracer.h"

#define SOCKET   "/tmp/live.sock"
#define ABSTRACT "@live \"test\""

struct unix_case {
	const char *server[10];
	const char *connections;
	/* Wakes for each connection. */
	unsigned accept, epoll, poll;
	/* Chain wakes in all. */
	unsigned chain_min, chain_max;
	const char *herd;
};

static const struct unix_case cases[] = {
	{.server = {"accept-server", "-w4", "--unix", SOCKET}, .accept = 1, .herd = "refuted"},
	{.server = {"accept-server", "-w4", "--threads", "--unix", ABSTRACT},
	 .accept = 1,
	 .herd = "refuted"},
	{.server = {"select-server", "-w4", "--unix", SOCKET}, .poll = 4, .herd = "proved"},
	{.server = {"epoll-server", "-w4", "--own", "--unix", ABSTRACT},
	 .epoll = 4,
	 .herd = "proved"},
	{.server = {"epoll-server", "-w4", "--own", "--exclusive", "--unix", SOCKET},
	 .epoll = 1,
	 .herd = "refuted"},
	{.server = {"epoll-server", "-w4", "--unix", SOCKET},
	 .epoll = 1,
	 .chain_min = 20,
	 .chain_max = 60,
	 .herd = "proved"},
};

static const char *address_of(const char *const server[])
{
	size_t i = 0;

	while (strcmp(server[i], "--unix"))
		i++;
	return server[i + 1];
}

static void check_counts(const json_t *r, const struct unix_case *c)
{
	EXPECT_EQ("connections", live__number(r, "summary.connections"), 20);
	EXPECT_EQ("accepted", live__number(r, "summary.accepted"), 20);
	EXPECT_EQ("accept wakes", live__number(r, "summary.wakes_by_cause.accept"), 20 * c->accept);
	EXPECT_EQ("epoll wakes", live__number(r, "summary.wakes_by_cause.epoll"), 20 * c->epoll);
	EXPECT_EQ("poll wakes", live__number(r, "summary.wakes_by_cause.poll"), 20 * c->poll);
	EXPECT_RANGE("chain wakes", live__number(r, "summary.wakes_by_cause.chain"), c->chain_min,
		     c->chain_max);
	EXPECT_EQ("wakes that led to an accept",
		  live__number(r, "summary.wakes_by_outcome.accepted"), 20);
	EXPECT_EQ("pending", live__number(r, "summary.wakes_by_outcome.pending"), 0);
	EXPECT_WORD("herd", live__word(r, "verdict.herd"), c->herd);
}

/* One listener with the name that the server was given; every client is herdtrace itself. */
static void check_names(const struct live_run *run, const char *address)
{
	const json_t *row, *listeners = json_object_get(run->report, "listeners");
	char peer[32];
	size_t i;

	snprintf(peer, sizeof(peer), "pid %d", run->pid);
	EXPECT_EQ("listeners", json_array_size(listeners), 1);
	EXPECT_WORD("address", live__word(run->report, "listeners.0.address"), address);
	EXPECT_WORD("protocol", live__word(run->report, "listeners.0.protocol"), "unix");
	json_array_foreach (json_object_get(run->report, "connections"), i, row) {
		EXPECT_WORD("peer", live__word(row, "peer"), peer);
		EXPECT_EQ("waiters", live__number(row, "waiters"), 4);
		EXPECT_TRUE("acceptor", live__number(row, "accepted_by") > 0);
		EXPECT_TRUE("waiting time", live__number(row, "arrival_to_accept_ns") > 0);
	}
}

static void run_case(const struct unix_case *c, const char *attach)
{
	struct live_run run;

	live__begin("AF_UNIX: %s %s %s, %s", c->server[0], c->server[2], address_of(c->server),
		    attach);
	live__trace_again(&run, (const char *[]){"-n20", "--attach", attach, NULL}, c->server);
	EXPECT_EQ("exit status", run.status, 0);
	if (!run.report)
		live__fail("no report; stderr: %s", run.errors);
	live__check_balance(run.report);
	live__check_oracle(&run);
	check_counts(run.report, c);
	check_names(&run, address_of(c->server));
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

static void test_crowd(const char *const server[])
{
	struct live_run run;

	live__begin("AF_UNIX: 300 connections, 8 at a time, %s", server[0]);
	live__trace_again(&run, (const char *[]){"-n300", "--concurrency=8", NULL}, server);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 300);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 300);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* The waits of fdpass-server's workers are on sockets of the same family, but no listeners. */
static void test_socket_pairs(void)
{
	struct live_run run;

	live__begin("AF_UNIX: socket pairs are no listeners");
	live__trace_again(&run, (const char *[]){"-n20", NULL},
			  (const char *[]){"fdpass-server", "-w4", "--unix", ABSTRACT, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 20);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), 20);
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 1);
	EXPECT_TRUE("the pairs wake, too", run.oracle.other >= 20);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_unix(void)
{
	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i], "fentry");
	test_crowd((const char *[]){"accept-server", "-w4", "--unix", SOCKET, NULL});
	test_crowd((const char *[]){"epoll-server", "-w4", "--own", "--unix", ABSTRACT, NULL});
	test_socket_pairs();
	live_tracer__open("kprobe");
	run_case(&cases[0], "kprobe");
	run_case(&cases[3], "kprobe");
	live_tracer__close();
}
