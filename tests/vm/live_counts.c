// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of the counts: each reference server against what the kernel is known to do, and in
 * the same run against the kernel's own trace event.
 */
#include <string.h>

#include "live_suites.h"
#include "live_tracer.h"

#define CONNECTIONS 20
#define NOBODY      UINT32_MAX

struct count_case {
	const char *server[10]; /* name and arguments */
	unsigned workers;
	unsigned waiters; /* at an arrival; 0: all workers, or NOBODY */
	/* Wakes for each connection. */
	unsigned accept, epoll, poll, signal;
	/* Chain wakes in all: with level-triggered epoll they depend on who is faster. */
	unsigned chain_min, chain_max;
	unsigned handed_on; /* for each connection: another thread accepts */
	const char *herd;
	const char *skew; /* where it is no matter of luck */
	bool first_wins;  /* each draw: among those that wait exclusively */
	unsigned listed; /* workers in the report, those that never waited included; 0: it varies */
	/* They sleep behind an epoll instance: without bpf_loop(), which 5.10 has not, they are not
	 * listed, and the list is marked as short. */
	bool behind;
	const char *needs; /* a function without which the kernel has no such server */
	bool kprobe;       /* also with kprobes: one of each kind is enough for the fallback */
};

#define SERVER(...) .server = {__VA_ARGS__, NULL}

