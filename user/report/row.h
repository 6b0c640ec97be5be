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
	unsigned group_idle; /* tasks asleep on other listeners of its group at the arrival */
	bool stranded;
	struct report_selection selection;
};

#endif
