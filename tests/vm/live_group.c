// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of SO_REUSEPORT groups: who chooses a listener, and what happens when one closes. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

#define WORKERS 4

static void check_run(const struct live_run *run)
{
	EXPECT_EQ("exit status", run->status, 0);
	if (!run->report)
		live__fail("no report; stderr: %s", run->errors);
	live__check_balance(run->report);
	live__check_oracle(run);
	live__check_nothing_left();
}

/* Begins a run and waits for all listeners, the program, and the workers: the first listener can
 * be connected to before the others are there. */
static void begin(struct live_run *run, const char *const server[])
{
	live__begin_trace_again(run, (const char *[]){NULL}, server);
	live__wait_asleep(server[0], WORKERS + 1);
}

/* ---- a choice by the CPU ---- */

#define BY_CPU_CONNECTIONS 20

static bool pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

/* A connection over loopback is handled on the CPU of its client. */
static void connect_from(int cpu, int *port)
{
	int fd;

	EXPECT_TRUE("pinned", pin_to(cpu));
	fd = live__open();
	*port = live__port_of(fd);
	EXPECT_EQ("served", live__await_fate(fd), FATE_SERVED);
}

/* The CPU that the client of this connection was on, -1: it is nobody's that we know. */
static int cpu_of(const json_t *row, const int ports[BY_CPU_CONNECTIONS])
{
	const char *peer = live__word(row, "peer"), *colon = peer ? strrchr(peer, ':') : NULL;

	for (int i = 0; colon && i < BY_CPU_CONNECTIONS; i++)
		if (ports[i] == atoi(colon + 1))
			return i % 2;
	return -1;
}

/* Listener i is for CPU i modulo their number, so that each CPU has several. */
static void check_choice(const json_t *row, int cpu, bool by_program, bool by_cpu)
{
	int64_t index = live__number(row, "reuseport.index");
	const json_t *program = json_object_get(json_object_get(row, "reuseport"), "by_program");

	EXPECT_EQ("CPU that chose", live__number(row, "reuseport.cpu"), cpu);
	EXPECT_EQ("a program chose", json_is_true(program), by_program);
	if (by_program)
		EXPECT_EQ("index, by the program", index, cpu % WORKERS);
	else if (by_cpu)
		EXPECT_EQ("CPU of the listener", index % 2, cpu);
	else
		EXPECT_EQ("index, by the hash", index,
			  live__number(row, "reuseport.hash") * WORKERS >> 32);
}

/* by_cpu: this kernel does as the option says, else it goes by the hash. */
static void test_by_cpu(const char *option, bool by_program, bool by_cpu)
{
	const char *const server[] = {"reuseport-server", "-w4", option, NULL};
	int ports[BY_CPU_CONNECTIONS];
	struct live_run run;
	const json_t *row;
	cpu_set_t before;
	size_t i;

	live__begin("a group that chooses by CPU: %s", option);
	sched_getaffinity(0, sizeof(before), &before);
	EXPECT_TRUE("there are two CPUs", CPU_COUNT(&before) >= 2);
	begin(&run, server);
	for (i = 0; i < BY_CPU_CONNECTIONS; i++)
		connect_from(i % 2, &ports[i]);
	sched_setaffinity(0, sizeof(before), &before);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"),
		  BY_CPU_CONNECTIONS);
	json_array_foreach (json_object_get(run.report, "connections"), i, row)
		check_choice(row, cpu_of(row, ports), by_program, by_cpu);
	/* A program may choose what the hash would have been: that is not as predicted. */
	EXPECT_EQ("not predicted", live__number(run.report, "summary.reuseport.not_predicted"),
		  by_program ? BY_CPU_CONNECTIONS : 0);
	if (by_program || !by_cpu)
		EXPECT_EQ("as predicted",
			  live__number(run.report, "summary.reuseport.as_predicted"),
			  by_program ? 0 : BY_CPU_CONNECTIONS);
	check_run(&run);
	live__end();
	live_run__free(&run);
}

/* ---- stranding ---- */

