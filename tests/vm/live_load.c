// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of load: thousands of connections, many workers, clients on all CPUs, a ring that is too small. Nothing may
 * be unexplained: the sums are those of the server, of the clients and of the oracle. A tenth of it here, all of it
 * with LIVE_LOAD=1 in the environment (make soak).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"
#include "tracefs.h"

#define CLIENTS 4

static int share_of(int all)
{
	return getenv("LIVE_LOAD") ? all : all / 10;
}

/* ---- what the server says of itself ---- */

struct own_count {
	long long tid, lines;
};

/* Adds up the lines of each worker in the output ("TID received: ..."). Returns how many have some. */
static size_t read_own_counts(const char *output, struct own_count counts[], size_t max)
{
	size_t cnt = 0, i;

	for (const char *line = output; line && *line; line = strchr(line, '\n')) {
		long long tid;

		line += *line == '\n';
		if (sscanf(line, "%lld received:", &tid) != 1)
			continue;
		for (i = 0; i < cnt && counts[i].tid != tid; i++)
			;
		if (i == max)
			break;
		counts[i].tid = tid;
		counts[i].lines = i == cnt ? 1 : counts[i].lines + 1;
		cnt += i == cnt;
	}
	return cnt;
}

static long long accepted_by(const json_t *report, long long tid)
{
	const json_t *worker;
	size_t i;

	json_array_foreach (json_object_get(report, "workers"), i, worker)
		if (live__number(worker, "tid") == tid)
			return live__number(worker, "accepted");
	return 0;
}

static void check_server(const struct live_run *run, long long connections)
{
	static struct own_count counts[1024];
	size_t cnt = read_own_counts(run->errors, counts, sizeof(counts) / sizeof(counts[0]));
	long long lines = 0;

	for (size_t i = 0; i < cnt; i++) {
		lines += counts[i].lines;
		if (accepted_by(run->report, counts[i].tid) != counts[i].lines)
			live__fail("accepted by %lld: %lld, by its own count %lld", counts[i].tid,
				   accepted_by(run->report, counts[i].tid), counts[i].lines);
	}
	EXPECT_EQ("connections, by the server's count", lines, connections);
}

/* What herdtrace itself has to say, between all the lines of the server. */
static void check_status(const struct live_run *run)
{
	const char *said = strstr(run->errors, "herdtrace: ");

	if (run->status)
		live__fail("exit status: %d, wanted 0: %.*s", run->status,
			   said ? (int)strcspn(said, "\n") : 0, said ? said : "");
}

static void check_run(struct live_run *run, long long connections)
{
	check_status(run);
	EXPECT_EQ("connections", live__number(run->report, "summary.connections"), connections);
	EXPECT_EQ("accepted", live__number(run->report, "summary.accepted"), connections);
	check_server(run, connections);
	live__check_balance(run->report);
	live__check_oracle(run);
	live__check_nothing_left();
}

/* ---- 64 connections at a time ---- */

static const char *const kinds[][4] = {
	{"accept-server"},
	{"epoll-server"},
	{"epoll-server", "--own"},
	{"epoll-server", "--own", "--exclusive"},
	{"reuseport-server", "--epoll"},
};

static void test_kind(const char *const kind[4], const char *workers)
{
	/* All 64 are woken, and the oracle has a stack for each: a tenth is enough of these. */
	bool crowd = kind[1] && !kind[2] && !strcmp(workers, "-w64");
	int connections = share_of(crowd ? 1000 : 10000);
	const char *const server[] = {kind[0], workers, "--each", kind[1], kind[2], NULL};
	char cnt[16], words[128];
	struct live_run run;

	snprintf(cnt, sizeof(cnt), "-n%d", connections);
	snprintf(words, sizeof(words), "%s %s %s %s", kind[0], workers, kind[1] ? kind[1] : "",
		 kind[1] && kind[2] ? kind[2] : "");
	if (!live__is_wanted(words))
		return;
	live__begin("%d connections, 64 at a time, %s", connections, words);
	live__trace_again(&run, (const char *[]){cnt, "--concurrency=64", NULL}, server);
	check_run(&run, connections);
	live__end();
	live_run__free(&run);
}

/* ---- a thousand workers ---- */

