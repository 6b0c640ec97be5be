// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The traced command: held back, released, followed to its end, ended with its tree. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "target/launch.h"
#include "tasks.h"

#define GRACE_MS 10000

/* ---- a command and what it says ---- */

struct command {
	struct launch launch;
	int output[2]; /* a pipe: its stdout and stderr */
};

static unsigned open_files(void)
{
	unsigned cnt = 0;

	for (int fd = 0; fd < 256; fd++)
		cnt += fcntl(fd, F_GETFD) >= 0;
	return cnt;
}

/* Started, not released. */
static void start(struct command *c, const char *script)
{
	char *argv[] = {"sh", "-c", (char *)script, NULL};
	struct error error = {0};

	assert_int_equal(pipe2(c->output, O_CLOEXEC), 0);
	assert_int_equal(launch__start(&c->launch, argv, NULL, c->output[1], &error), 0);
	assert_string_equal(error.text, "");
}

static void run(struct command *c, const char *script)
{
	struct error error = {0};

	start(c, script);
	assert_int_equal(launch__release(&c->launch, "sh", &error), 0);
	assert_string_equal(error.text, "");
}

/* Until it has said this line. */
static void await_line(struct command *c, const char *line)
{
	char text[256];
	size_t got = 0;

	do {
		assert_true(got < sizeof(text));
		assert_int_equal(read(c->output[0], &text[got], 1), 1);
	} while (text[got++] != '\n');
	text[got - 1] = '\0';
	assert_string_equal(text, line);
}

/* Until it, or also everybody below it, has ended by itself. */
static void await_end(struct command *c, bool of_all)
{
	struct pollfd p = {.fd = c->launch.child_fd, .events = POLLIN};

	while (!c->launch.ended || (of_all && !c->launch.alone)) {
		assert_int_equal(poll(&p, 1, PATIENCE_NS / NS_PER_MS), 1);
		launch__reap(&c->launch);
	}
}

static void assert_described(const struct command *c, const char *expected)
{
	char text[128];

	launch__describe(&c->launch, text, sizeof(text));
	assert_string_equal(text, expected);
}

/* Ends it; nobody is left, and nothing is open. */
static void stop(struct command *c, int grace_ms)
{
	pid_t *pids;

	launch__stop(&c->launch, grace_ms);
	assert_true(c->launch.ended && c->launch.alone);
	assert_int_equal(procfs__descendants(getpid(), &pids), 0);
	free(pids);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(c->launch.child_fd, -1);
	/* Once more is allowed. */
	launch__stop(&c->launch, grace_ms);
	close(c->output[0]);
	close(c->output[1]);
}

/* ---- what cannot be started ---- */

static void assert_no_exec(const char *path, int error_number, const char *says)
{
	char *argv[] = {(char *)path, NULL};
	struct command c = {.output = {-1, -1}};
	struct error error = {0};

	assert_int_equal(launch__start(&c.launch, argv, NULL, -1, &error), 0);
	assert_int_equal(launch__release(&c.launch, path, &error), -error_number);
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_string_equal(error.text, says);
	stop(&c, GRACE_MS);
}

static void test_no_command(void **state)
{
	(void)state;
	assert_no_exec("/no/such/server", ENOENT,
		       "cannot run /no/such/server: No such file or directory");
	assert_no_exec("/etc/passwd", EACCES, "cannot run /etc/passwd: Permission denied");
}

static void test_no_user(void **state)
{
	char *argv[] = {"true", NULL}, text[64];
	struct launch launch;
	struct error error = {0};

	(void)state;
	assert_true(launch__start(&launch, argv, "no-such-user", -1, &error) < 0);
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_string_equal(error.text, "there is no user 'no-such-user'");
	launch__describe(&launch, text, sizeof(text));
	assert_string_equal(text, "");
	launch__stop(&launch, GRACE_MS);
}

static void test_output_that_is_none(void **state)
{
	char *argv[] = {"true", NULL};
	struct command c = {.output = {-1, -1}};
	struct error error = {0};

	(void)state;
	assert_int_equal(launch__start(&c.launch, argv, NULL, 1000, &error), 0);
	assert_int_equal(launch__release(&c.launch, "true", &error), -EBADF);
	assert_string_equal(error.text, "cannot prepare true: Bad file descriptor");
	stop(&c, GRACE_MS);
}

/* A launch takes five descriptors, of which one after the other is missing. */
#define DESCRIPTORS 5

static void assert_no_start(rlim_t descriptors)
{
	char *argv[] = {"true", NULL};
	struct rlimit before, few;
	struct launch launch;
	struct error error = {0};
	sigset_t mask;
	int err;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){.rlim_cur = descriptors, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	err = launch__start(&launch, argv, NULL, -1, &error);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(err, -EMFILE);
	assert_string_equal(error.text, "cannot start true: Too many open files");
	/* Nothing is left blocked. */
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGCHLD));
	launch__stop(&launch, GRACE_MS);
}

static void test_no_descriptor(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (int fd = 0; tried < DESCRIPTORS; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		assert_no_start(fd);
		tried++;
	}
}

/* ---- how it runs ---- */

static void test_held_back(void **state)
{
	struct command c;
	char byte;

	(void)state;
	start(&c, "echo it ran");
	launch__stop(&c.launch, GRACE_MS);
	assert_described(&c, "stopped by herdtrace");
	close(c.output[1]);
	c.output[1] = -1;
	assert_int_equal(read(c.output[0], &byte, 1), 0);
	stop(&c, GRACE_MS);
}