/* The second connection is for the same listener as the first, whose worker is busy; three others sleep. */
static void test_stranded(void)
{
	const char *reason;
	const json_t *row;
	cpu_set_t before;
	struct live_run run;
	int held;

	live__begin("a connection behind a busy listener is stranded");
	begin(&run, (const char *[]){"reuseport-server", "-w4", "--cbpf", NULL});
	sched_getaffinity(0, sizeof(before), &before);
	EXPECT_TRUE("pinned", pin_to(0));
	held = live__hold();
	EXPECT_EQ("served", live__await_fate(live__open()), FATE_SERVED);
	sched_setaffinity(0, sizeof(before), &before);
	close(held);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	reason = live__word(run.report, "verdict.stranding_reason");
	EXPECT_WORD("stranding", live__word(run.report, "verdict.stranding"), "proved");
	EXPECT_TRUE("its cause", reason && strstr(reason, "1 queued at a busy listener"));
	row = json_array_get(json_object_get(run.report, "connections"), 1);
	EXPECT_TRUE("it is the second", json_is_true(json_object_get(row, "stranded")));
	check_run(&run);
	live__end();
	live_run__free(&run);
}

/* One of two is kept busy, the other one takes all there is; unless the host takes the CPU away. */
static void test_not_stranded(void)
{
	struct live_run run;
	const char *verdict, *reason;

	live__begin("connections that another worker takes are not stranded");
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"accept-server", "-w2", NULL});
	live__wait_asleep("accept-server", 3);
	for (int i = 0; i < 22; i++) {
		int held = live__hold();

		EXPECT_EQ("served", live__await_fate(live__open()), FATE_SERVED);
		close(held);
	}
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	verdict = live__word(run.report, "verdict.stranding");
	reason = live__word(run.report, "verdict.stranding_reason");
	if (!verdict || !reason || (strcmp(verdict, "refuted") && !strstr(reason, "got no CPU")))
		live__fail("stranding %s: %s", verdict ?: "-", reason ?: "-");
	check_run(&run);
	live__end();
	live_run__free(&run);
}

/* ---- a hot restart ---- */

#define QUEUED 20

/* The server's main process: the child of herdtrace. */
static pid_t server_of(const struct live_run *run)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", run->pid, run->pid);
	f = fopen(path, "re");
	EXPECT_TRUE("the server runs", f && fscanf(f, "%d", &pid) == 1);
	if (f)
		fclose(f);
	return pid;
}

static void hang_up(const struct live_run *run)
{
	pid_t server = server_of(run);

	EXPECT_TRUE("told to restart", server > 0 && !kill(server, SIGHUP));
}

static bool can_migrate(void)
{
	return live__kernel_has("reuseport_migrate_sock");
}

/* Kernels that cannot migrate have no such switch. */
static void set_migration(bool on)
{
	if (can_migrate())
		live__set_sysctl("tcp_migrate_req", on ? "1" : "0");
}

static void check_fates(const struct live_run *run, unsigned served, bool migrates)
{
	const json_t *r = run->report;

	EXPECT_EQ("connections", live__number(r, "summary.connections"), QUEUED);
	EXPECT_EQ("served, says the client", served, migrates ? QUEUED : 0);
	EXPECT_EQ("accepted", live__number(r, "summary.accepted"), migrates ? QUEUED : 0);
	EXPECT_EQ("lost", live__number(r, "summary.lost"), migrates ? 0 : QUEUED);
	EXPECT_EQ("migrated", live__number(r, "summary.migrated"), migrates ? QUEUED : 0);
	/* Of those that moved: were the next workers idle for long before the old ones left? */
	if (!migrates)
		EXPECT_WORD("stranding", live__word(r, "verdict.stranding"), "proved");
	else if (strcmp(live__word(r, "verdict.stranding") ?: "", "refuted"))
		EXPECT_TRUE("stranded at the old workers' listeners",
			    strstr(live__word(r, "verdict.stranding_reason") ?: "",
				   "queued at a busy listener"));
	/* Nobody waited where they arrived: every wake comes of a move. */
	EXPECT_EQ("wakes of those that moved, by the oracle", run->oracle.migrated,
		  live__number(r, "summary.wakes"));
}

static void check_migrated(const json_t *report, bool migrates)
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(report, "connections"), i, row) {
		EXPECT_EQ("comes from another listener", live__number(row, "migrated_from") > 0,
			  migrates);
		EXPECT_TRUE("and is not there any more",
			    live__number(row, "migrated_from") != live__number(row, "listener"));
	}
}

