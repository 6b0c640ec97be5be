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
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"

static bool is_soak(void)
{
	return getenv("LIVE_STARTS");
}

/* Of all servers together, and of a server that comes back. */
static int starts(void)
{
	return is_soak() ? atoi(getenv("LIVE_STARTS")) : 20;
}

/* Whether the kernel preempts tasks inside of BPF programs: these are skipped for other tasks then. */
static bool preempts(void)
{
	return live__kernel_is("7.2");
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

#define SERVED  "/tmp/live.served"
#define CLIENTS 3

/* In memory that clients share with us. */
struct load {
	volatile bool stop;
	volatile unsigned requests[CLIENTS]; /* that were answered */
};

/*
 * Between two requests of a client. Without a rest they take all of an emulated machine's time, and attaching takes half a
 * minute: that is for the soak, where LIVE_REST_MS says otherwise.
 */
static long rest_ms(void)
{
	const char *rest = getenv("LIVE_REST_MS");

	if (rest)
		return atol(rest) % 1000;
	return is_soak() ? 0 : 50;
}

/* One request after another until it is told to stop. Its exit status: 0, or 1 for a request that failed. */
static pid_t start_client(struct load *load, int which)
{
	const struct timespec rest = {.tv_nsec = rest_ms() * 1000000};
	pid_t pid = fork();

	if (pid)
		return pid;
	while (!load->stop) {
		if (live__await_fate(live__open()) != FATE_SERVED)
			_exit(1);
		load->requests[which]++;
		nanosleep(&rest, NULL);
	}
	_exit(0);
}

/* What the server has read: "PID received: hello". */
static unsigned count_served(void)
{
	FILE *f = fopen(SERVED, "re");
	unsigned cnt = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		cnt += strstr(line, " received: hello\n") != NULL;
		if (!strstr(line, " received: hello\n"))
			live__fail("the server says '%s'", line);
	}
	if (f)
		fclose(f);
	return cnt;
}

/* Which hook was it? */
static void tell_misses(char *errors)
{
	for (char *line = strtok(errors, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "skipped") || strstr(line, "missed"))
			live__fail("%s", line);
}

/* Attaches and detaches; requests must come through meanwhile. */
static void trace_load(const char *pid, const volatile unsigned *requests)
{
	unsigned before = *requests;
	struct live_run run;

	live__herdtrace_alone(&run,
			      (const char *[]){"--verbose", "-fjson", "-d1", "-p", pid, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	if (run.status)
		tell_misses(run.errors);
	EXPECT_TRUE("connections", live__number(run.report, "summary.connections") > 0);
	EXPECT_TRUE("requests go on", *requests > before);
	live__check_balance(run.report);
	live_run__free(&run);
}

/* Of a soak, which takes the better part of an hour. */
static void tell_progress(int done, int cnt, const struct load *load)
{
	unsigned requests = 0;

	if (!is_soak() || done % 10)
		return;
	for (int i = 0; i < CLIENTS; i++)
		requests += load->requests[i];
	printf("# %d of %d starts, %u requests\n", done, cnt, requests);
	fflush(stdout);
}

static unsigned end_load(struct load *load, const pid_t clients[CLIENTS])
{
	unsigned requests = 0;

	load->stop = true;
	for (int i = 0; i < CLIENTS; i++) {
		EXPECT_EQ("a client's end: no request has failed", live__wait(clients[i]), 0);
		requests += load->requests[i];
	}
	return requests;
}

/* They take long: all of them where programs may be skipped. */
static int starts_under_load(void)
{
	return starts() / (preempts() || is_soak() ? 2 : 5);
}

/* Counts are right from the first connection on, and the server does not notice. */
static void test_starts_under_load(void)
{
	char *argv[] = {(char *)live__server("epoll-server"), "-w4", "--own", NULL};
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int cnt = starts_under_load();
	pid_t server, clients[CLIENTS];
	unsigned requests;
	char pid_text[16];

	live__begin("%d starts on a server under load", cnt);
	server = live__spawn(argv, SERVED, NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	snprintf(pid_text, sizeof(pid_text), "%d", server);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = start_client(load, i);
	for (int i = 0; i < cnt; i++) {
		trace_load(pid_text, &load->requests[i % CLIENTS]);
		tell_progress(i + 1, cnt, load);
	}
	requests = end_load(load, clients);
	kill(server, SIGTERM);
	live__wait(server);
	EXPECT_EQ("answers", count_served(), requests);
	munmap(load, sizeof(*load));
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
	/* Elsewhere the counts are starts enough. */
	for (size_t i = 0; preempts() && i < SERVER_CNT; i++)
		if (live__is_wanted(servers[i].server[0]))
			test_starts(i);
	if (live__is_wanted("restarts"))
		test_unix_restarts();
	if (live__is_wanted("under load"))
		test_starts_under_load();
	if (live__is_wanted("from outside"))
		test_listener_from_outside();
}
