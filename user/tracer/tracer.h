/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel side as an object: chooses how each function is hooked on the running kernel, loads
 * and attaches the BPF programs, hands over their records.
 */
#ifndef HERDTRACE_TRACER_H
#define HERDTRACE_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "bpf/record.h"

enum attach_mode {
	ATTACH_AUTO, /* fentry, and kprobe where that cannot be attached */
	ATTACH_FENTRY,
	ATTACH_KPROBE,
};

struct tracer_options {
	enum attach_mode mode;
	size_t buffer_bytes; /* ring buffer; rounded up to a power of two of pages; 0: as buffer.h says */
	bool stacks;         /* keep the kernel stack of each wake */
	const char *cgroup; /* who comes to this directory is followed, too; NULL: nobody */
	bool running;       /* the server runs already: returns from calls that began before */
	bool all_waiters; /* list all waiters of an arrival, not just the first 64 and their number */
};

/* How a function is hooked, for the report and for doctor. */
struct tracer_hook {
	const char *function; /* the one taken; NULL: none of the candidates is there */
	const char *how;      /* "fentry", "kprobe", "tracepoint"; NULL likewise */
};

/* Takes a record of size bytes; a negative value ends the polling with it. */
typedef int (*tracer_sink)(void *arg, const void *record, size_t size);

struct tracer;

/*
 * Chooses, loads and attaches. Nothing is traced until tracer__follow().
 * Returns 0 and a tracer that the caller owns. On failure negative errno, and an error that says
 * what is missing and what would help; nothing stays attached.
 */
int tracer__open(struct tracer **tracer, const struct tracer_options *options, tracer_sink sink,
		 void *arg, struct error *error);

/* Detaches and frees. NULL is allowed. */
void tracer__free(struct tracer *tracer);

const char *tracer__mode(const struct tracer *tracer); /* "fentry" or "kprobe" */

/* The switch of the kernel that keeps all hooks on functions from being called now (privilege.h), NULL: none. */
const char *tracer__switched_off(const struct tracer *tracer);

/* How hooks[index] (hooks.h) is hooked. */
struct tracer_hook tracer__hook(const struct tracer *tracer, size_t index);

/* Follows a task and, from now on, what it forks. Returns 0 or negative errno. */
int tracer__follow(struct tracer *tracer, pid_t tid, pid_t tgid);

/* Finds the listeners that the followed processes have open already. Returns 0 or negative errno. */
int tracer__scan(struct tracer *tracer);

/*
 * Calls that began before the trace are seen to return by a hook on the exit of every system call of the machine. To be
 * asked from time to time, after tracer__scan(): it lets go of that hook once no such call is left, and returns
 * whether it has (or there was none).
 */
bool tracer__drop_exits(struct tracer *tracer);

/* Tells which of the followed processes have a traced listener open now. Returns 0 or negative errno. */
int tracer__tell_holders(struct tracer *tracer);

/* Hands all records that are there to the sink. Returns how many, or the sink's error. */
int tracer__drain(struct tracer *tracer);

/* To wait for: ready when the ring fills up, not for every record. Owned by the tracer. */
int tracer__fd(const struct tracer *tracer);

/*
 * To be asked after each look: is it the last until tracer__fd() is ready? It is where two looks in a row, some
 * milliseconds apart, have found nothing; until then somebody has to look again.
 */
bool tracer__may_sleep(struct tracer *tracer);

/* What was lost, and counted, so far: while a run goes on some of it is on its way to us. */
void tracer__losses(const struct tracer *tracer, struct record_end *so_far);

/*
 * Ends the run: hands over the last records and fills in the totals and losses. The programs are still attached, which
 * takes a second or more to undo, and find nothing to do any more. Returns 0 or negative errno.
 */
int tracer__finish(struct tracer *tracer, struct record_end *end);

/*
 * The same of a tracer that is to be used again, which tracer__finish() may leave without its hooks. Returns 0 or
 * negative errno.
 */
int tracer__rest(struct tracer *tracer, struct record_end *end);

/*
 * Forgets the last run, whose tasks must be gone, and traces for another sink, likewise nothing
 * until tracer__follow(). Returns 0 or negative errno.
 */
int tracer__begin(struct tracer *tracer, tracer_sink sink, void *arg);

/*
 * Has the kernel count the calls of BPF programs, until the returned descriptor is closed;
 * negative errno where it cannot (before 5.8).
 */
int tracer__count_calls(void);

/*
 * How often the programs of hooks[index] were called meanwhile: the least of them. programs: how
 * many they are; run_ns: how long all calls of all of them took together.
 */
uint64_t tracer__calls(const struct tracer *tracer, size_t index, unsigned *programs,
		       uint64_t *run_ns);

/*
 * The kernel stack that record_wake.stack_id stands for, as names from the innermost out, joined
 * by " < ". Returns NULL when there is none. The caller frees it. Only before tracer__free().
 */
char *tracer__stack(struct tracer *tracer, int stack_id);

#endif
