/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A connection as a reader sees it: with the numbers that listeners, workers and rows have in the end. */
#ifndef HERDTRACE_REPORT_ROW_H
#define HERDTRACE_REPORT_ROW_H

#include "report/closed.h"

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
	/*
	 * Since the first arrival, as .time_ns of a connection is; REPORT_UNKNOWN_NS: not observed. returned: the first
	 * return to user space, from whatever call. accept: it got a connection, or else EAGAIN for the first time.
	 * slept: in a waiting call again, or it ended, or was woken anew before a sleep showed. ended: what decided the
	 * outcome: the accept where it accepted, else that sleep or end.
	 */
	int64_t woken_ns, ran_ns, returned_ns, accept_ns, slept_ns, ended_ns;
	int waker_cpu; /* -1: not known */
	enum waker_context waker_context;
	int stack_id; /* of report_stack, -1: none */
	bool rearmed; /* chain: its maker had returned to user space, and armed a ready item again */
};

enum reached {
	REACHED_UNKNOWN,
	REACHED_NO,
	REACHED_YES,
};

/* A task that slept at the arrival; one that did so in two entries of the queue is there twice. */
struct report_waiter {
	uint32_t tid;
	uint32_t pid;
	unsigned worker;       /* id */
	enum wake_cause cause; /* what its wake would be called */
	uint32_t place;        /* ascends in the order of the listener's queue; 0: not known */
	/* Of the queue: those in one epoll instance share one, and have one number, from 1; 0: not known. Entries in
	 * which nobody slept have none. */
	unsigned entry;
	bool known;     /* whether its entry is exclusive is known ... */
	bool exclusive; /* ... and it is */
	bool elsewhere; /* on another listener of the reuseport group */
	enum reached
		reached; /* the walk, or that over its epoll instance's queue, called its function */
};

#define REPORT_PEER_SIZE 64

struct report_connection {
	unsigned id;            /* from 1, in order of arrival */
	int64_t time_ns;        /* since the first arrival */
	unsigned listener;      /* id; of a migrated connection, that of the last one */
	unsigned migrated_from; /* id of the listener whose closing moved it (tcp_migrate_req), 0 */
	char peer
		[REPORT_PEER_SIZE]; /* "127.0.0.1:40502"; "pid 712" of an AF_UNIX client, "pid ?" */
	unsigned waiters;           /* distinct tasks asleep at the arrival */
	unsigned waiters_named;     /* of them: that were named, the others were counted */
	bool waiters_truncated;     /* there may have been more */
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
	int64_t accepted_ns;          /* since the first arrival; REPORT_UNKNOWN_NS: it was not */
	/* From when its SYN came, or, without a selection, was answered; REPORT_UNKNOWN_NS. */
	int64_t syn_to_arrival_ns;
	unsigned group_idle; /* tasks asleep on other listeners of its group at the arrival */
	bool stranded;
	struct report_selection selection;
	/* Kept where a picture is asked for (model__keep_stories()); else there is no list, and no time of a wake. */
	bool has_story;
	struct report_waiter *waiter_list; /* in order of the queue; those elsewhere come last */
	size_t waiter_cnt;
};

#endif