static void test_thousand(const char *const kind[4], int connections, int wakes)
{
	const char *const server[] = {kind[0], "-w1000", "--each", kind[1], NULL};
	char cnt[16];
	struct live_run run;

	snprintf(cnt, sizeof(cnt), "-n%d", connections);
	live__begin("%d connections to 1000 workers, %s %s", connections, kind[0],
		    kind[1] ? kind[1] : "");
	live__trace_again(&run, (const char *[]){cnt, NULL}, server);
	check_run(&run, connections);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"),
		  (long long)wakes * connections);
	live__end();
	live_run__free(&run);
}

/* ---- clients on all CPUs ---- */

/* Makes so many connections without a pause. Its exit status is 0 when all were served. */
static pid_t start_client(int connections)
{
	pid_t pid = live__fork(NULL, NULL);

	if (pid)
		return pid;
	for (int i = 0; i < connections; i++)
		if (live__await_fate(live__open()) != FATE_SERVED)
			_exit(1);
	_exit(0);
}

static void test_clients(const char *const kind[4])
{
	const char *const server[] = {kind[0], "-w4", kind[1], NULL};
	int each = share_of(10000) / CLIENTS;
	pid_t clients[CLIENTS];
	struct live_run run;

	live__begin("%d clients with %d connections each, %s %s", CLIENTS, each, kind[0],
		    kind[1] ? kind[1] : "");
	live__begin_trace_again(&run, (const char *[]){NULL}, server);
	live__wait_asleep(kind[0], 5);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = start_client(each);
	for (int i = 0; i < CLIENTS; i++)
		EXPECT_EQ("a client", live__wait(clients[i]), 0);
	live__wait_asleep(kind[0], 5);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	check_run(&run, each * CLIENTS);
	live__end();
	live_run__free(&run);
}

/* ---- a ring that is too small ---- */

/* Its reader is stopped while they come: nobody empties the ring. */
static void starve_once(void)
{
	struct live_run run;

	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"epoll-server", "-w4", "--own", "-q", NULL});
	live__wait_asleep("epoll-server", 5);
	kill(run.pid, SIGSTOP);
	for (int i = 0; i < 50; i++)
		live__await_fate(live__open());
	kill(run.pid, SIGCONT);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("drops are counted", live__number(run.report, "loss.ring_drops") > 0);
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"), "inconclusive");
	EXPECT_WORD("skew", live__word(run.report, "verdict.skew"), "inconclusive");
	EXPECT_WORD("stranding", live__word(run.report, "verdict.stranding"), "inconclusive");
	live_run__free(&run);
}

static void test_starved(void)
{
	int cnt = share_of(100);

	live_tracer__open_small("fentry", 4);
	live__begin("%d runs with a starved ring", cnt);
	while (cnt--)
		starve_once();
	live__check_nothing_left();
	live__end();
}

/* ---- hooks that are switched off ---- */

/* False where the kernel does not do it while somebody has hooks (5.10). */
static bool switch_hooks(const char *value)
{
	int fd = open("/proc/sys/kernel/ftrace_enabled", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, value, 1) == 1;

	close(fd);
	return done;
}

/* For everybody, by somebody, in the middle of the run: what comes then is not seen. */
static void test_switched_off(void)
{
	struct live_run run;
	bool is_off;

	live__begin("hooks that are switched off during the run");
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"accept-server", "-w2", "-q", NULL});
	live__wait_asleep("accept-server", 3);
	live__await_fate(live__open());
	is_off = switch_hooks("0");
	live__await_fate(live__open());
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_TRUE("they are on again", switch_hooks("1"));
	EXPECT_EQ("exit status", run.status, is_off ? 4 : 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), is_off ? 1 : 2);
	EXPECT_TRUE("the cause", !is_off || strstr(live__word(run.report, "notes.0") ?: "",
						   "kernel.ftrace_enabled was set to 0"));
	live__end();
	live_run__free(&run);
}

void live__suite_load(void)
{
	static const char *const workers[] = {"-w1", "-w4", "-w64"};

	tracefs__set_buffer_kb(getenv("LIVE_LOAD") ? 262144 : 65536);
	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t j = 0; j < sizeof(workers) / sizeof(workers[0]); j++)
			test_kind(kinds[i], workers[j]);
	if (live__is_wanted("1000 workers")) {
		test_thousand(kinds[0], share_of(200), 1);
		test_thousand(kinds[2], share_of(40), 1000);
	}
	if (live__is_wanted("clients")) {
		test_clients(kinds[0]);
		test_clients(kinds[2]);
	}
	if (live__is_wanted("switched off"))
		test_switched_off();
	if (live__is_wanted("starved"))
		test_starved();
	live_tracer__close();
	tracefs__set_buffer_kb(0);
}
