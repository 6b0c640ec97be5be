/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Real tasks that are in a known state, for tests of what /proc says. To be included after cmocka.h. */
#ifndef HERDTRACE_TEST_TASKS_H
#define HERDTRACE_TEST_TASKS_H

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/procfs.h"

/* Above any pid: pid_max is 4194304 at most. */
#define NO_TASK 4194305

#define PATIENCE_NS (20 * NS_PER_SEC)

/* A child that runs body, and is killed at the latest with us. */
static inline pid_t start_child(void (*body)(void *arg), void *arg)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	body(arg);
	_exit(0);
}

static inline void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Until /proc says so: that a task has gone to sleep is told by nothing else. */
static inline void await_rest(pid_t pid, pid_t tid, enum task_rest rest)
{
	uint64_t limit_ns = clock__now_ns() + PATIENCE_NS;

	while (procfs__rest(pid, tid) != rest) {
		assert_true(clock__now_ns() < limit_ns);
		sched_yield();
	}
}

static inline void sleep_for_ever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static inline void nap_for_long(void *unused)
{
	const struct timespec long_time = {.tv_sec = 1000};

	(void)unused;
	for (;;)
		nanosleep(&long_time, NULL);
}

static inline void spin(void *unused)
{
	(void)unused;
	for (;;)
		sched_yield();
}

#endif
