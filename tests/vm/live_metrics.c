// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of metrics: asked for by HTTP, by Prometheus itself, written to a file; and what goes wrong. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_samples.h"
#include "live_suites.h"

#define TEXTFILE "/tmp/live.prom"
#define ERRORS   "/tmp/live.err"

/* The value of the first sample that Prometheus answers a query with, as a line "value N". */
#define QUERY(expression)                                                                      \
	"curl -s -m 20 http://127.0.0.1:9090/api/v1/query --data-urlencode 'query=" expression \
	"' | sed -n 's/.*\"value\":\\[[^,]*,\"\\([^\"]*\\)\".*/value \\1/p'"

/* ---- what is run ---- */

static pid_t start_metrics(const char *const options[])
{
	char *argv[LIVE_ARGS] = {(char *)live__herdtrace(), "metrics"};
	size_t argc = 2;

	while (*options)
		argv[argc++] = (char *)*options++;
	argv[argc++] = "--";
	argv[argc++] = (char *)live__server("epoll-server");
	argv[argc++] = "--own";
	argv[argc++] = "-q";
	return live__spawn(argv, NULL, ERRORS);
}

/* Each comes to four workers that sleep. */
static void connect_times(int cnt)
{
	for (int i = 0; i < cnt; i++) {
		live__wait_asleep("epoll-server", 4);
		live__await_fate(live__open());
	}
}

static void end(pid_t tracer, int status)
{
	kill(tracer, SIGTERM);
	EXPECT_EQ("exit status", live__wait(tracer), status);
	live__check_nothing_left();
}

static void expect_error(const char *words)
{
	char *errors = live__read_command("cat " ERRORS);

	if (!errors || !strstr(errors, words))
		live__fail("stderr has not '%s': %s", words, errors ? errors : "");
	free(errors);
}

static void expect_lines(unsigned wanted)
{
	char *errors = live__read_command("cat " ERRORS);

	EXPECT_EQ("lines on stderr", live__count_lines(errors), wanted);
	free(errors);
}

/* The process of herdtrace-http, 0: there is none. */
static pid_t find_http(void)
{
	char *text = live__read_command("grep -lxs herdtrace-http /proc/[0-9]*/comm");
	int pid = 0;

	if (text)
		sscanf(text, "/proc/%d/", &pid);
	free(text);
	return pid;
}

/* ---- tests ---- */

static void check_privileges(void)
{
	char command[128], *status;

	snprintf(command, sizeof(command), "cat /proc/%d/status", find_http());
	status = live__read_command(command);
	EXPECT_TRUE("it is nobody", strstr(status, "Uid:\t65534\t65534\t65534\t65534\n"));
	EXPECT_TRUE("it has no group",
		    strstr(status, "Groups:\t \n") || strstr(status, "Groups:\t\n"));
	EXPECT_TRUE("it has no capability", strstr(status, "CapEff:\t0000000000000000\n"));
	EXPECT_TRUE("nor will it", strstr(status, "CapBnd:\t0000000000000000\n"));
	EXPECT_TRUE("nor new privileges", strstr(status, "NoNewPrivs:\t1\n"));
	free(status);
}

static void test_http(void)
{
	pid_t tracer, second;

	live__begin("metrics by HTTP");
	tracer = start_metrics((const char *[]){NULL});
	AWAIT(CURL, "herdtrace_listeners{", 1);
	check_privileges();
	connect_times(6);
	AWAIT(CURL, "herdtrace_connections_total{listener=\"127.0.0.1:8888\"}", 6);
	AWAIT(CURL, "herdtrace_accepted_connections_total{", 6);
	AWAIT(CURL, "herdtrace_workers{listener=\"127.0.0.1:8888\"}", 4);
	AWAIT(CURL, "herdtrace_wakes_total{listener=\"127.0.0.1:8888\",cause=\"epoll\"", 24);
	AWAIT(CURL, "herdtrace_wasted_wakes_total{", 18);
	AWAIT(CURL, "herdtrace_worker_wakes_total{worker=\"epoll-server\"", 24);
	AWAIT(CURL, "herdtrace_accept_wait_seconds_count{", 6);
	AWAIT(CURL, "herdtrace_wake_to_run_seconds_bucket{listener=\"127.0.0.1:8888\",le=\"+Inf\"}",
	      24);
	AWAIT(CURL, "herdtrace_verdict{disease=\"herd\",verdict=\"proved\"}", 1);
	AWAIT(CURL, "herdtrace_trace_incomplete", 0);
	EXPECT_EQ("promtool", WEXITSTATUS(system(CURL " | promtool check metrics >&2")), 0);

	/* Another one at the same port. */
	second = live__spawn((char *[]){(char *)live__herdtrace(), "metrics", "-p", "1", NULL},
			     NULL, ERRORS);
	EXPECT_EQ("status where the port is in use", live__wait(second), 2);
	expect_error("cannot listen on 127.0.0.1:9435: somebody listens there already");
	expect_lines(1);
	AWAIT(CURL, "herdtrace_connections_total{", 6);
	end(tracer, 0);
	EXPECT_EQ("herdtrace-http is gone", find_http(), 0);
	live__end();
}

