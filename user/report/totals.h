/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What is left of wakes and connections when they are over: sums, and for each listener and worker
 * that ever was a row. Verdicts read nothing else. They grow with tasks and listeners, not with
 * connections, and are good at any moment of a run.
 */
#ifndef HERDTRACE_REPORT_TOTALS_H
#define HERDTRACE_REPORT_TOTALS_H

#include "base/vector.h"
#include "report/closed.h"
#include "report/flow.h"
#include "report/histogram.h"
#include "report/pools.h"

/* An epoll instance that watches a listener. */
struct report_epoll {
	uint32_t pid, fd;   /* a process that has it open, and as what */
	uint32_t watched;   /* number of the listener's descriptor when it was added */
	uint32_t events;    /* as in epoll_ctl() */
	uint32_t processes; /* that have it open, 0: not known */
};

/* A further one is not kept. */
#define EPOLLS_MAX 1024

/* Where tasks are, besides their numbers: texts of the traced system, "" where there is none. */
struct report_place {
	char *unit, *container;
};

/* A further one is not kept: containers may come and go without end. */
#define PLACES_MAX 1024

struct report_listener {
	unsigned id;              /* from 1, in order of appearance */
	char *address;            /* "127.0.0.1:8888", "[::1]:8888", "/run/x.sock", "@name" */
	char *protocol;           /* "tcp" or "unix" */
	unsigned reuseport_group; /* from 1; 0: not in a group */
	uint64_t connections;
	uint64_t accepted;
	bool closed;
	bool reuseport;    /* SO_REUSEPORT is set */
	uint32_t pool;     /* 1 + index, 0: it is in none yet */
	int64_t backlog;   /* so many may wait to be accepted, and one more; -1: not known */
	struct flow *flow; /* NULL: not kept, or nothing yet */
	struct record_endpoint local;
	char path[RECORD_PATH_LEN]; /* of one on AF_UNIX, ends with NUL */
	VECTOR(struct report_epoll) epolls;
};

struct report_worker {
	unsigned
		id; /* from 1, in order of thread id: "worker 3"; 0 before totals__sort_workers() */
	uint32_t pid; /* process (thread group) */
	uint32_t tid;
	uint32_t ns_pid, ns_tid; /* the same in its innermost PID namespace; 0: there is one only */
	uint32_t place;          /* 1 + index among the places of the totals, 0: none */
	char comm[RECORD_COMM_LEN + 1];
	uint64_t wakes; /* without cause lock */
	uint64_t lock_wakes;
	uint64_t outcome[OUTCOME_CNT]; /* of .wakes; the sum is .wakes */
	uint64_t accepted;             /* connections that it accepted */
	uint64_t wasted_cpu_ns;        /* CPU time from the wasted wakes to the next sleep */
	bool waited;                   /* it was seen asleep on a listener */
	struct pool_member *pools;     /* where it takes part, linked by .next_of_worker */
	struct flow *flow;             /* NULL: not kept, or nothing yet */
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
	uint64_t selections_unpredicted; /* those, and where the group has changed meanwhile */
};

/* Under what load a run was taken: idle workers say little about busy ones. */
struct load_sample {
	uint64_t arrivals; /* where it is known who was there */
	uint64_t busy;     /* of them: some worker that was there did not sleep on the listener */
	uint64_t most_queued; /* arrived and not yet accepted, at once, on all listeners */
};

/* What a verdict on stranding rests on. */
struct stranding_sample {
	uint64_t possible; /* connections that came while a worker of their listener was busy ... */
	uint64_t waiting;  /* ... and not counted there: that wait still, nobody knows for whom */
	uint64_t of[STRANDING_CAUSE_CNT];
	int64_t longest_ns; /* that one of those waited which were stranded, but not lost */
	bool is_old;        /* a recording that does not tell of all sleeps */
};

/* How many were stranded, whatever the cause. */
uint64_t stranding_sample__stranded(const struct stranding_sample *sample);

/* What is left of workers and listeners that are gone and have no row (report/fold.h). */
struct folded {
	size_t workers, never_waited, listeners;
	struct report_worker sum;       /* the numbers of the workers */
	uint64_t connections, accepted; /* of the listeners */
};

struct totals {
	struct report_summary summary;
	struct herd_sample herd;
	struct stranding_sample stranding;
	uint64_t first_number, first_ns; /* the first connection: its number, when it arrived */
	uint64_t last_arrival_ns;
	struct load_sample load;
	struct pools pools;
	struct histogram waits_us; /* of the accepted ones, from the arrival, in microseconds */
	struct histogram wakes;    /* of each connection, without cause lock */
	struct report_listener *listeners;
	size_t listener_cnt, listener_capacity;
	struct report_worker *workers;
	size_t worker_cnt, worker_capacity;
	VECTOR(struct report_place) places;
	unsigned listeners_made; /* with those that have no row any more */
	struct folded folded;
	bool keeps_flows;  /* of each listener and worker, and of all */
	struct flow *flow; /* of all, NULL: not kept, or nothing yet */
	uint64_t flows_made;
};

void totals__drop(struct totals *totals);

/* New rows; their indexes count from 0. NULL when out of memory. Good until the next is added. */
struct report_listener *totals__add_listener(struct totals *totals);
struct report_worker *totals__add_worker(struct totals *totals, uint32_t pid, uint32_t tid);

/* Says where a listener is; path: its name on AF_UNIX; NULL: as before. Returns 0 or -ENOMEM. */
int totals__name_listener(struct totals *totals, size_t index, const struct record_endpoint *local,
			  const char *path);

/* 1 + the index of a place with these names, made when there is none; 0: one too many, or no memory. */
uint32_t totals__place(struct totals *totals, const char *unit, const char *container);

/* The place of a worker, NULL: none is known. */
const struct report_place *totals__place_of(const struct totals *totals,
					    const struct report_worker *worker);

/* Notes what is known of an instance, in place of what was. Returns 0 or -ENOMEM. */
int totals__note_epoll(struct report_listener *listener, const struct report_epoll *epoll);

/* Who only tells others that there is something to accept is not in the draw. */
bool totals__is_in_draw(const struct totals *totals, const struct pool_member *member);

/* How many are, or were. */
size_t totals__members_in_draw(const struct totals *totals, const struct pool *pool);

/* Does only one of the workers wait at a time, as a rule, and not because the others are busy? */
bool totals__waits_alone(const struct totals *totals, const struct pool *pool);

/* The pool of a listener, made when it has none: NULL when out of memory. */
struct pool *totals__pool_of(struct totals *totals, size_t listener);

/* A listener has closed, or turns out to be (or not to be) one of a group. */
void totals__leave_pool(struct totals *totals, size_t listener);

/* A wake is over: for its worker and its cause, whatever connection it is part of. */
void totals__add_wake(struct totals *totals, const struct closed_wake *wake);

/* What came of a wake that was added is something else, as it turned out with its connection. */
void totals__change_outcome(struct totals *totals, struct closed_wake *wake,
			    enum wake_outcome outcome);

/* No connection has this wake, nor will one. */
void totals__add_unclaimed(struct totals *totals, enum wake_cause cause);

/* A connection is over, with all its wakes. */
void totals__add_connection(struct totals *totals, const struct closed_connection *connection);

/* Numbers the groups of listeners that share a port through SO_REUSEPORT. Returns 0 or -ENOMEM. */
int totals__number_groups(struct totals *totals);

/*
 * Puts the workers in order of thread id, which is mostly that of their making, and numbers them.
 * row_of gets for each worker's index its new one; room for all of them is the caller's.
 */
void totals__sort_workers(struct totals *totals, uint32_t *row_of);

#endif
