// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The traced command: held back, released, followed to its end, ended with its tree. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "target/launch.h"
#include "tasks.h"

#define GRACE_MS 10000
#define SPARE_FD 100 /* neither standard nor ours to open */

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

static void assert_no_start(const char *path, int output_fd, int error_number, const char *says)
{
	char *argv[] = {(char *)path, NULL}, text[64];
	struct error error = {0};
	struct launch launch;

	assert_int_equal(launch__start(&launch, argv, NULL, output_fd, &error), -error_number);
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_string_equal(error.text, says);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	launch__describe(&launch, text, sizeof(text));
	assert_string_equal(text, "");
	launch__stop(&launch, GRACE_MS);
}

static void test_no_number(void **state)
{
	static const char *const names[] = {"", "-1", "1x", "4294967295", "99999999999999999999"};
	char *argv[] = {"true", NULL}, text[64];
	struct launch launch;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error error = {0};

		assert_true(launch__start(&launch, argv, names[i], -1, &error) < 0);
		snprintf(text, sizeof(text), "there is no user '%s'", names[i]);
		assert_string_equal(error.text, text);
		launch__stop(&launch, GRACE_MS);
	}
}

/* Runs a command of the shell as somebody; its output, or why it cannot be run, as text. */
static void run_as(const char *user, const char *command, char text[256])
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};
	struct error error = {0};
	struct launch launch;
	siginfo_t info;
	ssize_t got = 0;
	int output[2];

	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	if (launch__start(&launch, argv, user, output[1], &error) ||
	    launch__release(&launch, argv[0], &error)) {
		snprintf(text, 256, "%.200s", error.text);
	} else {
		waitid(P_PID, launch.pid, &info, WEXITED | WNOWAIT);
		got = read(output[0], text, 255);
		text[got > 0 ? got : 0] = '\0';
	}
	launch__stop(&launch, GRACE_MS);
	close(output[0]);
	close(output[1]);
}

/* One that is in the user database, and one that is not. */
static void test_user_by_number(void **state)
{
	static const char *const users[] = {"65534", "54321"};
	static const char *const says[] = {"65534 65534 65534 nobody\n",
					   "54321 54321 54321 54321\n"};
	char text[256];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		run_as(users[i], "echo $(id -u) $(id -g) $(id -G) $USER", text);
		if (geteuid())
			assert_string_equal(text,
					    "cannot change user for sh: Operation not permitted");
		else
			assert_string_equal(text, says[i]);
	}
}

static void test_no_command(void **state)
{
	(void)state;
	assert_no_start("/no/such/server", -1, ENOENT,
			"cannot run /no/such/server: No such file or directory");
	assert_no_start("no-such-server", -1, ENOENT,
			"cannot run no-such-server: No such file or directory");
	assert_no_start("/etc/passwd", -1, EACCES, "cannot run /etc/passwd: Permission denied");
	assert_no_start("/etc", -1, EACCES, "cannot run /etc: Permission denied");
}

/* That it cannot be run shows when it is run. */
static void test_command_removed(void **state)
{
	char path[] = "/tmp/test_launch.XXXXXX", *argv[] = {path, NULL}, text[128];
	struct command c = {.output = {-1, -1}};
	struct error error = {0};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	assert_int_equal(launch__start(&c.launch, argv, NULL, -1, &error), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(launch__release(&c.launch, path, &error), -ENOENT);
	assert_int_equal(error.fault, FAULT_INPUT);
	snprintf(text, sizeof(text), "cannot run %s: No such file or directory", path);
	assert_string_equal(error.text, text);
	stop(&c, GRACE_MS);
}

/* It is killed before it is let go: that is its end, not ours. */
static void test_killed_while_held(void **state)
{
	struct error error = {0};
	struct command c;

	(void)state;
	start(&c, "echo it ran");
	assert_int_equal(kill(c.launch.pid, SIGKILL), 0);
	await_end(&c, true);
	assert_int_equal(launch__release(&c.launch, "sh", &error), 0);
	assert_described(&c, "killed by signal 9 (Killed)");
	stop(&c, GRACE_MS);
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
	(void)state;
	assert_no_start("true", 1000, EBADF, "cannot prepare true: Bad file descriptor");
}

/* A launch takes five descriptors, of which one after the other is missing. */
#define DESCRIPTORS 5

static void assert_too_few(rlim_t descriptors, const char *says)
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
	assert_string_equal(error.text, says);
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
		assert_too_few(fd, tried++ ? "cannot start true: Too many open files"
					   : "cannot read /proc/self/status: Too many open files");
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
	run(&c, "grep ^SigBlk /proc/self/status; cut -d ' ' -f 5 /proc/$$/stat; kill -PIPE $$");
	await_line(&c, "SigBlk:\t0000000000000000");
	snprintf(group, sizeof(group), "%d", c.launch.pid);
	await_line(&c, group);
	await_end(&c, true);
	assert_described(&c, "killed by signal 13 (Broken pipe)");
	stop(&c, GRACE_MS);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGCHLD));
}

/* ---- what it has of our terminal ---- */

/*
 * What a command, this program run once more, finds out about a terminal: a letter for each thing that
 * it could do, told on the pipe that is its stderr, or written to the terminal that is.
 */
