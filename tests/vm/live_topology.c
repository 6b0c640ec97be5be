// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of what is not one server with one listener: two of them, tasks of others, waits of an unknown kind. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

/* ---- two listeners ---- */

#define EACH 5

/* One line for the server on this port, which has read it when this returns. */
static void say(const char *port)
{
	char *argv[] = {
		strdup(live__server("accept-client")), "-p", (char *)port, "127.0.0.1", "x", NULL};

	EXPECT_EQ("the client", live__wait(live__spawn(argv, NULL, NULL)), 0);
	free(argv[0]);
}

static void check_listeners(const json_t *report)
{
	const json_t *listener;
	size_t i;

	EXPECT_EQ("listeners", json_array_size(json_object_get(report, "listeners")), 2);
	json_array_foreach (json_object_get(report, "listeners"), i, listener) {
		EXPECT_EQ("its connections", live__number(listener, "connections"), EACH);
		EXPECT_EQ("accepted of them", live__number(listener, "accepted"), EACH);
	}
}

/* One wakes one worker for each connection, the other both. */
static void test_two_listeners(void)
{
	static const char script[] =
		"\"$0/accept-server\" -q -w2 & exec \"$0/select-server\" -q -w2 -p 8889";
	char *argv[] = {(char *)live__herdtrace(), "-fjson", "--", "/bin/sh", "-c", (char *)script,
			strdup(live__server(".")), NULL};
	json_t *report;
	pid_t pid;

	live__begin("two servers with a listener each");
	pid = live_tracer__spawn(argv, "/tmp/live.out", NULL);
	live__wait_asleep("accept-server", 3);
	live__wait_asleep("select-server", 3);
	for (int i = 0; i < EACH; i++) {
		say("8888");
		say("8889");
		live__wait_asleep("accept-server", 3);
		live__wait_asleep("select-server", 3);
	}
	kill(pid, SIGINT);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	report = json_load_file("/tmp/live.out", 0, NULL);
	check_listeners(report);
	EXPECT_EQ("accept wakes", live__number(report, "summary.wakes_by_cause.accept"), EACH);
	EXPECT_EQ("poll wakes", live__number(report, "summary.wakes_by_cause.poll"), 2 * EACH);
	EXPECT_EQ("workers", json_array_size(json_object_get(report, "workers")), 4);
	/* Even over its own two, and not over the four. */
	EXPECT_TRUE("no skew", strcmp(live__word(report, "verdict.skew") ?: "proved", "proved"));
	live__check_balance(report);
	live__check_nothing_left();
	live__end();
	json_decref(report);
	free(argv[6]);
}

/* ---- a queue that is full ---- */

/*
 * Nobody accepts, and one more than the backlog fits: the third and fourth are turned away, and are no arrivals. On a
 * slow machine they may have tried again by the end.
 */
static void test_full_queue(void)
{
	int connections[4];
	struct live_run run;

	live__begin("a queue that is full is a note");
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"reuseport-server", "-w1", "--stall",
						 "--backlog=1", NULL});
	live__wait_asleep("reuseport-server", 2);
	for (int i = 0; i < 4; i++)
		connections[i] = live__begin_connect();
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	for (int i = 0; i < 4; i++)
		close(connections[i]);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 2);
	EXPECT_TRUE("the note", strstr(live__word(run.report, "notes.0") ?: "",
				       " times a connection found the queue of a listener full"));
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- tasks of others ---- */

/* One of two workers is traced; the other one waits on its listener, too, and counts. */
static void test_foreign_task(void)
{
	char *argv[] = {strdup(live__server("select-server")), "-q", "-w2", NULL}, pid_text[16];
	pid_t server = live__spawn(argv, NULL, NULL);
	struct live_run run;

	live__begin("a worker that is not traced, on a listener that is");
	live__wait_asleep("select-server", 3);
	snprintf(pid_text, sizeof(pid_text), "%d", live__worker_of(server));
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n10", "-p", pid_text, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 10);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 10);
	EXPECT_EQ("wakes", live__number(run.report, "summary.wakes"), 20);
	EXPECT_EQ("workers", json_array_size(json_object_get(run.report, "workers")), 2);
	live__check_balance(run.report);
	kill(server, SIGTERM);
	live__wait(server);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
	free(argv[0]);
}

/* ---- connections in the listener's epoll instance ---- */

#define HELD 8

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Does every thread of the process sleep? */
static bool all_sleep(pid_t pid)
{
	char path[64], state;
	struct dirent *entry;
	bool asleep = true;
	DIR *tasks;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/stat", pid, entry->d_name);
		f = *entry->d_name == '.' ? NULL : fopen(path, "re");
		if (f)
			asleep &= fscanf(f, "%*d (%*[^)]) %c", &state) == 1 && state == 'S';
		if (f)
			fclose(f);
	}
	if (tasks)
		closedir(tasks);
	return tasks && asleep;
}

