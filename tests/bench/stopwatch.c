// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * stopwatch PORT COMMAND [ARG...]: how long a tracer takes to start a server and to stop, in microseconds:
 *
 *   listening US    from the start of COMMAND until PORT listens
 *   report US       from SIGINT to the last byte of its standard output
 *   prompt US       from SIGINT to its end
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Looking more often would take the CPU from who starts. */
#define LOOK_US    5000
#define TIMEOUT_US 120000000ll
/* Until the server's workers sleep, and what the start has put off is done. */
#define TRACE_US 5000000

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

static pid_t start(char *const *command, int *out)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		execv(*command, command);
		err(127, "%s", *command);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

static bool listens(unsigned port)
{
	char line[512], wanted[32];
	FILE *table = fopen("/proc/net/tcp", "re");
	bool found = false;

	if (!table)
		err(1, "/proc/net/tcp");
	snprintf(wanted, sizeof(wanted), ":%04X 00000000:0000 0A", port);
	while (!found && fgets(line, sizeof(line), table))
		found = strstr(line, wanted);
	fclose(table);
	return found;
}

static void wait_for_listener(unsigned port)
{
	long long end = now_us() + TIMEOUT_US;

	while (!listens(port)) {
		if (now_us() > end)
			errx(1, "nobody listens");
		usleep(LOOK_US);
	}
}

/*
 * Reads to the end of its output or of itself: a child of it may hold the output open. Returns when the last
 * byte of the report was read.
 */
static long long read_report(int out, pid_t pid, bool *any)
{
	struct pollfd fds[2] = {{.fd = out, .events = POLLIN},
				{.fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN}};
	long long last = 0;
	char text[4096];
	ssize_t len;

	if (fds[1].fd < 0)
		err(1, "pidfd_open");
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			err(1, "poll");
		if (!fds[0].revents)
			break;
		len = read(out, text, sizeof(text));
		if (len <= 0)
			break;
		last = now_us();
	}
	close(fds[1].fd);
	*any = last;
	return last;
}

int main(int argc, char **argv)
{
	long long begin, listening, stopped, report, prompt;
	int out, status;
	bool any;
	pid_t pid;

	if (argc < 3)
		errx(2, "usage: stopwatch PORT COMMAND [ARG...]");
	begin = now_us();
	pid = start(argv + 2, &out);
	wait_for_listener(strtoul(argv[1], NULL, 10));
	listening = now_us() - begin;
	usleep(TRACE_US);
	stopped = now_us();
	kill(pid, SIGINT);
	report = read_report(out, pid, &any) - stopped;
	if (waitpid(pid, &status, 0) != pid || !any)
		errx(1, "no report");
	prompt = now_us() - stopped;
	printf("listening %lld\nreport %lld\nprompt %lld\n", listening, report, prompt);
	return 0;
}
