// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of everything around the counts: trees that change, signals, loss, recordings. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"
#include "tracer/addresses.h"
#include "tracer/ksyms.h"

#define RECORDING "/tmp/live.rec"
#define DRAWING   "/tmp/live.drawing"

/* ---- trees ---- */

struct tree_case {
	const char *what;
	const char *server[8];
	unsigned connections, accepted, workers;
	const char *server_exit;
	const char *shortfall; /* NULL: none, and exit status 0 */
};

static const struct tree_case trees[] = {
	{"workers forked late",
	 {"accept-server", "-w4", "--late=300"},
	 20,
	 20,
	 4,
	 "stopped by herdtrace",
	 NULL},
	{"a worker that ends",
	 {"accept-server", "-w4", "--die-after=3"},
	 20,
	 20,
	 4,
	 "stopped by herdtrace",
	 NULL},
	{"a thread that ends",
	 {"accept-server", "-w4", "--threads", "--die-after=3"},
	 20,
	 20,
	 4,
	 "stopped by herdtrace",
	 NULL},
	{"a daemon", {"accept-server", "-w4", "--daemon"}, 20, 20, 4, "exit status 0", NULL},
	{"a server that ends",
	 {"accept-server", "-w1", "--die-after=2"},
	 2,
	 2,
	 1,
	 "exit status 0",
	 "the server ended (exit status 0) after 2 of 20 connections"},
};

static void test_trees(void)
{
	const char *const options[] = {"-n20", NULL};

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		const struct tree_case *t = &trees[i];
		struct live_run run;

		live__begin("%s", t->what);
		live__trace_again(&run, options, t->server);
		EXPECT_EQ("exit status", run.status, t->shortfall ? 4 : 0);
		EXPECT_EQ("asked", live__number(run.report, "summary.asked"), 20);
		if (t->shortfall) {
			EXPECT_WORD("shortfall", live__word(run.report, "shortfall"), t->shortfall);
			EXPECT_TRUE("a line says so", strstr(run.errors, t->shortfall));
		}
		EXPECT_EQ("connections", live__number(run.report, "summary.connections"),
			  t->connections);
		EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), t->accepted);
		EXPECT_EQ("workers", json_array_size(json_object_get(run.report, "workers")),
			  t->workers);
		EXPECT_WORD("server", live__word(run.report, "server_exit"), t->server_exit);
		live__check_balance(run.report);
		live__check_oracle(&run);
		live__check_nothing_left();
		live__end();
		live_run__free(&run);
	}
}