static void test_killed(void)
{
	pid_t tracer;

	live__begin("herdtrace-http is killed");
	tracer = start_metrics((const char *[]){NULL});
	AWAIT(CURL, "herdtrace_listeners{", 1);
	EXPECT_EQ("kill", kill(find_http(), SIGKILL), 0);
	EXPECT_EQ("exit status", live__wait(tracer), 3);
	expect_error("herdtrace-http, which answers for metrics, has ended or was killed");
	live__check_nothing_left();
	live__end();
}

static void test_textfile(void)
{
	pid_t tracer;

	live__begin("metrics in a file");
	unlink(TEXTFILE);
	tracer = start_metrics((const char *[]){"--textfile", TEXTFILE, "-i0.5", NULL});
	AWAIT("cat " TEXTFILE " 2>/dev/null", "herdtrace_listeners{", 1);
	connect_times(3);
	AWAIT("cat " TEXTFILE, "herdtrace_connections_total{", 3);
	AWAIT("cat " TEXTFILE, "herdtrace_wakes_total{", 12);
	EXPECT_EQ("promtool", WEXITSTATUS(system("promtool check metrics <" TEXTFILE " >&2")), 0);
	end(tracer, 0);
	EXPECT_TRUE("nothing lies beside it", access(TEXTFILE ".part", F_OK));
	live__end();
}

static pid_t start_prometheus(void)
{
	FILE *config = fopen("/tmp/live-prometheus.yml", "w");
	char *argv[] = {"/usr/bin/prometheus",
			"--config.file=/tmp/live-prometheus.yml",
			"--storage.tsdb.path=/tmp/live-prometheus",
			"--web.listen-address=127.0.0.1:9090",
			"--log.level=warn",
			NULL};

	if (!config)
		live__fail("cannot write its configuration");
	else
		fprintf(config, "global: {scrape_interval: 2s, scrape_timeout: 2s}\n"
				"scrape_configs:\n"
				"  - job_name: herdtrace\n"
				"    static_configs: [{targets: ['127.0.0.1:9435']}]\n");
	if (config)
		fclose(config);
	return live__spawn(argv, NULL, "/tmp/live-prometheus.err");
}

static void test_prometheus(void)
{
	pid_t tracer, prometheus;

	live__begin("Prometheus asks, and is asked");
	tracer = start_metrics((const char *[]){NULL});
	AWAIT(CURL, "herdtrace_listeners{", 1);
	prometheus = start_prometheus();
	AWAIT(QUERY("up{job=\"herdtrace\"}"), "value ", 1);
	connect_times(5);
	AWAIT(QUERY("sum(herdtrace_connections_total)"), "value ", 5);
	AWAIT(QUERY("sum(herdtrace_wakes_total)"), "value ", 20);
	AWAIT(QUERY("herdtrace_accept_wait_seconds_count"), "value ", 5);
	AWAIT(QUERY("herdtrace_verdict{disease=\"herd\",verdict=\"proved\"}"), "value ", 1);
	AWAIT(QUERY("count(herdtrace_build_info)"), "value ", 1);
	kill(prometheus, SIGKILL);
	live__wait(prometheus);
	end(tracer, 0);
	live__end();
}

void live__suite_metrics(void)
{
	test_http();
	test_killed();
	test_textfile();
	/* It takes minutes in emulation, and is the same on every kernel. */
	if (live__kernel_is("6.12") || getenv("LIVE_PROMETHEUS"))
		test_prometheus();
}
