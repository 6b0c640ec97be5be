/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The finished result of a run: what the model hands to the renderers. Plain data, complete and
 * checked; a renderer needs nothing else and decides nothing.
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

#include "bpf/record.h"

/* What came of a wake, in the order in which the summary names them. */
enum wake_outcome {
	OUTCOME_ACCEPTED,  /* the task accepted a connection before it slept again */
	OUTCOME_EAGAIN,    /* it called accept and got nothing */
	OUTCOME_SWALLOWED, /* it slept again inside the kernel: user space never heard */
	OUTCOME_IDLE,      /* it returned to user space and never called accept */
	OUTCOME_EXITED,    /* it ended */
	OUTCOME_PENDING,   /* the trace ended first */
	OUTCOME_CNT,
};

enum verdict {
	VERDICT_INCONCLUSIVE,
	VERDICT_PROVED,
	VERDICT_REFUTED,
};

#define REPORT_UNKNOWN_NS INT64_C(-1) /* a time that was not observed: shown as absent */

/*
 * A number of things by cause; the index is enum wake_cause. [0] stays 0, and in a complete run
 * [CAUSE_OTHER] does, too.
 */
struct cause_counts {
	uint64_t of[CAUSE_CNT];
};

struct report_hook {
	char *function; /* the kernel function or tracepoint taken */
	char *how;      /* "fentry", "kprobe", "tracepoint" */
};

struct report_listener {
	unsigned id;              /* from 1, in order of appearance */
	char *address;            /* "127.0.0.1:8888", "[::1]:8888", "/run/x.sock", "@name" */
	char *protocol;           /* "tcp" or "unix" */
	unsigned reuseport_group; /* from 1; 0: not in a group */
	uint64_t connections;
	uint64_t accepted;
	bool closed;
};

struct report_worker {
	unsigned id;  /* from 1, in order of appearance: "worker 3" */
	uint32_t pid; /* process (thread group) */
	uint32_t tid;
	char *comm;
	uint64_t wakes; /* without cause lock */
	uint64_t lock_wakes;
	uint64_t outcome[OUTCOME_CNT]; /* of .wakes; the sum is .wakes */
	uint64_t accepted;             /* connections that it accepted */
	uint64_t wasted_cpu_ns;        /* CPU time from the wasted wakes to the next sleep */
};

struct report_wake {
	uint32_t tid;
	uint32_t pid;
	unsigned worker; /* id */
	uint32_t waker_tid;
	enum wake_cause cause;
	enum wake_outcome outcome;
	unsigned
		accepted_connection; /* id of what it accepted, 0: nothing, or from before the trace */
	int64_t wake_to_run_ns;      /* REPORT_UNKNOWN_NS: it was running already */
	int64_t cpu_ns;              /* until the next sleep; REPORT_UNKNOWN_NS */
};

enum connection_end {
	CONNECTION_ACCEPTED,
	CONNECTION_WAITING, /* in the accept queue when the trace ended */
	CONNECTION_LOST,    /* its listener closed before anybody accepted it */
};

/* One reuseport selection, joined to its connection by listener and peer. */
struct report_selection {
	bool present;
	uint32_t hash;
	uint32_t socks;
	uint32_t index; /* RECORD_NO_INDEX: not found in the group */
	uint32_t predicted;
	bool program; /* a BPF program of the group chose */
	int cpu;      /* that chose, -1: not known */
};

struct report_connection {
	unsigned id;            /* from 1, in order of arrival */
	int64_t time_ns;        /* since the first arrival */
	unsigned listener;      /* id; of a migrated connection, that of the last one */
	unsigned migrated_from; /* id of the listener whose closing moved it (tcp_migrate_req), 0 */
	char *peer;       /* "127.0.0.1:40502"; "pid 712" of an AF_UNIX client, "pid ?" unknown */
	unsigned waiters; /* distinct tasks asleep at the arrival */
	bool waiters_truncated; /* there may have been more */
	unsigned offers;
	struct report_wake *wakes; /* cause lock included */
	size_t wake_cnt;
	unsigned woken;  /* without cause lock */
	unsigned wasted; /* of .woken */
	enum connection_end end;
	uint32_t accepted_by;         /* tid, 0: nobody */
	unsigned accepted_worker;     /* worker id, 0: nobody */
	int64_t arrival_to_accept_ns; /* REPORT_UNKNOWN_NS */
	int64_t waited_ns;            /* until it was accepted, or until the trace ended */
	unsigned group_idle; /* tasks asleep on other listeners of its group at the arrival */
	bool stranded;
	struct report_selection selection;
};

struct report_summary {
	uint64_t connections;
	uint64_t accepted;
	uint64_t waiting; /* connections by end */
	uint64_t lost;
	uint64_t migrated; /* moved from a closing listener to another one, whatever came then */
	uint64_t accepted_untracked; /* accepted here, arrived before the trace: in no connection */
	uint64_t wakes;              /* without cause lock */
	uint64_t wasted;             /* of .wakes: every outcome but accepted and pending */
	struct cause_counts wakes_by_cause;
	uint64_t lock_without_arrival; /* of .wakes_by_cause lock: no connection was concerned */
	uint64_t outcome[OUTCOME_CNT]; /* of .wakes */
	uint64_t offers;
	uint64_t wasted_cpu_ns;
	uint64_t selections;           /* reuseport selections that belong to a connection */
	uint64_t selections_predicted; /* of them, as the formula says */
	uint64_t selections_by_program;
};

struct report_loss {
	uint64_t ring_drops;
	uint64_t map_full;
	uint64_t missed_probes;
	uint64_t
		unbalanced; /* identities of the model that did not hold, records that contradict */
	bool incomplete;    /* any of the above, or the stream has no end */
	char *reason;       /* "" when complete */
};

struct report_verdict {
	enum verdict value;
	char *reason; /* one sentence with its numbers */
};

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
	uint64_t ended_ns; /* when the trace ended, on CLOCK_MONOTONIC; 0: not known */
	char *server_exit; /* how the server ended, "" unknown */

	struct report_listener *listeners;
	size_t listener_cnt;
	struct report_worker *workers;
	size_t worker_cnt;
	struct report_connection *connections;
	size_t connection_cnt;

	struct report_summary summary;
	struct report_loss loss;
	struct report_verdict herd, skew, stranding;
	char *advice; /* which function woke them, which change would avoid it; "" when none is needed */
};

/* Frees a report and all that it owns. NULL is allowed. */
void report__free(struct report *report);

/* Standard words: "accept", "epoll", ...; "eagain", "swallowed", ...; "proved", ... */
const char *wake_cause__name(enum wake_cause cause);
const char *wake_outcome__name(enum wake_outcome outcome);
const char *verdict__name(enum verdict verdict);

#endif
