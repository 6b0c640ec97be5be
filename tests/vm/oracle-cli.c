/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * oracle --comm NAME -- COMMAND [ARG...]
 *
 * Runs COMMAND and says what the tasks called NAME were woken for meanwhile, by the kernel's own
 * account: for people who doubt herdtrace. Needs root and tracefs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

enum {
	STATUS_USAGE = 2,
	STATUS_NO_ORACLE = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128,
};

static void fail(const char *what, int err)
{
	fprintf(stderr, "oracle: %s: %s%s\n", what, strerror(-err),
		err == -ENOENT ? " (mount -t tracefs tracefs /sys/kernel/tracing)" : "");
}

/* NULL: a usage error, or help was asked for: *status is what to exit with. */
static const char *parse_arguments(int argc, char **argv, int *status)
{
	static const struct option options[] = {
		{"comm", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *comm = NULL;
	int option;

	*status = STATUS_USAGE;
	while ((option = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		if (option == 'h')
			*status = 0;
		if (option != 'c') {
			comm = NULL;
			break;
		}
		comm = optarg;
	}
	if (!comm || optind == argc) {
		fprintf(*status ? stderr : stdout,
			"usage: oracle --comm NAME -- COMMAND [ARG...]\n");
		return NULL;
	}
	return comm;
}

static pid_t launch(char **command, const sigset_t *mask)
{
	pid_t child = fork();
	int err;

	if (child != 0)
		return child;
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	err = errno;
	fprintf(stderr, "oracle: %s: %s\n", command[0], strerror(err));
	_exit(err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/*
 * Waits for the child and returns the status a shell would give. A signal to the oracle is for
 * the child; one from the terminal has reached it already.
 */
static int wait_for(pid_t child, const sigset_t *set)
{
	siginfo_t info;
	int status;

	for (;;) {
		int sig = sigwaitinfo(set, &info);

		if (sig == SIGCHLD && waitpid(child, &status, WNOHANG) == child)
			break;
		if (sig > 0 && sig != SIGCHLD && info.si_code <= 0)
			kill(child, sig);
	}
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Returns the command's status; -errno: it could not be started. */
static int run(char **command)
{
	static const int signals[] = {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	sigset_t set, before;
	pid_t child;
	int status;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	child = launch(command, &before);
	status = child < 0 ? -errno : wait_for(child, &set);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

static void report(const struct oracle_counts *counts)
{
	fprintf(stderr,
		"listener %" PRIu64 " (accept %" PRIu64 " epoll %" PRIu64 " poll %" PRIu64
		" io_uring %" PRIu64 ") chain %" PRIu64 " lock %" PRIu64 " other %" PRIu64
		" lost %" PRIu64 "\n",
		counts->listener, counts->accept, counts->epoll, counts->poll, counts->io_uring,
		counts->chain, counts->lock, counts->other, counts->lost);
	if (counts->error_cnt)
		fprintf(stderr,
			"oracle: %" PRIu64 " entries of the trace were not understood: the numbers "
			"are too low\n",
			counts->error_cnt);
	if (counts->cut)
		fprintf(stderr,
			"oracle: %" PRIu64
			" more wakes came from a wait queue, but a kretprobe hides "
			"whose\n",
			counts->cut);
	if (counts->lost)
		fprintf(stderr, "oracle: the buffer was too small: the numbers are too low\n");
}

static int observe(struct oracle *oracle, const char *comm, char **command)
{
	struct oracle_counts counts = {0};
	int status, err = oracle__start(oracle, comm);

	if (err) {
		fail("cannot trace sched_waking", err);
		return STATUS_NO_ORACLE;
	}
	status = run(command);
	err = oracle__stop(oracle, &counts, 1);
	if (err)
		fail("cannot read the trace", err);
	else
		report(&counts);
	oracle_counts__free(&counts);
	if (status < 0)
		fail("cannot start the command", status);
	return err || status < 0 ? STATUS_NO_ORACLE : status;
}

int main(int argc, char **argv)
{
	int status;
	const char *comm = parse_arguments(argc, argv, &status);
	struct oracle *oracle;

	if (!comm)
		return status;
	oracle = oracle__new();
	if (!oracle) {
		fail("no instance of tracefs", -errno);
		return STATUS_NO_ORACLE;
	}
	status = observe(oracle, comm, argv + optind);
	oracle__free(oracle);
	return status;
}
