/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The finished result of a run: what the model hands to the renderers. Plain data, complete and
 * checked; a renderer needs nothing else and decides nothing. The rows of connections may be many: they
 * are asked for one by one, or not kept at all.
 *
 * Everything is owned by the struct report and freed by report__free(). Strings are never NULL
 * unless said so. Texts that came from the traced system (comm, command, notes) are untrusted
 * bytes, terminated by NUL: whoever prints them makes them harmless first.
 */
#ifndef HERDTRACE_REPORT_H
#define HERDTRACE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/rows.h"
#include "report/totals.h"

enum verdict {
	VERDICT_INCONCLUSIVE,
	VERDICT_PROVED,
	VERDICT_REFUTED,
};

struct report_hook {
	char *function; /* the kernel function or tracepoint taken */
	char *how;      /* "fentry", "kprobe", "tracepoint" */
};

struct report_loss {
	uint64_t ring_drops;
	uint64_t map_full;
	uint64_t missed_probes;
	uint64_t long_lists;  /* of ready epoll items, that could not be searched to the end */
	uint64_t early_calls; /* waits from before the trace whose return was not seen */
	uint64_t
		unbalanced; /* identities of the model that did not hold, records that contradict */
	bool incomplete;    /* any of the above, or the stream has no end */
	char *reason;       /* "" when complete */
};

struct report_verdict {
	enum verdict value;
	char *reason; /* one sentence with its numbers */
};

/* Of the pool that the verdict on skew is about: the worst one. */
struct skew_finding {
	uint64_t draws;
	size_t workers;
	int64_t pool;       /* index in the totals, -1: there is none with two workers */
	uint32_t worker;    /* index of the one that has won the most for its share */
	double share;       /* that it has won ... */
	double even_share;  /* ... that would have been even ... */
	double bound;       /* ... and that it can have at most, at 95 % */
	double chance;      /* that a fair split comes out as uneven */
	double least_share; /* of the worker that has won the least */
	/* Proved: 1 + the index of a worker that was absent for so long that this is why; 0: none was. */
	uint32_t stalled;
	struct pool_absence absence;
};

struct verdicts {
	struct report_verdict herd, skew, stranding;
	double herd_bound; /* a herd at more than this share of opportunities is ruled out, at 95 %; 1 */
	struct skew_finding skew_finding;
	char *advice; /* which function woke them, which change would avoid it; "" when none is needed */
};

/* The kernel stack of wakes of one cause (--stacks). */
struct report_stack {
	int id;
	enum wake_cause cause;
	uint64_t wakes;
	char *names; /* of functions, from the innermost out, joined by STACK_SEPARATOR */
};

#define STACK_SEPARATOR " < "

struct report {
	char *kernel_release;
	char *kernel_arch;
	char *attach_mode;
	struct report_hook *hooks;
	size_t hook_cnt;
	char **command;
	size_t command_cnt;
	char **notes; /* each a line that a reader must know */
	size_t note_cnt;
	uint64_t asked;  /* connections that the client was to open, 0: there was none */
	char *shortfall; /* why there is less than was asked for, "" nothing is short; also a note */
	uint64_t ended_ns; /* when the trace ended, on CLOCK_MONOTONIC; 0: not known */
	char *version;     /* of the herdtrace that traced, "": not known */
	char *host;        /* likewise */
	uint64_t wall_begun_ns, wall_ended_ns; /* of the trace, since 1970; 0: not known */
	char *server_exit;                     /* how the server ended, "" unknown */

	struct report_stack *stacks; /* by cause, the most frequent of one first */
	size_t stack_cnt;

	struct totals totals;
	struct report_loss loss;
	struct verdicts verdicts;

	struct rows *rows; /* of the connections, NULL: not kept */
	/* All of them at once, after report__load(). */
	struct report_connection *connections;
	size_t connection_cnt;
};

/* Frees a report and all that it owns. NULL is allowed. */
void report__free(struct report *report);

/* Frees what verdicts own, all of which may be NULL. */
void verdicts__drop(struct verdicts *verdicts);

/* Was less seen than was asked for? What was counted is right all the same. */
bool report__is_short(const struct report *report);

/*
 * The rows of connections, one after another in order of arrival, each good until the next is asked
 * for. A cursor of zeros stands before the first.
 */
struct report_cursor {
	uint64_t at;
	struct report_connection row; /* read from report.rows */
	struct rows_capacity capacity;
};

/* The next row, NULL when there is none: *err is 0 then, or what reading it failed with. */
const struct report_connection *report__next(const struct report *report,
					     struct report_cursor *cursor, int *err);
void report_cursor__end(struct report_cursor *cursor);

/* Reads all rows into report->connections. Returns 0 or negative errno. */
int report__load(struct report *report);

const char *verdict__name(enum verdict verdict);

#endif
