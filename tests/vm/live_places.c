// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of servers where they are in production: in a unit of a real systemd, in a container of podman. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_maps.h"
#include "live_net.h"
#include "live_suites.h"

#define REPORT    "/tmp/live.out"
#define RECORDING "/tmp/live.rec"
#define ID_DIGITS 64

/* Runs tests/vm/places, with its output in a file. */
static void arrange(const char *verb, const char *argument)
{
	char *argv[] = {"tests/vm/places", (char *)verb, (char *)argument, NULL};

	EXPECT_EQ(verb, live__wait(live__spawn(argv, "/tmp/live.places", "/tmp/live.places.err")),
		  0);
}

/* ---- what the report says of the workers ---- */

static int64_t inner_pid(int64_t pid)
{
	char path[64], line[256];
	long number = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%lld/status", (long long)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "NSpid: %*d %ld", &number) == 1)
			break;
	if (f)
		fclose(f);
	return number;
}

static void check_workers(const json_t *report, size_t cnt, const char *key, const char *value)
{
	const json_t *workers = json_object_get(report, "workers");

	EXPECT_EQ("workers", json_array_size(workers), cnt);
	for (size_t i = 0; i < json_array_size(workers); i++) {
		const json_t *worker = json_array_get(workers, i);

		EXPECT_WORD(key, live__word(worker, key), value);
		EXPECT_EQ("pid inside", live__number(worker, "ns_pid"),
			  inner_pid(live__number(worker, "pid")));
	}
}

/* A recording has the same report. */
static void check_replay(json_t *report)
{
	struct live_run run;

	live__herdtrace_alone(&run, (const char *[]){"report", "-fjson", RECORDING, NULL});
	EXPECT_TRUE("the recording's report is the same", json_equal(run.report, report));
	live_run__free(&run);
}

/* ---- systemd ---- */

/* The reload is by a child of systemd, in the unit's cgroup: no task that was traced has forked it. */
static void test_unit(void)
{
	char *argv[] = {
		(char *)live__herdtrace(), "-fjson", "-w", RECORDING, "--unit", "herd", NULL};
	struct live_run run = {0};
	pid_t tracer;

	live__begin("a unit of systemd, and who comes to it by a reload");
	arrange("boot", live__server("."));
	live__wait_asleep("select-server", 3);
	tracer = live__spawn(argv, REPORT, "/tmp/live.err");
	EXPECT_EQ("listeners at first", live__await_entries("listeners", 1, 1), 1);
	arrange("reload", NULL);
	EXPECT_EQ("listeners then", live__await_entries("listeners", 2, 2), 2);
	live__wait_asleep("accept-server", 4);
	live__await_fate(live__open());
	live__wait_asleep("accept-server", 4);
	kill(tracer, SIGINT);
	EXPECT_EQ("exit status", live__wait(tracer), 0);
	run.report = json_load_file(REPORT, 0, NULL);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 1);
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 2);
	check_workers(run.report, 3, "unit", "herd.service");
	live__check_balance(run.report);
	check_replay(run.report);
	arrange("stop", NULL);
	live__check_refusal("--unit", "herd", "there is no unit herd.service");
	arrange("power-off", NULL);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

/* ---- podman ---- */

static void read_id(char id[ID_DIGITS + 1])
{
	FILE *f = fopen("/tmp/live.places", "re");

	*id = '\0';
	if (!f || fscanf(f, "%64s", id) != 1)
		live__fail("podman gave no ID");
	if (f)
		fclose(f);
}

/* It has no network and no files but its own: only from within can it be reached. Both listeners get three. */
static void test_container(void)
{
	char id[ID_DIGITS + 1], part[13];
	struct live_run run;

	live__begin("a container of podman, in its own network namespace");
	arrange("container", live__server("."));
	read_id(id);
	snprintf(part, sizeof(part), "%.12s", id);
	live__wait_asleep("accept-server", 4);
	live__wait_asleep("select-server", 3);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n6", "-w", RECORDING,
						     "--container", part, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 6);
	EXPECT_EQ("wakes by accept", live__number(run.report, "summary.wakes_by_cause.accept"), 3);
	EXPECT_EQ("wakes by select", live__number(run.report, "summary.wakes_by_cause.poll"), 6);
	check_workers(run.report, 5, "container", id);
	live__check_balance(run.report);
	check_replay(run.report);
	live_run__free(&run);
	/* As the container has its second process. */
	live__check_refusal("-p", "2",
			    "the one that is 2 in a PID namespace of its own is process ");
	arrange("remove", id);
	live__check_refusal("--container", part,
			    "there is no running container whose ID begins with ");
	live__check_nothing_left();
	live__end();
}

void live__suite_places(void)
{
	test_unit();
	test_container();
}