/* The server has answered, so it was woken; then everybody it has told of that sleeps again. */
static void await_answer(pid_t server, int fd)
{
	struct timespec step = {.tv_nsec = 5000000};
	int tries = 0;
	char answer;

	EXPECT_EQ("answers", recv(fd, &answer, 1, 0), 1);
	while (!all_sleep(server) && tries++ < 6000)
		nanosleep(&step, NULL);
	EXPECT_TRUE("it comes to rest", all_sleep(server));
}

/* A connection, then a message on every one there is: in the time of counts they come alone. */
static void connect_and_talk(pid_t *server, pid_t tracer, int *held, size_t cnt,
			     struct oracle_counts *counts)
{
	held[cnt] = live__hold();
	*server = live__worker_of(tracer);
	await_answer(*server, held[cnt]);
	counts->from_ns = now_ns();
	for (size_t i = 0; i <= cnt; i++) {
		EXPECT_EQ("sent", send(held[i], "x", 1, MSG_NOSIGNAL), 1);
		await_answer(*server, held[i]);
	}
	counts->until_ns = now_ns();
}

/* counts[0] is of all the run, the others are of the times in which there were messages only. */
static void check_held(const json_t *r, struct oracle_counts *counts)
{
	uint64_t of_messages = 0;

	for (size_t i = 1; i <= HELD; i++) {
		of_messages += counts[i].chain;
		EXPECT_EQ("wakes by the listener", counts[i].listener, 0);
	}
	EXPECT_EQ("connections", live__number(r, "summary.connections"), HELD);
	EXPECT_EQ("accepted", live__number(r, "summary.accepted"), HELD);
	EXPECT_EQ("oracle errors", counts->error_cnt + counts->lost + counts->cut, 0);
	EXPECT_EQ("epoll wakes", live__number(r, "summary.wakes_by_cause.epoll"), counts->epoll);
	EXPECT_TRUE("messages make chains, too", of_messages >= HELD);
	EXPECT_EQ("chain wakes", live__number(r, "summary.wakes_by_cause.chain"),
		  counts->chain - of_messages);
}

/* Whoever harvests a connection wakes the next one as well. That is no wake for the listener's connections. */
static void test_held_connections(void)
{
	struct oracle_counts counts[1 + HELD] = {0};
	struct oracle *oracle = oracle__new();
	int held[HELD];
	struct live_run run;
	pid_t server;

	live__begin("an epoll instance with the listener and its connections");
	EXPECT_EQ("oracle", oracle ? oracle__start(oracle, "hold-server") : -1, 0);
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"../vm/hold-server", NULL});
	for (size_t i = 0; i < HELD; i++)
		connect_and_talk(&server, run.pid, held, i, &counts[1 + i]);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	for (size_t i = 0; i < HELD; i++)
		close(held[i]);
	EXPECT_EQ("exit status", run.status, 0);
	counts->until_ns = live__number(run.report, "trace_end_ns");
	EXPECT_EQ("oracle", oracle ? oracle__stop(oracle, counts, 1 + HELD) : -1, 0);
	check_held(run.report, counts);
	live__check_balance(run.report);
	for (size_t i = 0; i <= HELD; i++)
		oracle_counts__free(&counts[i]);
	oracle__free(oracle);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- timers in the listener's epoll instances ---- */

/*
 * Their interrupts come at any moment, also between two steps of an arrival, in whose context they wake the instance. None of
 * its wakes may be lost by that.
 */
static void test_timers(void)
{
	const unsigned connections = 300;
	struct live_run run;

	live__begin("%u connections to epoll instances with timers", connections);
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"../vm/timer-server", NULL});
	for (unsigned i = 0; i < connections && !live__has_failed(); i++)
		EXPECT_EQ("fate", live__await_fate(live__open()), FATE_SERVED);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), connections);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), connections);
	live__check_balance(run.report);
	live__check_oracle(&run);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- waits of an unknown kind ---- */

static void test_aio(void)
{
	struct live_run run;

	live__begin("Linux AIO wakes by a function that is not known: incomplete, and named");
	live__trace_again(&run, (const char *[]){"-n3", NULL},
			  (const char *[]){"../vm/aio-server", NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 3);
	EXPECT_TRUE("the reason", strstr(live__word(run.report, "loss.reason") ?: "",
					 "by a wait queue function that is not known"));
	EXPECT_WORD("herd", live__word(run.report, "verdict.herd"), "inconclusive");
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

void live__suite_topology(void)
{
	live_tracer__open("fentry");
	test_two_listeners();
	test_full_queue();
	test_aio();
	test_held_connections();
	if (live__is_wanted("timers"))
		test_timers();
	live_tracer__close();
	test_foreign_task();
}
