// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of many starts: what goes wrong once in a hundred times, at the beginning of a run or while a
 * server comes and goes. Twenty here, hundreds with LIVE_STARTS in the environment (make soak).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"

/* Of all servers together, and of a server that comes back; half as many on a server under load. */
static int starts(void)
{
	const char *soak = getenv("LIVE_STARTS");

	return soak ? atoi(soak) : 20;
}

/* ---- of a server ---- */

static const struct {
	const char *server[8];
	int wakes; /* for two connections; 0: it varies */
} servers[] = {
	{{"accept-server", "-w4", "-q"}, 2},
	{{"select-server", "-w4", "-q"}, 8},
	{{"epoll-server", "-w4", "-q"}, 0},
	{{"epoll-server", "-w4", "-q", "--own", "--threads"}, 8},
	{{"reuseport-server", "-w4", "-q"}, 2},
	{{"accept-server", "-w4", "-q", "--unix", "@live"}, 2},
};

#define SERVER_CNT (sizeof(servers) / sizeof(servers[0]))

static void start_once(size_t i)
{
	struct live_run run;

	live__trace(&run, (const char *[]){"-n2", NULL}, servers[i].server);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 2);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 2);
	if (servers[i].wakes)
		EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), servers[i].wakes);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live_run__free(&run);
}

static void test_starts(size_t i)
{
	int cnt = (starts() + SERVER_CNT - 1) / SERVER_CNT;

	live__begin("%d starts of %s %s", cnt, servers[i].server[0],
		    servers[i].server[3] ? servers[i].server[3] : "");
	while (cnt--)
		start_once(i);
	live__check_nothing_left();
	live__end();
}

/* ---- of a server that comes back ---- */

/* Each server takes one connection and ends; its socket's memory is the next one's. */
static void test_unix_restarts(void)
{
	static const char script[] =
		"i=0; while [ $i -lt %d ]; do i=$((i + 1))\n"
		"\"$0/accept-server\" -q -w1 --die-after=1 --unix @live &\n"
		"until \"$0/accept-client\" --unix @live x 2>/dev/null; do :; done\n"
		"wait; done";
	char text[512], servers_path[512];
	int cnt = starts();
	struct live_run run;

	live__begin("%d restarts of a server on AF_UNIX", cnt);
	snprintf(text, sizeof(text), script, cnt);
	snprintf(servers_path, sizeof(servers_path), "%s", live__server("."));
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "--", "/bin/sh", "-c", text,
						     servers_path, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), cnt);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), cnt);
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), cnt);
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- on a server that is at work ---- */

/* Connections without a pause, until it is killed. */
static pid_t start_load(void)
{
	pid_t pid = fork();

	while (!pid)
		live__connect_once();
	return pid;
}

static void test_starts_under_load(void)
{
	char *argv[] = {(char *)live__server("epoll-server"), "-w4", "--own", "-q", NULL};
	int cnt = starts() / 2;
	pid_t server, load;
	char pid_text[16];

	live__begin("%d starts on a server under load", cnt);
	server = live__spawn(argv, NULL, NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	load = start_load();
	snprintf(pid_text, sizeof(pid_text), "%d", server);
	while (cnt--) {
		struct live_run run;

		live__herdtrace_alone(&run,
				      (const char *[]){"-fjson", "-d1", "-p", pid_text, NULL});
		EXPECT_EQ("exit status", run.status, 0);
		EXPECT_TRUE("connections", live__number(run.report, "summary.connections") > 0);
		live__check_balance(run.report);
		live_run__free(&run);
	}
	kill(load, SIGKILL);
	live__wait(load);
	kill(server, SIGTERM);
	live__wait(server);
	live__check_nothing_left();
	live__end();
}

/* ---- on a listener that was made elsewhere ---- */

/* Nobody has told of it when its first connection arrives, unless it is known by being watched. */
static void test_listener_from_outside(void)
{
	struct live_run run;
	char from[32];
	int fd;

	live__begin("a listener that the server gets while it runs");
	fd = live__listen();
	snprintf(from, sizeof(from), "--from=%d:%d", getpid(), fd);
	live__trace(&run, (const char *[]){"-n5", NULL},
		    (const char *[]){"epoll-server", "-w3", "--own", from, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 5);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 5);
	EXPECT_EQ("epoll wakes", live__number(run.report, "summary.wakes_by_cause.epoll"), 15);
	live__check_balance(run.report);
	live__check_oracle(&run);
	close(fd);
	live__end();
	live_run__free(&run);
}

void live__suite_starts(void)
{
	/* 7.2 preempts tasks inside of BPF programs, and then skips these programs for others. */
	bool preempts = live__kernel_is("7.2");

	/* Elsewhere the counts are starts enough. */
	for (size_t i = 0; preempts && i < SERVER_CNT; i++)
		test_starts(i);
	test_unix_restarts();
	test_starts_under_load();
	test_listener_from_outside();
}
