// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * count COMMAND [ARG...]: runs it, with its output thrown away, and prints what it took:
 *
 *   CPU_US RSS_KIB
 *
 * In a guest that counts instructions (tools/vm/run --icount) a microsecond of its own is a thousand of them.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char *const *command)
{
	int nowhere = open("/dev/null", O_WRONLY);

	if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0)
		err(127, "/dev/null");
	execv(*command, command);
	err(127, "%s", *command);
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000ll + time.tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2)
		errx(2, "usage: count COMMAND [ARG...]");
	pid = fork();
	if (!pid)
		run(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		err(1, "cannot run %s", argv[1]);
	if (status)
		errx(1, "%s failed", argv[1]);
	printf("%lld %ld\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
	       usage.ru_maxrss);
	return 0;
}
