/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A recording that is made while herdtrace report reads it, however long it is, and what that took. */
#ifndef HERDTRACE_TEST_REPLAY_H
#define HERDTRACE_TEST_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/recording.h"
#include "records.h"

#define MEMORY_LIMIT (64l << 10) /* KiB */

/* ---- TAP ---- */

static unsigned replay__number;

static inline void replay__result(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++replay__number, name);
}

static inline void replay__plan(void)
{
	printf("1..%u\n", replay__number);
}

/* ---- the recording ---- */

/* What is on the tape goes to the reader. */
static inline void tape__flush(struct tape *t, FILE *out)
{
	if (t->len && fwrite(t->records, t->len, 1, out) != 1)
		_exit(1);
	t->len = 0;
}

/* Writes what comes after the head; size: whatever it takes for one. */
typedef void (*recording_writer)(FILE *out, uint64_t size);

struct replay {
	pid_t writer, reader;
	FILE *report;
};

static inline void replay__write(int fd, recording_writer write, uint64_t size)
{
	FILE *out = fdopen(fd, "w");

	if (!out || recording__begin(out))
		_exit(1);
	write(out, size);
	_exit(fclose(out) ? 1 : 0);
}

static inline void replay__start(struct replay *r, const char *herdtrace,
				 const char *const *options, recording_writer write, uint64_t size)
{
	const char *argv[8] = {herdtrace, "report"};
	int in[2], out[2];
	size_t at = 2;

	while (*options)
		argv[at++] = *options++;
	argv[at] = "/dev/stdin";
	if (pipe(in) || pipe(out))
		exit(1);
	r->writer = fork();
	if (!r->writer) {
		close(in[0]);
		replay__write(in[1], write, size);
	}
	r->reader = fork();
	if (!r->reader) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execv(herdtrace, (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	r->report = fdopen(out[0], "r");
}

/* True when both ended well; the reader's largest size in KiB. */
static inline bool replay__finish(struct replay *r, long *memory)
{
	int written, read;
	struct rusage usage;

	fclose(r->report);
	if (waitpid(r->writer, &written, 0) < 0 || wait4(r->reader, &read, 0, &usage) < 0)
		return false;
	*memory = usage.ru_maxrss;
	return !written && !read;
}

#endif
