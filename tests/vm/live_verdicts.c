// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of verdicts: of runs that could show something, and of runs that could not. */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

/* ---- servers under the client of herdtrace ---- */

struct verdict_case {
	const char *what;
	const char *options[4], *server[6];
	int status;
	const char *verdict, *value, *reason; /* words of the reason */
	const char *advice;                   /* words of that; NULL: no matter */
};

static const struct verdict_case verdict_cases[] = {
	{.what = "SO_REUSEPORT is no herd, though three others are idle",
	 .options = {"-n20", "--expect=no-herd"},
	 .server = {"reuseport-server", "-q", "-w4"},
	 .verdict = "herd",
	 .value = "refuted",
	 .reason = "20"},
	{.what = "SO_REUSEPORT on one socket that all workers inherit has no effect",
	 .options = {"-n20", "--expect=herd"},
	 .server = {"epoll-server", "-q", "-w4", "--own", "--reuseport"},
	 .verdict = "herd",
	 .value = "proved",
	 .reason = "20",
	 .advice = "the group has one member, as the workers inherited one socket"},
	{.what = "workers that are idle refute no stranding",
	 .options = {"-n3", "--expect=no-stranding"},
	 .server = {"accept-server", "-q", "-w4"},
	 .status = 1,
	 .verdict = "stranding",
	 .value = "inconclusive",
	 .reason = "none of 3 connections came while a worker was busy"},
	{.what = "a mutex that one of four processes gets each time",
	 .options = {"-n20", "--expect=skew"},
	 .server = {"mutex-epoll-server", "-q", "-w4"},
	 .verdict = "skew",
	 .value = "proved",
	 .reason = "only one task waited at a time"},
};

static void expect_words(const json_t *report, const char *path, const char *words)
{
	const char *text = live__word(report, path);

	if (words && !strstr(text ?: "", words))
		live__fail("%s says '%s', wanted '%s'", path, text ?: "(nothing)", words);
}

static void expect_verdict(const json_t *report, const char *verdict, const char *value,
			   const char *reason)
{
	char path[64];

	snprintf(path, sizeof(path), "verdict.%s", verdict);
	EXPECT_WORD(verdict, live__word(report, path), value);
	strcat(path, "_reason");
	expect_words(report, path, reason);
}

static void test_verdict(const struct verdict_case *c)
{
	struct live_run run;

	live__begin("verdict: %s", c->what);
	live__trace_again(&run, c->options, c->server);
	EXPECT_EQ("exit status", run.status, c->status);
	expect_verdict(run.report, c->verdict, c->value, c->reason);
	expect_words(run.report, "advice", c->advice);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- nobody is left ---- */

/*
 * The worker ends with its first connection; the listener stays open here, and with it the second one's queue. What
 * stays of the server for a second never waited on it.
 */
static void test_nobody_left(void)
{
	static const char script[] =
		"\"$0/accept-server\" -q -w1 --die-after=1 \"$1\"; exec sleep 1";
	char from[32], servers[512];
	char *argv[] = {(char *)live__herdtrace(),
			"-fjson",
			"--expect=stranding",
			"--",
			"/bin/sh",
			"-c",
			(char *)script,
			servers,
			from,
			NULL};
	int listener, first, second;
	json_t *report;
	pid_t pid;

	live__begin("verdict: a connection in a queue that nobody waits on any more");
	listener = live__listen();
	snprintf(from, sizeof(from), "--from=%d:%d", getpid(), listener);
	snprintf(servers, sizeof(servers), "%s", live__server("."));
	pid = live_tracer__spawn(argv, "/tmp/live.out", NULL);
	live__wait_asleep("accept-server", 2);
	first = live__open();
	second = live__open();
	EXPECT_EQ("exit status", live__wait(pid), 0);
	report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("connections", live__number(report, "summary.connections"), 2);
	EXPECT_EQ("accepted", live__number(report, "summary.accepted"), 1);
	expect_verdict(report, "stranding", "proved",
		       "1 never accepted: nobody is left that waits on their listener");
	live__check_balance(report);
	close(first);
	close(second);
	close(listener);
	live__check_nothing_left();
	live__end();
	json_decref(report);
}

/* ---- no CPU ---- */

#define SPIN_NS (400 * NS_PER_MS)
#define CPU_MAX 64

#define SPIN_PRIORITY 10 /* real-time: above that of the workers */

static bool be_real_time(int cpu)
{
	struct sched_param param = {.sched_priority = SPIN_PRIORITY};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set) &&
	       !sched_setscheduler(0, SCHED_FIFO, &param);
}

/* Keeps a CPU from everybody else until it is over, and says when it has begun to. */
static pid_t start_spinner(int cpu, int running, const atomic_bool *over)
{
	pid_t pid = live__fork(NULL, NULL);
	bool good;

	if (pid)
		return pid;
	good = be_real_time(cpu);
	if (write(running, &good, 1) != 1 || !good)
		_exit(1);
	while (!atomic_load(over))
		;
	_exit(0);
}

static void spin(void)
{
	uint64_t until = clock__now_ns() + SPIN_NS;

	while (clock__now_ns() < until)
		;
}

/* This process keeps the first CPU for itself, once others have all the rest. */
static void connect_while_all_spin(unsigned cpus)
{
	atomic_bool *over = mmap(NULL, sizeof(*over), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[CPU_MAX];
	int running[2], connection;
	char byte;

	EXPECT_TRUE("a pipe and a flag", over != MAP_FAILED && !pipe(running));
	for (unsigned i = 1; i < cpus; i++)
		pids[i] = start_spinner(i, running[1], over);
	for (unsigned i = 1; i < cpus; i++)
		EXPECT_EQ("a spinner runs", read(running[0], &byte, 1), 1);
	EXPECT_TRUE("a real-time priority", be_real_time(0));
	connection = live__open();
	spin();
	atomic_store(over, true);
	EXPECT_EQ("served", live__await_fate(connection), FATE_SERVED);
	for (unsigned i = 1; i < cpus; i++)
		EXPECT_EQ("a spinner", live__wait(pids[i]), 0);
}

/* In a process of its own, whose priority and CPU go with it. Its failures are its exit status. */
static void connect_without_a_cpu(void)
{
	unsigned cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pid_t pid = fork();

	if (!pid) {
		connect_while_all_spin(cpus < CPU_MAX ? cpus : CPU_MAX);
		_exit(live__has_failed());
	}
	EXPECT_EQ("the client", live__wait(pid), 0);
}

/* One worker is woken, and gets no CPU for longer than a connection may wait while the other one sleeps. */
static void test_run_delay(void)
{
	struct live_run run;

	live__begin("verdict: a woken worker that gets no CPU, while another one sleeps");
	live__begin_trace_again(&run, (const char *[]){"--expect=stranding", NULL},
				(const char *[]){"accept-server", "-q", "-w2", NULL});
	live__wait_asleep("accept-server", 3);
	connect_without_a_cpu();
	live__wait_asleep("accept-server", 3);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("exit status", run.status, 0);
	expect_verdict(run.report, "stranding", "proved",
		       "1 behind a task that was woken and got no CPU");
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_verdicts(void)
{
	live_tracer__open("fentry");
	for (size_t i = 0; i < sizeof(verdict_cases) / sizeof(verdict_cases[0]); i++)
		test_verdict(&verdict_cases[i]);
	test_nobody_left();
	test_run_delay();
	live_tracer__close();
}
