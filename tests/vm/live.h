/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the live tests share: running herdtrace on a server, with the oracle as a witness. */
#ifndef HERDTRACE_LIVE_H
#define HERDTRACE_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "oracle.h"

#define LIVE_ARGS 32

/* ---- TAP ---- */

/* Begins a test; what fails until live__end() belongs to it. */
void live__begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* This kernel cannot run the current test, which tests/vm/matrix has to name. It ends as it is. */
void live__skip(const char *why);

/* "ok N - name" or "not ok N - name", with what failed. */
void live__end(void);

/* Prints the plan. Returns the number of failed tests. */
unsigned live__finish(void);

/* Notes a failure of the current test, with what was seen. */
void live__fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Has the current test failed by now? */
bool live__has_failed(void);

/* Fails the current test unless the two are equal. */
#define EXPECT_EQ(what, seen, wanted)                                              \
	do {                                                                       \
		long long seen_ = (seen), wanted_ = (wanted);                      \
		if (seen_ != wanted_)                                              \
			live__fail("%s: %lld, wanted %lld", what, seen_, wanted_); \
	} while (0)

#define EXPECT_RANGE(what, seen, low, high)                                                    \
	do {                                                                                   \
		long long seen_ = (seen), low_ = (low), high_ = (high);                        \
		if (seen_ < low_ || seen_ > high_)                                             \
			live__fail("%s: %lld, wanted %lld to %lld", what, seen_, low_, high_); \
	} while (0)

#define EXPECT_TRUE(what, condition)                    \
	do {                                            \
		if (!(condition))                       \
			live__fail("not so: %s", what); \
	} while (0)

#define EXPECT_WORD(what, seen, wanted)                                                          \
	do {                                                                                     \
		const char *seen_ = (seen);                                                      \
		if (!seen_ || strcmp(seen_, wanted))                                             \
			live__fail("%s: %s, wanted %s", what, seen_ ? seen_ : "(none)", wanted); \
	} while (0)

/* LIVE_ONLY in the environment, where set, is a part of the names of the count tests to run. */
bool live__is_wanted(const char *name);

/* ---- running ---- */

/* All of a file as text, "" where there is none; the caller frees it. */
char *live__read_file(const char *path);

/* A finished run of herdtrace. */
struct live_run {
	int status;     /* exit status, 128 + signal when it was killed */
	json_t *report; /* NULL when it printed none */
	char *errors;   /* its stderr, and the server's output */
	struct oracle_counts oracle;
	pid_t pid;              /* of herdtrace */
	struct oracle *witness; /* while it runs */
};

void live_run__free(struct live_run *run);

/* Path of the program under test, of a reference server; set by live__paths(). */
void live__paths(const char *herdtrace, const char *servers);
const char *live__herdtrace(void);
const char *live__server(const char *name);

/*
 * Runs a program with its stdout in the file out (NULL: nowhere) and its stderr in the file err.
 * Returns its pid, or ends the tests.
 */
pid_t live__spawn(char *const argv[], const char *out, const char *err);

/* The same without a program: 0 in the child. */
pid_t live__fork(const char *out, const char *err);

/* Waits for it. Returns its exit status, 128 + signal when it was killed. */
int live__wait(pid_t pid);

/*
 * Runs "herdtrace -f json OPTIONS -- SERVER", server being the name of a reference server followed
 * by its arguments; both end with NULL. The oracle watches the server's comm.
 */
void live__trace(struct live_run *run, const char *const options[], const char *const server[]);

/* The same with the tracer that is open: live_tracer.h. */
void live__trace_again(struct live_run *run, const char *const options[],
		       const char *const server[]);
void live__begin_trace_again(struct live_run *run, const char *const options[],
			     const char *const server[]);

/*
 * The same in two halves, for tests that make the load themselves: between them they end the run,
 * by SIGINT to run->pid.
 */
void live__begin_trace(struct live_run *run, const char *const options[],
		       const char *const server[]);
void live__end_trace(struct live_run *run);

/* Runs herdtrace with just these arguments, without an oracle; its stdout is parsed as JSON. */
void live__herdtrace_alone(struct live_run *run, const char *const arguments[]);

unsigned live__count_lines(const char *text);

/* "herdtrace OPTION NAME" is refused as wrong use, in one line that has this in it. */
void live__check_refusal(const char *option, const char *name, const char *says);

/* ---- looking at reports ---- */

/* The integer at a path such as "summary.wakes_by_cause.epoll"; -1 when there is none. */
int64_t live__number(const json_t *report, const char *path);
const char *live__word(const json_t *report, const char *path);

/*
 * What must hold in every complete report: all its sums balance, nothing was lost, and its wakes
 * are those of the kernel's own trace event, in total, by cause and by task.
 */
void live__check_balance(const json_t *report);
void live__check_oracle(const struct live_run *run);

/* The latter for anything that has a summary and workers, as a report and a run of verify do. */
void live__check_counts(const json_t *report, const struct oracle_counts *oracle);

/* Does the running kernel have this function? Is its release of this series, such as "5.10"? */
bool live__kernel_has(const char *function);
bool live__kernel_is(const char *series);

/*
 * Waits until every process with this comm sleeps, and there are at least cnt of them. Fails the
 * test after a time in which they would.
 */
void live__wait_asleep(const char *comm, unsigned cnt);

/* Waits until herdtrace is in the loop of a run, where the server is traced: it waits for events nowhere else. */
void live__await_trace(pid_t herdtrace);

/* The first worker of a server, 0: none. */
pid_t live__worker_of(pid_t server);

/* No reference server is left, and no herdtrace. */
void live__check_nothing_left(void);

/* No BPF program of ours is left: may take seconds, so not after every run. */
void live__check_no_program_left(void);

#endif
