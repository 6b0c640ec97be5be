// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What can be traced, and which commands there are: the latter as execvp() itself says. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "target/check.h"
#include "tasks.h"

/* ---- commands ---- */

static void make_file(const char *path, mode_t mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void make_long_script(void)
{
	char text[SHRT_MAX] = "#!/";

	memset(text + 3, 'x', 300);
	make_file("there/long", 0755, text);
}

static char directory[32];

static int make_files(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/test_check.XXXXXX");
	if (!mkdtemp(directory) || chdir(directory) || mkdir("there", 0755) ||
	    mkdir("denied", 0755) || mkdir("there/directory", 0755) || symlink("loop", "loop") ||
	    symlink("gone", "there/dangling") || symlink("run-me", "there/a-link"))
		return -1;
	make_file("there/run-me", 0755, "#!/bin/true\n");
	make_file("there/spaced", 0755, "#! \t/bin/true -x y\n");
	make_file("there/broken", 0755, "#!/no/such/interpreter\n");
	make_file("there/dos", 0755, "#!/bin/true\r\n");
	make_file("there/denied-interpreter", 0755, "#!/etc/passwd\n");
	make_file("there/directory-interpreter", 0755, "#!/etc -x\n");
	make_file("there/nameless", 0755, "#!\nexit 0\n");
	make_file("there/plain", 0755, "exit 0\n");
	make_file("there/empty", 0755, "");
	make_file("there/unreadable", 0111, "#!/bin/true\n");
	make_file("there/data", 0644, "exit 0\n");
	make_file("denied/run-me", 0644, "exit 0\n");
	make_file("denied/only", 0644, "exit 0\n");
	make_file("file", 0644, "");
	make_long_script();
	return 0;
}

static int remove_files(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return chdir("/") || system(command);
}

/* The errno of execvp() in a child, 0: it ran. */
static int ask_execvp(const char *name)
{
	char *argv[] = {(char *)name, NULL};
	int answer[2], error = 0;
	pid_t pid;

	assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		execvp(name, argv);
		_exit(write(answer[1], &errno, sizeof(errno)) != sizeof(errno));
	}
	close(answer[1]);
	if (read(answer[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(answer[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return error;
}

static void assert_alike(const char *name)
{
	int ours = check__command(name), theirs = ask_execvp(name);

	if (ours != theirs)
		fail_msg("'%.40s' in '%s': %s, but execvp says %s", name, getenv("PATH") ?: "-",
			 strerror(ours), strerror(theirs));
}

static const char *const names[] = {"run-me",
				    "spaced",
				    "broken",
				    "dos",
				    "denied-interpreter",
				    "directory-interpreter",
				    "nameless",
				    "plain",
				    "empty",
				    "data",
				    "unreadable",
				    "directory",
				    "dangling",
				    "a-link",
				    "no-such",
				    "only",
				    "true",
				    "",
				    ".",
				    "directory/"};

static void test_files(void **state)
{
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "there/%s", names[i]);
		assert_alike(path);
		snprintf(path, sizeof(path), "%s/there/%s", directory, names[i]);
		assert_alike(path);
	}
	assert_alike("loop/x");
	assert_alike("loop/");
	assert_alike("./loop");
	assert_alike("file/x");
	assert_alike("/no/such/server");
}

static void test_search(void **state)
{
	static const char *const paths[] = {
		"there",        "denied",       "no-such:there",  "file:there",
		"denied:there", "there:denied", "loop:there",     "",
		":there",       "there:",       "no-such:denied", "denied:file",
		"::",           "/bin",         "there//:/bin"};
	char *before = strdup(getenv("PATH"));

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(setenv("PATH", paths[i], 1), 0);
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			assert_alike(names[j]);
	}
	unsetenv("PATH");
	assert_alike("true");
	assert_alike("no-such");
	setenv("PATH", before, 1);
	free(before);
}

/* What shows only when it is called is left for then. */
static void test_left_to_exec(void **state)
{
	(void)state;
	assert_int_equal(check__command("there/long"), 0);
}

/* ---- processes ---- */

static void assert_refused(pid_t pid, const char *format, ...)
{
	struct error error = {0};
	char says[256];
	va_list args;

	va_start(args, format);
	vsnprintf(says, sizeof(says), format, args);
	va_end(args);
	assert_true(check__process(pid, &error) < 0);
	assert_string_equal(error.text, says);
	assert_int_equal(error.fault, FAULT_INPUT);
}

static void test_processes(void **state)
{
	struct error error = {0};
	pid_t pid = start_child(sleep_for_ever, NULL);

	(void)state;
	assert_int_equal(check__proc(&error), 0);
	assert_int_equal(check__process(pid, &error), 0);
	assert_int_equal(check__process(getpid(), &error), 0);
	assert_string_equal(error.text, "");
	end_child(pid);
	assert_refused(pid, "there is no process %d", pid);
	assert_refused(NO_TASK, "there is no process %d", NO_TASK);
}

static void do_nothing(void *unused)
{
	(void)unused;
}

static void test_zombie(void **state)
{
	pid_t pid = start_child(do_nothing, NULL);
	siginfo_t info;

	(void)state;
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_refused(
		pid, "process %d has ended: it is a zombie, for which its parent %d has not waited",
		pid, getpid());
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void *tell_number(void *arg)
{
	int *pipe = arg;
	pid_t tid = syscall(SYS_gettid);

	if (write(pipe[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	sleep_for_ever(NULL);
	return NULL;
}

/* Its first thread ends, the second one lives on. */
static void have_a_thread(void *pipe)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, tell_number, pipe))
		_exit(1);
	syscall(SYS_exit, 0);
}

static void test_thread(void **state)
{
	struct error error = {0};
	int numbers[2];
	pid_t pid, tid;

	(void)state;
	assert_int_equal(pipe2(numbers, O_CLOEXEC), 0);
	pid = start_child(have_a_thread, numbers);
	assert_int_equal(read(numbers[0], &tid, sizeof(tid)), sizeof(tid));
	assert_refused(tid, "%d is a thread of process %d: trace that (-p %d)", tid, pid, pid);
	await_rest(pid, pid, TASK_GONE);
	assert_int_equal(check__process(pid, &error), 0);
	end_child(pid);
	close(numbers[0]);
	close(numbers[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, make_files, remove_files),
		cmocka_unit_test_setup_teardown(test_search, make_files, remove_files),
		cmocka_unit_test_setup_teardown(test_left_to_exec, make_files, remove_files),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_zombie),
		cmocka_unit_test(test_thread),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