static void test_output(void **state)
{
	struct command c;

	(void)state;
	run(&c, "echo out; echo err >&2");
	await_line(&c, "out");
	await_line(&c, "err");
	await_end(&c, true);
	stop(&c, GRACE_MS);
}

/* It has a group of its own, and no signal is blocked or ignored on our account. */
static void test_surroundings(void **state)
{
	struct command c;
	char group[32];
	sigset_t mask;

	(void)state;
	run(&c, "grep ^SigBlk /proc/self/status; ps -o pgid= $$ | tr -d ' '; kill -PIPE $$");
	await_line(&c, "SigBlk:\t0000000000000000");
	snprintf(group, sizeof(group), "%d", c.launch.pid);
	await_line(&c, group);
	await_end(&c, true);
	assert_described(&c, "killed by signal 13 (Broken pipe)");
	stop(&c, GRACE_MS);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGCHLD));
}

/* ---- how it ends ---- */

static void test_exit_status(void **state)
{
	struct command c;

	(void)state;
	run(&c, "exit 7");
	await_end(&c, true);
	assert_described(&c, "exit status 7");
	stop(&c, GRACE_MS);
	assert_described(&c, "exit status 7");
	assert_false(c.launch.stopped);
}

static void test_killed(void **state)
{
	struct command c;

	(void)state;
	run(&c, "kill -9 $$");
	await_end(&c, true);
	assert_described(&c, "killed by signal 9 (Killed)");
	stop(&c, GRACE_MS);
}

/* Whoever started us may have left it so: children would vanish without a status. */
static void test_child_signal_ignored(void **state)
{
	struct command c;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	run(&c, "exit 3");
	await_end(&c, true);
	assert_described(&c, "exit status 3");
	stop(&c, GRACE_MS);
}

/* It outlives the command, becomes ours, and its end is noticed, too. */
static void test_orphan_ends(void **state)
{
	struct command c;

	(void)state;
	run(&c, "sleep 0.05 & exit 0");
	await_end(&c, true);
	assert_described(&c, "exit status 0");
	stop(&c, GRACE_MS);
}

/* ---- ending it ---- */

static void test_stop(void **state)
{
	struct command c;

	(void)state;
	run(&c, "echo ready; exec sleep 1000");
	await_line(&c, "ready");
	stop(&c, GRACE_MS);
	assert_described(&c, "stopped by herdtrace");
	assert_int_equal(WTERMSIG(c.launch.status), SIGTERM);
}

/* SIGKILL comes after the grace, and not before. */
static void test_stop_stubborn(void **state)
{
	uint64_t begun_ns;
	struct command c;

	(void)state;
	run(&c, "trap '' TERM; echo ready; while :; do sleep 1000; done");
	await_line(&c, "ready");
	begun_ns = clock__now_ns();
	stop(&c, 50);
	assert_true(clock__now_ns() - begun_ns >= 50 * NS_PER_MS);
	assert_int_equal(WTERMSIG(c.launch.status), SIGKILL);
}

static void test_stop_polite(void **state)
{
	struct command c;

	(void)state;
	run(&c, "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done");
	await_line(&c, "ready");
	stop(&c, GRACE_MS);
	assert_described(&c, "stopped by herdtrace");
	assert_int_equal(WEXITSTATUS(c.launch.status), 5);
}

/* It gets SIGTERM when it goes on. */
static void test_stop_stopped(void **state)
{
	struct command c;
	siginfo_t info;

	(void)state;
	run(&c, "kill -STOP $$");
	assert_int_equal(waitid(P_PID, c.launch.pid, &info, WSTOPPED | WNOWAIT), 0);
	stop(&c, GRACE_MS);
	assert_int_equal(WTERMSIG(c.launch.status), SIGTERM);
}

static void test_stop_tree(void **state)
{
	struct command c;

	(void)state;
	run(&c, "sleep 1000 & setsid sh -c 'sleep 1000 & echo ready; wait' & wait");
	await_line(&c, "ready");
	stop(&c, GRACE_MS);
}

/* The command has ended, what it left behind has become ours. */
static void test_stop_daemon(void **state)
{
	struct command c;

	(void)state;
	run(&c, "setsid sh -c 'echo ready; exec sleep 1000' & exit 0");
	await_line(&c, "ready");
	await_end(&c, false);
	assert_false(c.launch.alone);
	stop(&c, GRACE_MS);
	assert_described(&c, "exit status 0");
}

/* ---- */

static int count_files(void **state)
{
	static unsigned cnt;

	cnt = open_files();
	*state = &cnt;
	return 0;
}

static int compare_files(void **state)
{
	return open_files() != *(unsigned *)*state;
}

#define LAUNCH_TEST(test) cmocka_unit_test_setup_teardown(test, count_files, compare_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAUNCH_TEST(test_no_command),
		LAUNCH_TEST(test_no_user),
		LAUNCH_TEST(test_output_that_is_none),
		LAUNCH_TEST(test_no_descriptor),
		LAUNCH_TEST(test_held_back),
		LAUNCH_TEST(test_output),
		LAUNCH_TEST(test_surroundings),
		LAUNCH_TEST(test_exit_status),
		LAUNCH_TEST(test_killed),
		LAUNCH_TEST(test_child_signal_ignored),
		LAUNCH_TEST(test_orphan_ends),
		LAUNCH_TEST(test_stop),
		LAUNCH_TEST(test_stop_stubborn),
		LAUNCH_TEST(test_stop_polite),
		LAUNCH_TEST(test_stop_stopped),
		LAUNCH_TEST(test_stop_tree),
		LAUNCH_TEST(test_stop_daemon),
	};

	/* As the program does: a command that fails early does not wait to be released. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
