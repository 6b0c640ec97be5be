/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Wakes and connections whose story is over, as the model hands them on: to the totals, and to whoever
 * wants rows. Numbers of listeners, workers and connections are those of the model; which number a
 * reader sees is known at the end only (report/rows.h).
 */
#ifndef HERDTRACE_REPORT_CLOSED_H
#define HERDTRACE_REPORT_CLOSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/* What came of a wake, in the order in which the summary names them. */
enum wake_outcome {
	OUTCOME_ACCEPTED,  /* the task accepted a connection before it slept again */
	OUTCOME_HANDED_ON, /* it told another thread of its process, which accepted */
	OUTCOME_EAGAIN,    /* it called accept and got nothing */
	OUTCOME_SWALLOWED, /* it slept again inside the kernel: user space never heard */
	OUTCOME_IDLE,      /* it returned to user space and never called accept */
	OUTCOME_EXITED,    /* it ended */
	OUTCOME_PENDING,   /* the trace ended first */
	OUTCOME_CNT,
};

#define REPORT_UNKNOWN_NS INT64_C(-1) /* a time that was not observed: shown as absent */

struct closed_wake {
	uint32_t worker; /* index among the workers of the totals */
	uint32_t waker_tid;
	enum wake_cause cause;
	enum wake_outcome outcome;
	uint64_t accepted; /* 1 + number of the connection it accepted; 0: none, or an older one */
	int64_t run_ns; /* from the wake until it ran; REPORT_UNKNOWN_NS: it was running already */
	int64_t cpu_ns; /* until the next sleep; REPORT_UNKNOWN_NS */
	bool rearmed; /* chain: its maker had returned to user space, and armed a ready item again */
};

enum connection_end {
	CONNECTION_ACCEPTED,
	CONNECTION_WAITING, /* in the accept queue when the trace ended */
	CONNECTION_LOST,    /* its listener closed before anybody accepted it */
};

/* Why a connection waited although somebody could have taken it, or nobody ever could. */
enum stranding_cause {
	STRANDING_NONE,   /* it did not */
	STRANDING_LOST,   /* its listener closed */
	STRANDING_NOBODY, /* nobody is left that waits on its listener */
	STRANDING_RUN,    /* a task was woken for it and got no CPU */
	STRANDING_GROUP,  /* those who slept did so on other listeners of its group */
	STRANDING_LISTENER, /* somebody slept on its listener: another one was woken and did not take it */
	STRANDING_CAUSE_CNT,
};

/* One reuseport selection, joined to its connection by listener and peer. */
struct report_selection {
	bool present;
	uint32_t hash;
	uint32_t socks;
	uint32_t index; /* RECORD_NO_INDEX: not found in the group, which has changed */
	uint32_t predicted;
	bool program; /* a BPF program of the group chose */
	int cpu;      /* that chose, -1: not known */
};

/* ---- what a picture of a connection needs besides, kept where one is asked for (model__keep_stories()) ---- */

/*
 * When what happened to a wake, on the clock of the records; 0: not observed. It first returned to user space after that,
 * from whatever call; accept() gave it a connection, or else first EAGAIN; it slept in a waiting call again, ended, or
 * was woken anew before that showed.
 */
struct closed_moments {
	uint64_t woken_ns, returned_ns, accept_ns, slept_ns;
	int32_t waker_cpu;      /* -1: not known */
	int32_t stack_id;       /* -1: none */
	uint32_t waker_context; /* enum waker_context */
};

/* Who slept at the arrival, one for each place in which it was found. */
struct closed_waiter {
	uint32_t worker; /* index among the workers of the totals */
	uint32_t place;  /* as in record_waiter: 0: not known */
	uint16_t cause;  /* enum wake_cause: what its wake would be called */
	uint8_t flags;   /* enum waiter_flag */
	bool elsewhere;  /* on another listener of the group */
};

struct closed_story {
	uint64_t syn_ns; /* when its SYN came, on the clock of the records; 0: not known */
	size_t waiter_cnt;
	struct closed_waiter *waiters;  /* in order of the queue, elsewhere last */
	struct closed_moments *moments; /* one for each wake */
};

struct closed_connection {
	uint64_t number;        /* in order of arrival, from 0, those that were refused included */
	uint64_t time_ns;       /* of the arrival */
	int64_t waited_ns;      /* until it was accepted, was lost for good, or the trace ended */
	uint32_t listener;      /* index among the listeners of the totals */
	uint32_t migrated_from; /* 1 + index of the listener it was moved from, 0: it was not */
	uint32_t accepted_by;   /* 1 + index of the worker, 0: nobody */
	uint32_t waiters;       /* distinct tasks asleep at the arrival */
	uint32_t listed;        /* of them: those that were named */
	uint32_t group_idle;    /* on other listeners of its group, and not on this one */
	uint32_t
		asleep; /* distinct tasks that slept there, here or elsewhere in its group: seen so, or woken */
	uint32_t there;  /* workers that were known then, 0: not known */
	uint32_t queued; /* it and all others that were not accepted yet, on all listeners */
	uint32_t first; /* 1 + index of the worker that was first in the wait queue, 0: not known */
	bool drawn;     /* it was not just one more of what a worker took in one go */
	uint32_t offers;
	uint32_t tasks; /* distinct tasks woken, hand-overs of the lock aside */
	bool waiters_truncated;
	bool was_busy; /* at the arrival somebody who could have taken it did not wait, or nobody did */
	enum stranding_cause stranding;
	enum connection_end end;
	struct record_endpoint peer;
	struct report_selection selection;
	size_t wake_cnt;
	struct closed_wake *wakes;        /* in order; owned by whoever made the struct */
	const struct closed_story *story; /* NULL: not kept */
};

/*
 * Takes a closed connection, which is good until it returns. Not in order of arrival: a younger one
 * may be over first. Returns 0 or negative errno.
 */
typedef int (*closed_sink)(void *arg, const struct closed_connection *connection);

/* Of no use to anybody; one that is pending is neither. */
bool wake_outcome__is_wasted(enum wake_outcome outcome);

/* Woken, and woken for nothing: the wakes of a connection, hand-overs of the lock aside. */
unsigned closed_connection__woken(const struct closed_connection *connection);
unsigned closed_connection__wasted(const struct closed_connection *connection);

/* A connection during which somebody who could have taken it sleeps longer than this is stranded. */
#define STRANDED_NS INT64_C(100000000)

/* Is it known what the formula would have had to choose, and did it have the choice? A program may choose the same. */
bool report_selection__is_predicted(const struct report_selection *selection);

/* It did, and so it was. */
bool report_selection__as_predicted(const struct report_selection *selection);

#endif
