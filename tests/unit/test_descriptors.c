// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Started with closed descriptors: nothing of ours becomes one of the standard ones. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/descriptors.h"

static int in_child(int (*test)(unsigned), unsigned closed)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(test(closed));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int access_to(int fd)
{
	return fcntl(fd, F_GETFL) & O_ACCMODE;
}

static bool is_null(int fd)
{
	struct stat s;

	return !fstat(fd, &s) && S_ISCHR(s.st_mode) && s.st_rdev == makedev(1, 3);
}

/* Returns the number of a line that does not hold. closed: a bit for each of the three. */
static int start(unsigned closed)
{
	static const int access[] = {O_RDONLY, O_RDONLY, O_WRONLY};
	int other = open("/proc/self/exe", O_RDONLY);

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(other, fd) != fd)
			return __LINE__;
	closefrom(STDERR_FILENO + 1);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (closed & 1u << fd)
			close(fd);
	if (descriptors__prepare())
		return __LINE__;
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		bool was_closed = closed & 1u << fd;

		if (is_null(fd) != was_closed)
			return __LINE__;
		if (was_closed && access_to(fd) != access[fd])
			return __LINE__;
	}
	if (open("/dev/null", O_RDONLY) != STDERR_FILENO + 1)
		return __LINE__;
	/* What is said is lost, a result must not be. */
	if (closed & 2 && (write(STDOUT_FILENO, "x", 1) >= 0 || errno != EBADF))
		return __LINE__;
	return closed & 4 && write(STDERR_FILENO, "x", 1) != 1 ? __LINE__ : 0;
}

static void test_closed(void **state)
{
	(void)state;
	for (unsigned closed = 0; closed < 8; closed++)
		assert_int_equal(in_child(start, closed), 0);
}

/* It fails the writing here, and is what it was in a program that we start. */
static int limit(unsigned unused)
{
	struct rlimit none = {0, 0};
	int fd = open("/tmp", O_TMPFILE | O_WRONLY, 0600);
	int status = 0;
	pid_t pid;

	(void)unused;
	if (fd < 0 || descriptors__prepare() || setrlimit(RLIMIT_FSIZE, &none))
		return __LINE__;
	if (write(fd, "x", 1) >= 0 || errno != EFBIG)
		return __LINE__;
	dup2(fd, STDOUT_FILENO);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "exec /bin/echo x", NULL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ ? 0 : __LINE__;
}

static void test_limit(void **state)
{
	(void)state;
	assert_int_equal(in_child(limit, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