/* The first workers never accept; what they leave behind moves to the next ones, or is lost. */
static void test_stalled(bool migration)
{
	const bool migrates = migration && can_migrate();
	const char *const server[] = {"reuseport-server", "-w4", "--stall", NULL};
	int connections[QUEUED];
	unsigned served = 0;
	struct live_run run;

	live__begin("connections of a closing listener, tcp_migrate_req=%d", migration);
	set_migration(migration);
	begin(&run, server);
	for (unsigned i = 0; i < QUEUED; i++)
		connections[i] = live__open();
	hang_up(&run);
	for (unsigned i = 0; i < QUEUED; i++)
		served += live__await_fate(connections[i]) == FATE_SERVED;
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	set_migration(false);
	check_fates(&run, served, migrates);
	check_migrated(run.report, migrates);
	check_run(&run);
	live__end();
	live_run__free(&run);
}

#define LOAD      200
#define IN_FLIGHT 8

/* Connection after connection, with a restart now and then. Returns how many were reset. */
static unsigned load_and_restart(const struct live_run *run)
{
	int flying[IN_FLIGHT];
	unsigned reset = 0;

	for (unsigned i = 0; i < LOAD; i++) {
		/* A worker that is told to end while it reads may leave its client a reset. */
		if (i >= IN_FLIGHT)
			reset += live__await_fate(flying[i % IN_FLIGHT]) == FATE_RESET;
		flying[i % IN_FLIGHT] = live__open();
		if (i % 60 == 30)
			hang_up(run);
	}
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		reset += live__await_fate(flying[i]) == FATE_RESET;
	return reset;
}

static void test_restart_under_load(void)
{
	int64_t connections;
	struct live_run run;
	unsigned reset;
	const json_t *r;

	live__begin("hot restarts under load");
	set_migration(true);
	begin(&run, (const char *[]){"reuseport-server", "-w4", NULL});
	reset = load_and_restart(&run);
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	set_migration(false);
	r = run.report;
	connections = live__number(r, "summary.connections");
	/* A listener may close when the client has the answer to its SYN, and not yet the server the client's. */
	EXPECT_RANGE("connections", connections, can_migrate() ? LOAD : LOAD - reset, LOAD);
	EXPECT_EQ("waiting", live__number(r, "summary.waiting"), 0);
	if (can_migrate())
		EXPECT_EQ("lost", live__number(r, "summary.lost"), 0);
	EXPECT_EQ("accepted or lost",
		  live__number(r, "summary.accepted") + live__number(r, "summary.lost"),
		  connections);
	EXPECT_EQ("listeners of four generations", json_array_size(json_object_get(r, "listeners")),
		  4 * WORKERS);
	check_run(&run);
	live__end();
	live_run__free(&run);
}

/* ---- Go ---- */

/*
 * Connections are in the same instance as the listeners: one that has data already when it is added wakes who sleeps
 * there, and no listener has anything to do with it. The listeners were added before the first connection came.
 */
static void leave_out_connections(struct oracle_counts *o)
{
	o->chain -= o->controlled;
	for (size_t i = 0; i < o->wakee_cnt; i++)
		o->wakees[i].chain -= o->wakees[i].controlled;
}

/* One edge-triggered epoll for all listeners, in which at most one thread sleeps. */
static void test_go(void)
{
	struct live_run run;
	const json_t *r;

	live__begin("go-server");
	if (access(live__server("go-server"), X_OK)) {
		live__fail("it was not built: there is no Go");
		live__end();
		return;
	}
	live__trace_again(&run, (const char *[]){"-n20", NULL},
			  (const char *[]){"go-server", "-q", NULL});
	r = run.report;
	EXPECT_EQ("connections", live__number(r, "summary.connections"), 20);
	EXPECT_EQ("accepted", live__number(r, "summary.accepted"), 20);
	EXPECT_RANGE("wakes", live__number(r, "summary.wakes"), 15, 20);
	EXPECT_EQ("wakes by epoll", live__number(r, "summary.wakes_by_cause.epoll"),
		  live__number(r, "summary.wakes"));
	EXPECT_EQ("selections as predicted", live__number(r, "summary.reuseport.as_predicted"), 20);
	leave_out_connections(&run.oracle);
	check_run(&run);
	live__end();
	live_run__free(&run);
}

void live__suite_groups(void)
{
	live_tracer__open("fentry");
	test_by_cpu("--cbpf", true, true);
	test_by_cpu("--incoming-cpu", false, live__kernel_has("reuseport_update_incoming_cpu"));
	test_by_cpu("--pin", false, false);
	test_stranded();
	test_not_stranded();
	test_stalled(true);
	test_stalled(false);
	test_restart_under_load();
	test_go();
	live_tracer__close();
}
