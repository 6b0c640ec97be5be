// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Live tests of the unit that comes with herdtrace metrics, as it is: started by systemd with all that it is forbidden, asked,
 * stopped. Needs systemd as the first process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_maps.h"
#include "live_net.h"
#include "live_samples.h"
#include "live_suites.h"

#define METRICS "herdtrace-metrics@herd"
#define FOLDER  "/var/lib/prometheus/node-exporter"

static void run(const char *command)
{
	if (system(command))
		live__fail("failed: %s", command);
}

/* Of a unit, as systemd has it; the caller frees it. */
static char *property(const char *unit, const char *name)
{
	char command[256], *text;

	snprintf(command, sizeof(command), "systemctl show -P %s %s", name, unit);
	text = live__read_command(command);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

static void expect_property(const char *name, const char *wanted)
{
	char *seen = property(METRICS, name);

	EXPECT_WORD(name, seen, wanted);
	free(seen);
}

static void install(void)
{
	char command[1024];

	snprintf(command, sizeof(command), "tests/vm/services install %s %s", live__herdtrace(),
		 live__server("."));
	run(command);
}

/* ---- what the unit takes from herdtrace ---- */

static void check_confinement(void)
{
	char command[128], *pid = property(METRICS, "MainPID"), *status;

	snprintf(command, sizeof(command), "cat /proc/%s/status", pid);
	status = live__read_command(command);
	EXPECT_TRUE("it can get no new privileges", strstr(status, "NoNewPrivs:\t1\n"));
	EXPECT_TRUE("its calls are filtered", strstr(status, "Seccomp:\t2\n"));
	/* CAP_NET_ADMIN, CAP_SYS_MODULE and others are no more. */
	EXPECT_TRUE("it lacks capabilities", !strstr(status, "CapBnd:\t000001ffffffffff\n"));
	free(status);
	/* The folders that it may not see are empty. */
	snprintf(command, sizeof(command), "ls -A /proc/%s/root/root | wc -l", pid);
	status = live__read_command(command);
	EXPECT_EQ("files at home", atoi(status), 0);
	free(status);
	free(pid);
}

static void connect_times(int cnt)
{
	for (int i = 0; i < cnt; i++) {
		live__wait_asleep("epoll-server", 4);
		live__await_fate(live__open());
	}
}

static void check_stopped(void)
{
	char *left = live__read_command("grep -lxsE 'herdtrace(-http)?' /proc/[0-9]*/comm");

	expect_property("ActiveState", "inactive");
	expect_property("Result", "success");
	EXPECT_WORD("processes that are left", left, "");
	free(left);
	live__check_no_program_left();
}

/* ---- tests ---- */

/* The server comes after herdtrace, which is started until there is one. */
static void test_scraped(void)
{
	live__begin("the unit of metrics: started before its server, asked, stopped");
	install();
	run("systemctl start " METRICS);
	AWAIT("echo NRestarts $(systemctl show -P NRestarts " METRICS ")", "NRestarts", 1);
	run("systemctl start herd");
	AWAIT(CURL, "herdtrace_listeners{", 1);
	check_confinement();
	connect_times(5);
	AWAIT(CURL, "herdtrace_connections_total{listener=\"127.0.0.1:8888\"}", 5);
	AWAIT(CURL, "herdtrace_wakes_total{", 20);
	AWAIT(CURL, "herdtrace_workers{", 4);
	AWAIT(CURL, "herdtrace_trace_incomplete", 0);
	run("systemctl stop " METRICS);
	check_stopped();
	run("systemctl stop herd");
	live__check_nothing_left();
	live__end();
}

/* The one folder that it may write to. */
static void test_textfile(void)
{
	live__begin("the unit of metrics: a file for node_exporter");
	run("mkdir -p " FOLDER);
	run("mkdir -p /run/systemd/system/" METRICS ".service.d && "
	    "printf '[Service]\\nEnvironment=\"HERDTRACE_OPTIONS=--textfile " FOLDER
	    "/herd.prom -i 0.5\"\\n' >/run/systemd/system/" METRICS ".service.d/file.conf && "
	    "systemctl daemon-reload");
	run("systemctl start herd");
	live__wait_asleep("epoll-server", 4);
	run("systemctl start " METRICS);
	AWAIT("cat " FOLDER "/herd.prom 2>/dev/null", "herdtrace_listeners{", 1);
	connect_times(3);
	AWAIT("cat " FOLDER "/herd.prom", "herdtrace_connections_total{", 3);
	run("systemctl stop " METRICS);
	check_stopped();
	run("systemctl stop herd");
	live__check_nothing_left();
	live__end();
}

static bool is_there(void)
{
	char *first = live__read_command("cat /proc/1/comm");
	bool is = first && !strcmp(first, "systemd\n");

	free(first);
	return is;
}

void live__suite_services(void)
{
	if (!is_there()) {
		live__begin("the unit of metrics");
		live__skip("systemd is not the first process (tools/vm/run --systemd)");
		live__end();
		return;
	}
	test_scraped();
	test_textfile();
}