static const struct count_case cases[] = {
	{SERVER("accept-server", "-w4"), .workers = 4, .accept = 1, .herd = "refuted",
	 .skew = "refuted", .listed = 4, .kprobe = true},
	{SERVER("accept-server", "-w1"), .workers = 1, .accept = 1, .herd = "inconclusive",
	 .skew = "inconclusive", .listed = 1},
	{SERVER("accept-server", "-w2"), .workers = 2, .accept = 1, .herd = "refuted",
	 .skew = "refuted"},
	{SERVER("accept-server", "-w7"), .workers = 7, .accept = 1, .herd = "refuted",
	 .skew = "inconclusive"},
	{SERVER("accept-server", "-w100"), .workers = 100, .accept = 1, .herd = "refuted"},
	{SERVER("accept-server", "-w4", "--threads"), .workers = 4, .accept = 1, .herd = "refuted"},
	{SERVER("accept-server", "-w4", "-6"), .workers = 4, .accept = 1, .herd = "refuted"},
	{SERVER("accept-server", "-w4", "--int80"), .workers = 4, .accept = 1, .herd = "refuted",
	 .kprobe = true},
	{SERVER("select-server", "-w4"), .workers = 4, .poll = 4, .herd = "proved", .kprobe = true},
	{SERVER("poll-server", "-w4"), .workers = 4, .poll = 4, .herd = "proved", .kprobe = true},
	{SERVER("poll-server", "-w2", "--threads"), .workers = 2, .poll = 2, .herd = "proved"},
	/* A sleep in a poll of something else, between the wake and the accept, decides nothing. */
	{SERVER("poll-server", "-w4", "--resolve=2"), .workers = 4, .poll = 4, .herd = "proved"},
	/* One of the four is enough to empty the queue; how many are told before that varies. */
	{SERVER("epoll-server", "-w4"), .workers = 4, .epoll = 1, .chain_min = 20, .chain_max = 60,
	 .herd = "proved", .kprobe = true},
	{SERVER("epoll-server", "-w4", "--threads"), .workers = 4, .epoll = 1, .chain_min = 20,
	 .chain_max = 60, .herd = "proved"},
	{SERVER("epoll-server", "-w1"), .workers = 1, .epoll = 1, .herd = "inconclusive"},
	{SERVER("epoll-server", "-w4", "--busy=60"), .workers = 4, .epoll = 1, .chain_min = 60,
	 .chain_max = 60, .herd = "proved"},
	{SERVER("epoll-server", "-w4", "--edge"), .workers = 4, .epoll = 1, .herd = "refuted",
	 .skew = "proved"},
	{SERVER("epoll-server", "-w4", "--oneshot"), .workers = 4, .epoll = 1, .herd = "refuted"},
	/* One polls, adds the listener, and so wakes one of the others: of an instance that nothing was offered. */
	{SERVER("epoll-server", "-w4", "--edge", "--add-ready"), .workers = 4, .waiters = 1,
	 .poll = 1, .chain_min = 20, .chain_max = 20, .herd = "proved", .kprobe = true},
	{SERVER("epoll-server", "-w4", "--own"), .workers = 4, .epoll = 4, .herd = "proved"},
	{SERVER("epoll-server", "-w4", "--own", "--edge"), .workers = 4, .epoll = 4,
	 .herd = "proved"},
	{SERVER("epoll-server", "-w7", "--own", "-6"), .workers = 7, .epoll = 7, .herd = "proved"},
	{SERVER("epoll-server", "-w100", "--own"), .workers = 100, .epoll = 100, .herd = "proved"},
	{SERVER("epoll-server", "-w4", "--own", "--exclusive"), .workers = 4, .epoll = 1,
	 .herd = "refuted", .skew = "proved", .first_wins = true, .listed = 4},
	{SERVER("epoll-server", "-w4", "--own", "--exclusive", "--threads"), .workers = 4,
	 .epoll = 1, .herd = "refuted"},
	/* Who watches the listener for no events sleeps in the same call, and does not wait for it. */
	{SERVER("epoll-server", "-w4", "--own", "--deaf=3"), .workers = 4, .waiters = 1, .epoll = 1,
	 .herd = "inconclusive"},
	/* Who sleeps is behind the instance that watches the listener. */
	{SERVER("epoll-server", "-w4", "--own", "--nested"), .workers = 4, .epoll = 4,
	 .behind = true, .herd = "proved"},
	{SERVER("epoll-server", "-w4", "--own", "--polled"), .workers = 4, .epoll = 4,
	 .behind = true, .herd = "proved"},
	{SERVER("watcher-server", "-w4"), .workers = 4, .epoll = 4, .herd = "proved"},
	/* Each listener of a group has a queue of its own; the others of the group sleep on. */
	{SERVER("reuseport-server", "-w4"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "refuted", .kprobe = true},
	{SERVER("reuseport-server", "-w4", "--epoll", "-6"), .workers = 4, .waiters = 1, .epoll = 1,
	 .herd = "refuted"},
	{SERVER("reuseport-server", "-w100"), .workers = 100, .waiters = 1, .accept = 1,
	 .herd = "refuted"},
	/* Half of the workers accept, half only watch: one accepter and every watcher. */
	{SERVER("mixed-server", "-w4"), .workers = 4, .accept = 1, .epoll = 2, .herd = "proved",
	 .kprobe = true},
	/* Who waits does not accept: one wake is of use. */
	{SERVER("dispatch-server", "-w3"), .workers = 4, .waiters = 1, .epoll = 1, .handed_on = 1,
	 .herd = "inconclusive", .kprobe = true},
	{SERVER("dispatch-server", "-w2", "--dispatchers=3"), .workers = 5, .waiters = 3,
	 .epoll = 3, .handed_on = 1, .herd = "proved"},
	/* The listener is the first subflow of the socket that the server knows. */
	{SERVER("accept-server", "-w4", "--mptcp"), .workers = 4, .accept = 1, .herd = "refuted",
	 .needs = "mptcp_listen"},
	{SERVER("epoll-server", "-w4", "--own", "--mptcp"), .workers = 4, .epoll = 4,
	 .herd = "proved", .needs = "mptcp_listen"},
	{SERVER("epoll-server", "-w4", "--busy=60", "--mptcp"), .workers = 4, .epoll = 1,
	 .chain_min = 60, .chain_max = 60, .herd = "proved", .needs = "mptcp_listen",
	 .kprobe = true},
	/* Nobody is in the listener's queue: its owners are signalled. */
	{SERVER("signal-server", "-w4"), .workers = 4, .waiters = NOBODY, .signal = 4,
	 .herd = "proved", .kprobe = true},
	/* One task waits for connections; what else wakes it, or the others, is not the
	 * listener's: connections in its epoll, the lock, a socket pair, a condition variable,
	 * the timer of those who do not hold the accept mutex. */
	{SERVER("single-server", "-w1"), .workers = 1, .epoll = 1, .herd = "inconclusive"},
	{SERVER("single-server", "-w4", "--queue"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive"},
	{SERVER("lock-server", "-w4"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive", .listed = 4, .kprobe = true},
	{SERVER("lock-server", "-w4", "--flock"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive", .listed = 4},
	{SERVER("lock-server", "-w4", "--mutex"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive", .listed = 4},
	{SERVER("fdpass-server", "-w4"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive"},
	{SERVER("leader-server", "-w4"), .workers = 4, .waiters = 1, .accept = 1,
	 .herd = "inconclusive"},
	{SERVER("mutex-epoll-server", "-w4"), .workers = 4, .waiters = 1, .epoll = 1,
	 .herd = "inconclusive", .listed = 4},
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
	EXPECT_EQ("signal wakes", live__number(r, "summary.wakes_by_cause.signal"),
		  CONNECTIONS * c->signal);
	EXPECT_RANGE("chain wakes", chain, c->chain_min, c->chain_max);
	EXPECT_EQ("pending", live__number(r, "summary.wakes_by_outcome.pending"), 0);
	EXPECT_EQ("wakes that were handed on",
		  live__number(r, "summary.wakes_by_outcome.handed_on"),
		  CONNECTIONS * c->handed_on);
	EXPECT_EQ("wakes that led to an accept", accepted, CONNECTIONS * !c->handed_on);
	EXPECT_EQ("wasted", live__number(r, "summary.wasted"),
		  live__number(r, "summary.wakes") - CONNECTIONS);
	EXPECT_WORD("herd", live__word(r, "verdict.herd"), c->herd);
	/* All of them sleep at every arrival. */
	if (!c->waiters && !c->behind)
		EXPECT_TRUE("idle workers refute no stranding",
			    strcmp(live__word(r, "verdict.stranding") ?: "refuted", "refuted"));
	if (c->skew)
		EXPECT_WORD("skew", live__word(r, "verdict.skew"), c->skew);
	/* Without bpf_loop() nobody's place in the queue is known. */
	if (c->first_wins && !live__kernel_is("5.10"))
		EXPECT_TRUE("the cause of the skew",
			    strstr(live__word(r, "verdict.skew_reason") ?: "",
				   "the first in the kernel's wait queue won 20 of 20 draws"));
	if (c->listed)
		EXPECT_EQ("workers", json_array_size(json_object_get(r, "workers")), c->listed);
}

/* Who waited, who was offered the connection, who took it. */
static void check_rows(const json_t *r, const struct count_case *c)
{
	bool reuseport = !strcmp(c->server[0], "reuseport-server");
	unsigned waiters = c->waiters ? (c->waiters == NOBODY ? 0 : c->waiters) : c->workers;
	bool short_list = c->behind && live__kernel_is("5.10");
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(r, "connections"), i, row) {
		EXPECT_EQ("waiters", live__number(row, "waiters"), short_list ? 0 : waiters);
		EXPECT_EQ("a short list of them",
			  json_is_true(json_object_get(row, "waiters_truncated")), short_list);
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
	if (c->needs && !live__kernel_has(c->needs)) {
		live__skip(c->needs);
		live__end();
		return;
	}
	live__trace_again(&run, options, c->server);
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

void live__suite_counts(void)
{
	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i], "fentry");
	live_tracer__open("kprobe");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cases[i].kprobe)
			run_case(&cases[i], "kprobe");
	live__uring_with_kprobes();
	live_tracer__close();
}
