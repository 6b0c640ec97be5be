// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of doctor, where everything works. */
#include <stdlib.h>
#include <string.h>

#include "live_suites.h"
#include "tracefs.h"

/* Taking a hook away must not go unnoticed, not even one that this test does not need. */
static void test_doctor(void)
{
	static const struct {
		const char *function, *how;
		int programs; /* of one copy */
		int copies;   /* on a kernel that preempts inside of programs */
	} wanted[] = {
		{"__wake_up_common", "fentry", 2, 1},
		{"ep_poll_callback", "fentry", 2, 1},
		{"autoremove_wake_function", "fentry", 1, 1},
		{"pollwake", "fentry", 1, 1},
		{"io_poll_wake", "fentry", 1, 1},
		{"ep_ptable_queue_proc", "fentry", 1, 3},
		{"ep_eventpoll_release", "fentry", 1, 3},
		/* ep_poll() is inlined into it on these kernels. */
		{"do_epoll_wait", "fentry", 2, 3},
		{"do_sys_poll", "fentry", 2, 3},
		{"do_select", "fentry", 2, 3},
		{"inet_csk_accept", "fentry", 2, 3},
		{"__x64_sys_io_uring_enter", "fentry", 2, 3},
		{"inet_csk_listen_start", "fentry", 2, 3},
		{"inet_csk_listen_stop", "fentry", 2, 3},
		{"inet_csk_complete_hashdance", "fentry", 2, 1},
		{"inet_csk_reqsk_queue_add", "fentry", 2, 1},
		{"tcp_child_process", "fentry", 1, 1},
		{"tcp_conn_request", "fentry", 1, 1},
		{"reuseport_select_sock", "fentry", 1, 1},
		{"unix_listen", "fentry", 2, 3},
		{"unix_release", "fentry", 1, 3},
		{"security_unix_stream_connect", "fentry", 2, 1},
		{"unix_stream_connect", "fentry", 1, 3},
		{"unix_accept", "fentry", 2, 3},
		{"sched_waking", "tracepoint", 1, 1},
		{"sched_wakeup", "tracepoint", 1, 1},
		{"sched_switch", "tracepoint", 1, 1},
		{"sched_process_fork", "tracepoint", 1, 3},
		{"sched_process_exec", "tracepoint", 1, 3},
		{"task_rename", "tracepoint", 1, 3},
		{"sched_process_exit", "tracepoint", 1, 3},
	};
	bool migrates = live__kernel_has("reuseport_migrate_sock");
	bool preempts = live__kernel_is("7.2");
	char *argv[] = {(char *)live__herdtrace(), "doctor", NULL};
	char text[16384], line[128];
	FILE *f;

	live__begin("doctor has seen every hook work");
	EXPECT_EQ("exit status", live__wait(live__spawn(argv, "/tmp/live.out", NULL)), 0);
	f = fopen("/tmp/live.out", "re");
	text[f ? fread(text, 1, sizeof(text) - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		snprintf(line, sizeof(line), "\n%-28s %-11s %8d ", wanted[i].function,
			 wanted[i].how, wanted[i].programs * (preempts ? wanted[i].copies : 1));
		if (!strstr(text, line))
			live__fail("it does not say: %s", line + 1);
	}
	snprintf(line, sizeof(line), "\n%-28s %-11s %8d ", "reuseport_migrate_sock",
		 migrates ? "fentry" : "-", migrates);
	EXPECT_TRUE("it says whether connections migrate", strstr(text, line));
	EXPECT_TRUE("it has recognised who waits",
		    strstr(text,
			   "\nwaiters      recognised: accept epoll poll select io_uring unix\n"));
	live__end();
}

/*
 * What the kernel has left to do for a ring that was closed wakes the task that used it (io_ring_exit_work()). Once in
 * fifteen times on a busy machine that was out of the next call that doctor tries, just as its connection came.
 */
static void test_doctor_sleeps_on(void)
{
	char *argv[] = {(char *)live__herdtrace(), "doctor", NULL};
	char line[512];
	bool seen = false, disturbed = false;
	struct tracefs trace;
	FILE *f;

	live__begin("nothing wakes doctor's test server but its connections");
	EXPECT_EQ("a trace", tracefs__open(&trace, "doctor", true), 0);
	tracefs__write(&trace, "events/sched/sched_waking/filter", "comm == \"herdtrace-test\"");
	tracefs__write(&trace, "events/sched/sched_waking/enable", "1");
	tracefs__begin(&trace);
	EXPECT_EQ("exit status", live__wait(live__spawn(argv, NULL, NULL)), 0);
	tracefs__write(&trace, "tracing_on", "0");
	f = tracefs__read(&trace, "trace");
	while (f && fgets(line, sizeof(line), f)) {
		seen |= strstr(line, "inet_csk_complete_hashdance") ||
			strstr(line, "tcp_child_process");
		disturbed |= strstr(line, "io_ring_exit_work") != NULL;
	}
	if (f)
		fclose(f);
	tracefs__close(&trace);
	EXPECT_TRUE("its connections wake it", seen);
	EXPECT_TRUE("no work for a ring does", !disturbed);
	live__end();
}

/* The first of the hooks from here on says how long its programs ran. */
static bool has_run_time(const char *hook)
{
	const char *run = hook ? strstr(hook, "\"run_ns\": ") : NULL;

	return run && strtoull(run + strlen("\"run_ns\": "), NULL, 10) > 0;
}

/* The document of the same: one with every way to wait and no finding that failed. */
static void test_doctor_json(void)
{
	char *argv[] = {(char *)live__herdtrace(), "doctor", "--json", NULL};
	const char *waiters;
	char text[65536];
	FILE *f;

	live__begin("doctor --json says the same");
	EXPECT_EQ("exit status", live__wait(live__spawn(argv, "/tmp/live.out", NULL)), 0);
	f = fopen("/tmp/live.out", "re");
	text[f ? fread(text, 1, sizeof(text) - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
	EXPECT_TRUE("it can trace", strstr(text, "\"can_trace\": true"));
	EXPECT_TRUE("attached with fentry", strstr(text, "\"mode\": \"fentry\""));
	EXPECT_TRUE("nothing failed",
		    !strstr(text, "\"failed\"") && !strstr(text, "\"not_tried\""));
	EXPECT_TRUE("a hook", strstr(text, "\"name\": \"ep_poll_callback\""));
	waiters = strstr(text, "\"waiters\": [");
	EXPECT_TRUE("what it costs to start, and to stop",
		    strstr(text, "\"start_ns\": ") && !strstr(text, "\"start_ns\": null") &&
			    !strstr(text, "\"stop_ns\": null"));
	EXPECT_TRUE("what a hook costs", has_run_time(strstr(text, "\"ep_poll_callback\"")));
	EXPECT_TRUE("a way to wait", waiters && strstr(waiters, "\"name\": \"io_uring\""));
	live__end();
}

void live__suite_doctor(void)
{
	test_doctor();
	test_doctor_sleeps_on();
	test_doctor_json();
}