static int find_out(void)
{
	char found[16] = "", byte;
	size_t cnt = 0;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	signal(SIGTTIN, SIG_IGN);
	if (fd >= 0) {
		found[cnt++] = 'c'; /* has a controlling terminal */
		if (!ioctl(fd, TIOCSTI, "!"))
			found[cnt++] = 't'; /* types into it */
	}
	if (!ioctl(STDERR_FILENO, TIOCSTI, "!"))
		found[cnt++] = 'T'; /* types through its stderr */
	if (fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK) == 0 &&
	    (read(STDERR_FILENO, &byte, 1) == 1 || errno == EAGAIN))
		found[cnt++] = 'r'; /* reads what is typed */
	if (read(STDIN_FILENO, &byte, 1) != 0)
		found[cnt++] = 'i'; /* has an input that does not end */
	if (getsid(0) == getpid())
		found[cnt++] = 's'; /* has a session of its own */
	if (fcntl(SPARE_FD, F_GETFD) >= 0)
		found[cnt++] = 'd'; /* has another descriptor of ours */
	found[cnt++] = '\n';
	return write(STDERR_FILENO, found, cnt) != (ssize_t)cnt;
}

/* In a session whose terminal is a new one, with a descriptor that exec does not close. */
static void enter_terminal(const char *path)
{
	int fd;

	if (setsid() < 0)
		_exit(101);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
	    dup2(fd, SPARE_FD) < 0)
		_exit(102);
}

static int find_out_as(const char *user)
{
	char *argv[] = {"/proc/self/exe", "find-out", NULL};
	struct error error = {0};
	struct launch launch;
	siginfo_t info;

	if (launch__start(&launch, argv, user, -1, &error) ||
	    launch__release(&launch, argv[0], &error)) {
		fprintf(stderr, "%s", error.text);
		return 1;
	}
	waitid(P_PID, launch.pid, &info, WEXITED | WNOWAIT);
	launch__stop(&launch, GRACE_MS);
	return 0;
}

/* What it finds out, or why it does not run, as text in a buffer of the caller. */
static void read_findings(const char *user, char *found, size_t size)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ssize_t got;
	pid_t pid;

	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	pid = fork();
	if (!pid) {
		enter_terminal(ptsname(terminal));
		_exit(find_out_as(user));
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	got = read(terminal, found, size - 1);
	close(terminal);
	found[got > 0 ? got : 0] = '\0';
}

/* Another user can write to it, and nothing else. */
static void test_terminal_of_another_user(void **state)
{
	char found[256];

	(void)state;
	read_findings("nobody", found, sizeof(found));
	if (geteuid())
		assert_string_equal(
			found, "cannot change user for /proc/self/exe: Operation not permitted");
	else
		assert_string_equal(found, "s\r\n");
}

/* What is ours anyway stays, but reading would stop it for ever. */
static void test_terminal_of_ours(void **state)
{
	char found[256];

	(void)state;
	read_findings(NULL, found, sizeof(found));
	assert_non_null(strchr(found, 'c'));
	assert_non_null(strchr(found, 'd'));
	assert_null(strpbrk(found, "rsi"));
}

/* Without a terminal it reads what we could. */
static void test_input_of_ours(void **state)
{
	int before = dup(STDIN_FILENO), input[2];
	struct command c;

	(void)state;
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	dup2(input[0], STDIN_FILENO);
	assert_int_equal(write(input[1], "settings\n", 9), 9);
	run(&c, "read line; echo $line");
	await_line(&c, "settings");
	await_end(&c, true);
	stop(&c, GRACE_MS);
	dup2(before, STDIN_FILENO);
	close(before);
	close(input[0]);
	close(input[1]);
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

/* It hangs inside of the kernel. */
static void test_not_ended(void **state)
{
	struct command c = {.launch = {.pid = NO_TASK, .stopped = true}};

	(void)state;
	assert_described(&c, "not ended by SIGKILL");
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LAUNCH_TEST(test_no_command),          LAUNCH_TEST(test_command_removed),
		LAUNCH_TEST(test_killed_while_held),   LAUNCH_TEST(test_no_user),
		LAUNCH_TEST(test_no_number),           LAUNCH_TEST(test_user_by_number),
		LAUNCH_TEST(test_output_that_is_none), LAUNCH_TEST(test_no_descriptor),
		LAUNCH_TEST(test_held_back),           LAUNCH_TEST(test_output),
		LAUNCH_TEST(test_surroundings),        LAUNCH_TEST(test_terminal_of_another_user),
		LAUNCH_TEST(test_terminal_of_ours),    LAUNCH_TEST(test_input_of_ours),
		LAUNCH_TEST(test_exit_status),         LAUNCH_TEST(test_killed),
		LAUNCH_TEST(test_not_ended),           LAUNCH_TEST(test_child_signal_ignored),
		LAUNCH_TEST(test_orphan_ends),         LAUNCH_TEST(test_stop),
		LAUNCH_TEST(test_stop_stubborn),       LAUNCH_TEST(test_stop_polite),
		LAUNCH_TEST(test_stop_stopped),        LAUNCH_TEST(test_stop_tree),
		LAUNCH_TEST(test_stop_daemon),
	};

	if (argc > 1 && !strcmp(argv[1], "find-out"))
		return find_out();
	/* What a search ends with depends on what is there. */
	setenv("PATH", "/usr/bin:/bin", 1);
	/* As the program does: a command that fails early does not wait to be released. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
