// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of servers whose tasks sleep in calls that began before the trace: these returns are seen by a hook on
 * every system call of the machine, which goes once none of them is left.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/procfs.h"
#include "live_net.h"
#include "live_suites.h"

#define OUT    "/tmp/live.early.out"
#define ERRORS "/tmp/live.early.err"

static const char gone[] = "no call that began before the trace is left";

static const struct early_case {
	const char *what;
	const char *server[6];
	bool of_worker; /* only its first worker is traced: the others are foreign to it */
	unsigned tasks; /* that sleep, its master among them */
	int wakes;      /* of 20 connections, 0: it varies */
} cases[] = {
	{"in accept", {"accept-server", "-q", "-w2"}, false, 3, 20},
	{"in epoll_wait", {"epoll-server", "-q", "-w2", "--own"}, false, 3, 40},
	{"in poll", {"poll-server", "-q", "-w2"}, false, 3, 40},
	{"in select", {"select-server", "-q", "-w2"}, false, 3, 40},
	{"in io_uring_enter", {"uring-server", "-q", "-w2"}, false, 3, 0},
	{"in select, and one of them is not traced", {"select-server", "-q", "-w2"}, true, 3, 40},
};

/* Has herdtrace said so? */
static bool has_let_go(void)
{
	FILE *f = fopen(ERRORS, "re");
	char line[512];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, gone);
	if (f)
		fclose(f);
	return found;
}

static void await_letting_go(void)
{
	const struct timespec step = {.tv_nsec = 10000000};
	int tries = 0;

	while (!has_let_go() && tries++ < 6000)
		nanosleep(&step, NULL);
	EXPECT_TRUE("system calls are not looked at any more", has_let_go());
}

static void connect_times(int cnt)
{
	while (cnt--)
		EXPECT_TRUE("connected", live__connect_once());
}

static pid_t trace(pid_t pid)
{
	char pid_text[16];
	char *argv[] = {
		(char *)live__herdtrace(), "--verbose", "-fjson", "-d300", "-p", pid_text, NULL};

	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	return live__spawn(argv, OUT, ERRORS);
}

static void check(const struct early_case *c, const json_t *report)
{
	EXPECT_EQ("connections", live__number(report, "summary.connections"), 20);
	EXPECT_EQ("accepted", live__number(report, "summary.accepted"), 20);
	EXPECT_EQ("wakes that led to an accept",
		  live__number(report, "summary.wakes_by_outcome.accepted"), 20);
	EXPECT_EQ("pending", live__number(report, "summary.wakes_by_outcome.pending"), 0);
	if (c->wakes) {
		EXPECT_EQ("wakes", live__number(report, "summary.wakes"), c->wakes);
		/* Who sleeps when the trace starts waits from the start, though no wake has told of him. */
		EXPECT_EQ("waiters of the first", live__number(report, "connections.0.waiters"), 2);
	}
	live__check_balance(report);
}

/* One after another, so that everybody sleeps again: whoever is woken wakes out of the first call, then of another. */
static void make_connections(const char *comm, unsigned tasks)
{
	for (int i = 0; i < 10; i++) {
		connect_times(1);
		live__wait_asleep(comm, tasks);
	}
}

static void test_early(const struct early_case *c)
{
	char *argv[8] = {strdup(live__server(c->server[0]))};
	pid_t server, herdtrace;
	json_t *report;

	live__begin("calls that began before the trace, %s", c->what);
	for (int i = 1; c->server[i]; i++)
		argv[i] = (char *)c->server[i];
	server = live__spawn(argv, NULL, NULL);
	live__wait_asleep(c->server[0], c->tasks);
	herdtrace = trace(c->of_worker ? live__worker_of(server) : server);
	live__await_trace(herdtrace);
	EXPECT_TRUE("while they last they are looked for", !has_let_go());
	make_connections(c->server[0], c->tasks);
	await_letting_go();
	make_connections(c->server[0], c->tasks);
	kill(herdtrace, SIGINT);
	EXPECT_EQ("exit status", live__wait(herdtrace), 0);
	report = json_load_file(OUT, 0, NULL);
	check(c, report);
	json_decref(report);
	kill(server, SIGTERM);
	live__wait(server);
	live__check_nothing_left();
	live__end();
	free(argv[0]);
}

/* ---- where nobody looks ---- */

static pid_t fork_acceptor(int listener)
{
	pid_t pid = fork();

	while (!pid)
		close(accept(listener, NULL, NULL));
	return pid;
}

static void await_call(pid_t pid, long number)
{
	const struct timespec step = {.tv_nsec = 10000000};
	int tries = 0;

	while (procfs__call(pid, pid) != number && tries++ < 6000)
		nanosleep(&step, NULL);
	EXPECT_EQ("the call in which it waits", procfs__call(pid, pid), number);
}

/* The server takes the listener over while it runs: that somebody else waits on it nobody could know. */
static void test_stranger(void)
{
	struct live_run run;
	char from[32];
	pid_t other;
	int fd;

	live__begin(
		"a stranger waits since before, on a listener that the server gets while it runs");
	fd = live__listen();
	other = fork_acceptor(fd);
	await_call(other, SYS_accept);
	snprintf(from, sizeof(from), "--from=%d:%d", getpid(), fd);
	live__trace(&run, (const char *[]){"-n4", NULL},
		    (const char *[]){"accept-server", "-w1", from, NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_EQ("its first wake", live__number(run.report, "loss.early_calls"), 1);
	EXPECT_TRUE("the reason",
		    strstr(live__word(run.report, "loss.reason") ?: "", "since before the trace"));
	kill(other, SIGKILL);
	live__wait(other);
	close(fd);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_early(void)
{
	test_stranger();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_early(&cases[i]);
}