/* Only one of two is ever woken: the other one's name is in no record of a wake. */
static void test_renamed_workers(void)
{
	struct live_run run;

	live__begin("workers that rename themselves");
	live__trace_again(&run, (const char *[]){"-n1", NULL},
			  (const char *[]){"accept-server", "-w2", "--rename=named-server", NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), 1);
	EXPECT_WORD("first worker", live__word(run.report, "workers.0.comm"), "named-server");
	EXPECT_WORD("second worker", live__word(run.report, "workers.1.comm"), "named-server");
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- running servers, signals ---- */

static pid_t start_server(const char *name, const char *argument)
{
	char *argv[] = {(char *)live__server(name), (char *)argument, NULL};
	pid_t pid = live__spawn(argv, NULL, NULL);

	EXPECT_TRUE("the server listens", live__connect_when_ready());
	return pid;
}

/* Its tasks sleep in calls that began before the trace. */
static void test_running_server(const char *name, const char *argument, int64_t wakes)
{
	struct live_run run;
	char pid_text[16];
	pid_t server;

	live__begin("a server that is running already: %s %s", name, argument);
	server = start_server(name, argument);
	snprintf(pid_text, sizeof(pid_text), "%d", server);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n20", "-p", pid_text, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 20);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 20);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), wakes);
	EXPECT_EQ("wakes that led to an accept",
		  live__number(run.report, "summary.wakes_by_outcome.accepted"), 20);
	EXPECT_EQ("pending", live__number(run.report, "summary.wakes_by_outcome.pending"), 0);
	live__check_balance(run.report);
	EXPECT_EQ("the server lives on", kill(server, 0), 0);
	kill(server, SIGTERM);
	live__wait(server);
	live__end();
	live_run__free(&run);
}

/* Its second thread executes, and is the first one from then on. */
static void test_thread_executes(void)
{
	char *argv[] = {(char *)live__herdtrace(), "-fjson", "-d60", "-p", NULL, NULL};
	char *server_argv[] = {strdup(live__server("../vm/exec-server")), NULL};
	pid_t server = live__spawn(server_argv, NULL, NULL), pid;
	char pid_text[16];
	json_t *report;
	time_t begun;

	live__begin("a thread that executes, in a server that is running already");
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	snprintf(pid_text, sizeof(pid_text), "%d", server);
	argv[4] = pid_text;
	pid = live__spawn(argv, "/tmp/live.out", NULL);
	live__await_trace(pid);
	begun = time(NULL);
	for (int i = 0; i < 3; i++)
		EXPECT_TRUE("connected", live__connect_once());
	EXPECT_EQ("exit status of the server", live__wait(server), 0);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	EXPECT_TRUE("it ends with the server, not with -d", time(NULL) - begun < 30);
	report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("accepted", live__number(report, "summary.accepted"), 3);
	EXPECT_EQ("workers", json_array_size(json_object_get(report, "workers")), 2);
	EXPECT_EQ("the process", live__number(report, "workers.0.tid"), server);
	EXPECT_EQ("accepted by it", live__number(report, "workers.0.accepted"), 2);
	EXPECT_EQ("accepted by the thread", live__number(report, "workers.1.accepted"), 1);
	live__check_balance(report);
	live__check_nothing_left();
	live__end();
	json_decref(report);
	free(server_argv[0]);
}

/*
 * A client that tries until somebody listens may be faster than the hook on the way out of listen(): its
 * connection was there before, and is counted as such.
 */
static int64_t count_connections(const json_t *report)
{
	return live__number(report, "summary.connections") +
	       live__number(report, "summary.accepted_untracked");
}

static void test_interrupt(void)
{
	char *argv[] = {(char *)live__herdtrace(), "-fjson", "--",
			(char *)live__server("accept-server"), NULL};
	json_t *report;
	pid_t pid;

	live__begin("Ctrl-C gives the report so far");
	pid = live__spawn(argv, "/tmp/live.out", NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	/* The first may have been faster; now listen() has returned. */
	live__wait_asleep("accept-server", 5);
	for (int i = 0; i < 4; i++)
		EXPECT_TRUE("connected", live__connect_once());
	kill(pid, SIGINT);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("connections", count_connections(report), 5);
	live__check_balance(report);
	live__check_nothing_left();
	live__check_no_program_left();
	live__end();
	json_decref(report);
}

/* What the kernel says of a few is what its list of all says. */
static void test_addresses(void)
{
	static const char *const names[] = {"ep_poll_callback", "pollwake", "nothing_of_that_name",
					    "autoremove_wake_function"};
	const size_t cnt = sizeof(names) / sizeof(names[0]);
	struct ksyms *all = ksyms__load();
	uint64_t addresses[4];
	int err = addresses__ask(names, cnt, addresses);

	live__begin("addresses that are asked for");
	EXPECT_TRUE("all are read", all);
	EXPECT_EQ("asked", err, live__kernel_is("5.10") ? -EOPNOTSUPP : 0);
	for (size_t i = 0; all && !err && i < cnt; i++)
		EXPECT_EQ(names[i], addresses[i], ksyms__address(all, names[i]));
	live__end();
	ksyms__free(all);
}

/* How often a process has gone to sleep, -1: nobody knows. */
static long sleeps_of(pid_t pid)
{
	char path[64], line[128];
	long sleeps = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && sleeps < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %ld", &sleeps);
	if (f)
		fclose(f);
	return sleeps;
}

/* Has it gone to sleep, and not woken up for 300 ms? It gets a few seconds to do so. */
static bool comes_to_rest(pid_t pid)
{
	const struct timespec nap = {.tv_nsec = 300 * 1000000};

	for (int tries = 0; tries < 20; tries++) {
		long before = sleeps_of(pid);

		nanosleep(&nap, NULL);
		if (before >= 0 && sleeps_of(pid) == before)
			return true;
	}
	return false;
}

static bool wakes_up(pid_t pid, long before)
{
	const struct timespec nap = {.tv_nsec = 10 * 1000000};

	for (int tries = 0; tries < 500 && sleeps_of(pid) == before; tries++)
		nanosleep(&nap, NULL);
	return sleeps_of(pid) > before;
}

/* Nothing looks for records that do not come; the first one wakes the reader, again and again. */
static void test_sleeps(const char *option)
{
	char *argv[] = {(char *)live__herdtrace(),
			"-fjson",
			(char *)option,
			"--",
			(char *)live__server("accept-server"),
			"-w4",
			NULL};
	json_t *report;
	long before;
	pid_t pid;

	live__begin("a trace in which nothing happens sleeps, %s", option);
	pid = live__spawn(argv, "/tmp/live.out", NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	live__wait_asleep("accept-server", 5);
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE("it sleeps", comes_to_rest(pid));
		before = sleeps_of(pid);
		EXPECT_TRUE("connected", live__connect_once());
		EXPECT_TRUE("it wakes up", wakes_up(pid, before));
	}
	kill(pid, SIGINT);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("connections", count_connections(report), 4);
	live__check_balance(report);
	live__end();
	json_decref(report);
}

static void test_duration(void)
{
	struct live_run run;

	live__begin("--duration ends the trace");
	live__trace(&run, (const char *[]){"-d1", NULL}, (const char *[]){"accept-server", NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 0);
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 1);
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"), "inconclusive");
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- connections that nobody takes ---- */

static void test_lost(void)
{
	const char *const options[] = {"-n20", "--concurrency=8", NULL};
	struct live_run run;

	live__begin("connections in the queue of a server that ends are lost");
	live__trace_again(&run, options,
			  (const char *[]){"accept-server", "-w1", "--die-after=2", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 2);
	EXPECT_TRUE("some are lost", live__number(run.report, "summary.lost") > 0);
	EXPECT_EQ("none waits on", live__number(run.report, "summary.waiting"), 0);
	EXPECT_WORD("stranding", live__word(run.report, "verdict.stranding"), "proved");
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- fewer than asked for ---- */

#define CRASHED "the server was killed by signal 11 (Segmentation fault) after 3 of 6 connections"

/* A shell stands for the server, which cannot crash; it is there until its child has ended. */
static void test_crash(void)
{
	char script[512];
	struct live_run run, again;

	live__begin("a server that crashes is a reason, in the run and in its recording");
	snprintf(script, sizeof(script), "'%s' -q -w1 --die-after=3; kill -SEGV $$",
		 live__server("accept-server"));
	live__herdtrace_alone(&run,
			      (const char *[]){"-fjson", "-n6", "-w", RECORDING, "--expect=no-herd",
					       "--", "sh", "-c", script, NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 3);
	EXPECT_WORD("shortfall", live__word(run.report, "shortfall"), CRASHED);
	EXPECT_WORD("note", live__word(run.report, "notes.0"), CRASHED);
	EXPECT_TRUE("a line says so", strstr(run.errors, "no-herd is not decided"));
	live__check_balance(run.report);
	live__herdtrace_alone(&again, (const char *[]){"report", "-fjson", "--expect=no-herd",
						       RECORDING, NULL});
	EXPECT_EQ("exit status of report", again.status, 4);
	EXPECT_TRUE("the same report", json_equal(run.report, again.report));
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
	live_run__free(&again);
}

/* A listener that comes while the hooks are being detached is too late. */
static void test_late_listener(void)
{
	char script[512];
	struct live_run run;

	live__begin("a listener after the limit is none");
	snprintf(script, sizeof(script), "sleep 1.1; exec '%s' -q", live__server("accept-server"));
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n1", "--wait=1", "--", "sh", "-c",
						     script, NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("it says so",
		    strstr(run.errors, "did not listen on TCP or AF_UNIX within 1 s"));
	EXPECT_TRUE("no report", !run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- other ways to arrive ---- */

/* This process, and what it starts from now on, on the first CPU only, or on all again. */
static void use_one_cpu(bool one)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (int cpu = 0; cpu < (one ? 1 : CPU_SETSIZE); cpu++)
		CPU_SET(cpu, &cpus);
	EXPECT_EQ("choosing CPUs", sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

/*
 * The connection is queued by the function for SYN cookies, not by the ordinary one. On one CPU, as a
 * cookie is good for any packet that carries it: where the client moves to another CPU between its ACK
 * and its FIN, the FIN may be first, and both make a connection (8 of 6000 on two CPUs).
 */
static void test_syn_cookies(void)
{
	struct live_run run;

	live__begin("arrival with SYN cookies");
	live__set_sysctl("tcp_syncookies", "2");
	use_one_cpu(true);
	live__trace_again(&run, (const char *[]){"-n10", NULL},
			  (const char *[]){"epoll-server", "--own", NULL});
	use_one_cpu(false);
	live__set_sysctl("tcp_syncookies", "1");
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 10);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 10);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), 40);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__end();
	live_run__free(&run);
}

/* One connection with its first data in the SYN. */
static bool connect_fast(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LIVE_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool made;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	made = fd >= 0 &&
	       sendto(fd, "fast\n", 5, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) == 5;
	if (fd >= 0)
		close(fd);
	return made;
}

/* The listener is told while the SYN is answered: tcp_conn_request(). */
static void test_fast_open(void)
{
	char *argv[] = {(char *)live__herdtrace(), "-fjson", "--",
			(char *)live__server("accept-server"), NULL};
	json_t *report;
	pid_t pid;

	live__begin("arrival with fast open");
	/* Client and server, without cookies, on every listener. */
	live__set_sysctl("tcp_fastopen", "1543");
	pid = live_tracer__spawn(argv, "/tmp/live.out", NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	for (int i = 0; i < 5; i++) {
		live__wait_asleep("accept-server", 5); /* the parent and four workers */
		EXPECT_TRUE("connected", connect_fast());
	}
	live__wait_asleep("accept-server", 5);
	kill(pid, SIGINT);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	live__set_sysctl("tcp_fastopen", "1");
	report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("connections", count_connections(report), 6);
	/* One each; the first connection may have come before anybody waited. */
	EXPECT_RANGE("wakes", live__number(report, "summary.wakes"), 5, 6);
	live__check_balance(report);
	live__check_nothing_left();
	live__end();
	json_decref(report);
}

/* ---- loss ---- */

static void test_starved_ring(void)
{
	const char *const options[] = {"-n50", "--concurrency=8", "--buffer=4", "--expect=herd",
				       NULL};
	struct live_run run;

	live__begin("a starved ring buffer is no verdict");
	live__trace(&run, options, (const char *[]){"epoll-server", "-w20", "--own", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("drops are counted", live__number(run.report, "loss.ring_drops") > 0);
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"), "inconclusive");
	EXPECT_WORD("skew", live__word(run.report, "verdict.skew"), "inconclusive");
	EXPECT_WORD("stranding", live__word(run.report, "verdict.stranding"), "inconclusive");
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- recordings ---- */

static bool same_files(const char *a, const char *b)
{
	FILE *f = fopen(a, "re"), *g = fopen(b, "re");
	bool same = f && g;
	int x = 0, y = 0;
	long cnt = 0;

	while (same && x != EOF) {
		x = getc(f);
		y = getc(g);
		same = x == y;
		cnt++;
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	return same && cnt > 1;
}

static void test_recording(const char *format, const char *server)
{
	struct live_run run;

	live__begin("a recording replays to the same %s", format);
	live__trace_again(&run,
			  (const char *[]){"-n10", "-f", format, "-o", "/tmp/live.first", "-w",
					   RECORDING, NULL},
			  (const char *[]){server, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	live_run__free(&run);
	live__herdtrace_alone(&run, (const char *[]){"report", "-f", format, "-o",
						     "/tmp/live.second", RECORDING, NULL});
	EXPECT_EQ("exit status of report", run.status, 0);
	EXPECT_TRUE("byte for byte", same_files("/tmp/live.first", "/tmp/live.second"));
	live__end();
	live_run__free(&run);
}

/* It costs the recording, not the report. */
static void test_recording_fails(void)
{
	struct live_run run;

	live__begin("a recording that cannot be written");
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n3", "-w", "/dev/full", "--",
						     live__server("accept-server"), "-q", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_WORD("what it says", run.errors,
		    "herdtrace: the recording failed: cannot write /dev/full: No space left on "
		    "device\n");
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 3);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 3);
	live__check_balance(run.report);
	live__end();
	live_run__free(&run);
}

/* Connections in a recording, -1: it cannot be read. */
static int64_t connections_of(const char *recording, struct live_run *run)
{
	live_run__free(run);
	live__herdtrace_alone(run, (const char *[]){"report", "-fjson", recording, NULL});
	return live__number(run->report, "summary.connections");
}

/* Nobody can do anything then: what is there by that time has to do. */
static void test_killed(void)
{
	char *argv[] = {(char *)live__herdtrace(),
			"-w",
			(char *)RECORDING,
			"--",
			(char *)live__server("accept-server"),
			"--threads",
			NULL};
	struct live_run run = {0};
	pid_t pid;

	live__begin("a run that is killed leaves what it has recorded");
	unlink(RECORDING);
	pid = live__spawn(argv, NULL, NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	for (int tries = 0; tries < 100 && connections_of(RECORDING ".part", &run) < 1; tries++)
		;
	kill(pid, SIGKILL);
	EXPECT_EQ("how it ended", live__wait(pid), 128 + SIGKILL);
	EXPECT_TRUE("there is no recording", access(RECORDING, F_OK));
	EXPECT_EQ("connections", connections_of(RECORDING ".part", &run), 1);
	EXPECT_EQ("exit status of report", run.status, 4);
	EXPECT_WORD("reason", live__word(run.report, "loss.reason"),
		    "the stream of records has no end");
	live__end();
	live_run__free(&run);
}

/* What herdtrace and the server say must not get into the report. */
static void test_no_stderr(void)
{
	char command[1024], *argv[] = {"/bin/sh", "-c", command, NULL};
	json_t *report;

	live__begin("a report without a standard error");
	snprintf(command, sizeof(command),
		 "exec %s -fjson -n3 -o /tmp/live.first -- sh -c 'echo noise; exec %s' 2>&-",
		 live__herdtrace(), live__server("accept-server"));
	EXPECT_EQ("exit status", live__wait(live__spawn(argv, NULL, NULL)), 0);
	report = json_load_file("/tmp/live.first", 0, NULL);
	EXPECT_EQ("connections", live__number(report, "summary.connections"), 3);
	live__check_balance(report);
	live__end();
	json_decref(report);
}

/* The recording of select-server proves a herd. */
static void test_expectations(void)
{
	static const struct {
		const char *expect;
		int status;
	} cases[] = {{"--expect=herd", 0}, {"--expect=no-herd", 1}, {"--expect=stranding", 1}};
	struct live_run run;

	live__begin("--expect sets the exit status");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		live__herdtrace_alone(&run,
				      (const char *[]){"report", cases[i].expect, RECORDING, NULL});
		EXPECT_EQ(cases[i].expect, run.status, cases[i].status);
		live_run__free(&run);
	}
	live__end();
}

static bool has_frame(const json_t *report, const char *function)
{
	const json_t *stacks = json_object_get(report, "stacks");
	const json_t *frames = json_object_get(json_array_get(stacks, 0), "frames");

	for (size_t i = 0; i < json_array_size(frames); i++)
		if (!strcmp(json_string_value(json_array_get(frames, i)), function))
			return true;
	return false;
}

static void test_stacks(void)
{
	struct live_run run;

	live__begin("--stacks shows how the wake came about");
	live__trace(&run, (const char *[]){"-n5", "--stacks", NULL},
		    (const char *[]){"select-server", "-w1", NULL});
	EXPECT_TRUE("its cause", !strcmp(live__word(run.report, "stacks.0.cause"), "poll"));
	EXPECT_TRUE("pollwake is in it", has_frame(run.report, "pollwake"));
	EXPECT_TRUE("the arrival is in it", has_frame(run.report, "tcp_child_process"));
	live__end();
	live_run__free(&run);
}

/* The most instructive connection of a run: of a herd, so that there is one. */
static void test_explain(void)
{
	struct live_run run;
	char *text;

	live__begin("--explain draws a connection below the table, and has its story in JSON");
	live__trace(&run, (const char *[]){"-n5", "--explain", NULL},
		    (const char *[]){"select-server", "-w3", NULL});
	EXPECT_EQ("listed", live__number(run.report, "connections.4.waiters_listed.2.entry"), 3);
	EXPECT_TRUE("woken in order",
		    live__number(run.report, "connections.4.wakes.0.woken_ns") <=
			    live__number(run.report, "connections.4.wakes.1.woken_ns"));
	EXPECT_TRUE("it ran after that",
		    live__number(run.report, "connections.4.wakes.0.ran_ns") >=
			    live__number(run.report, "connections.4.wakes.0.woken_ns"));
	EXPECT_TRUE("its SYN came before",
		    live__number(run.report, "connections.4.syn_to_arrival_ns") > 0);
	live_run__free(&run);
	live__herdtrace_alone(&run, (const char *[]){"-n5", "--explain", "-o", DRAWING, "--",
						     live__server("select-server"), "-w3", NULL});
	EXPECT_EQ("exit status", run.status, 0);
	text = live__read_file(DRAWING);
	EXPECT_TRUE("the table", strstr(text, "THUNDERING HERD"));
	EXPECT_TRUE("the queue", strstr(text, "went to the end of the queue: none is exclusive"));
	EXPECT_TRUE("who was woken", strstr(text, "3 tasks slept, 3 woken, 2 of them for nothing"));
	free(text);
	live__end();
	live_run__free(&run);
}

/* Each line is a stack from the outermost function in, and how many wakes it stands for. */
static void test_folded(void)
{
	struct live_run run;
	char line[8192];
	unsigned long wakes = 0;
	bool told = false;
	FILE *f;

	live__begin("-f folded has the stacks of wakes");
	live__herdtrace_alone(&run,
			      (const char *[]){"-n5", "-f", "folded", "-o", "/tmp/live.folded",
					       "--", live__server("select-server"), "-w1", NULL});
	EXPECT_EQ("exit status", run.status, 0);
	f = fopen("/tmp/live.folded", "re");
	while (f && fgets(line, sizeof(line), f)) {
		const char *count = strrchr(line, ' ');
		const char *arrival = strstr(line, ";tcp_child_process;");

		wakes += count ? strtoul(count, NULL, 10) : 0;
		told |= !strncmp(line, "poll;accepted;", 14) && arrival &&
			strstr(arrival, ";pollwake");
	}
	if (f)
		fclose(f);
	EXPECT_EQ("wakes", (int64_t)wakes, 5);
	EXPECT_TRUE("from the arrival to pollwake", told);
	live__end();
	live_run__free(&run);
}

static void test_user(void)
{
	struct live_run run;

	live__begin("--user runs the command as that user");
	live__herdtrace_alone(&run, (const char *[]){"-u", "nobody", "--", "id", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("it is that user", strstr(run.errors, "(nobody)"));
	live__end();
	live_run__free(&run);
}

static void with_one_tracer(void)
{
	live_tracer__open("fentry");
	test_trees();
	test_renamed_workers();
	test_lost();
	test_syn_cookies();
	test_fast_open();
	test_recording("table", "epoll-server");
	test_recording("csv", "accept-server");
	test_recording("perfetto", "epoll-server");
	test_recording("json", "select-server");
	test_expectations();
	live_tracer__close();
}

void live__suite_behaviour(void)
{
	with_one_tracer();
	test_running_server("epoll-server", "--own", 80);
	test_running_server("accept-server", "-w4", 20);
	test_running_server("poll-server", "-w4", 80);
	test_thread_executes();
	test_addresses();
	test_interrupt();
	test_sleeps("-q");
	/* With a limit that is far away. */
	test_sleeps("-d3000");
	test_duration();
	test_crash();
	test_late_listener();
	test_starved_ring();
	test_recording_fails();
	test_killed();
	test_no_stderr();
	test_stacks();
	test_explain();
	test_folded();
	test_user();
}
