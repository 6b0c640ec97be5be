/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the model: shared by model.c, which fills it, and model_report.c, which reads it. */
#ifndef HERDTRACE_MODEL_STATE_H
#define HERDTRACE_MODEL_STATE_H

#include <stdlib.h>

/* Out of memory is an error to report, not a reason to exit. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "model/model.h"

#define NONE SIZE_MAX /* no such index */

/* A growing array of one type. */
#define VECTOR(type)                  \
	struct {                      \
		type *at;             \
		size_t cnt, capacity; \
	}

/* Makes room for one more zeroed element and counts it; NULL when out of memory. */
#define vector_add(v)                                                                 \
	(vector__grow((void **)&(v)->at, &(v)->cnt, &(v)->capacity, sizeof(*(v)->at)) \
		 ? NULL                                                               \
		 : &(v)->at[(v)->cnt++])

int vector__grow(void **at, size_t *cnt, size_t *capacity, size_t size);

/* From one time to a later one; no clock is trusted to go forward, nor to be sane. */
static inline int64_t elapsed_ns(uint64_t from, uint64_t to)
{
	uint64_t ns = to > from ? to - from : 0;

	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

struct model_listener {
	size_t index; /* among the listeners */
	uint64_t handle;
	struct record_endpoint local;
	char path[RECORD_PATH_LEN]; /* of an AF_UNIX listener */
	bool reuseport, closed;
	struct model_connection *newest; /* of its connections, linked by .older */
	UT_hash_handle hh;               /* while it is open */
};

struct model_worker {
	uint32_t pid, tid;
	char comm[RECORD_COMM_LEN + 1];
	uint64_t accepted;
};

/* What a task has done since its oldest open wake. */
struct model_evidence {
	bool returned, eagain, accepted;
	size_t connection; /* the first it accepted, NONE: one from before the trace */
};

struct model_task {
	uint32_t tid, tgid;
	char comm[RECORD_COMM_LEN + 1];
	size_t worker;    /* NONE until it waits, wakes or accepts */
	size_t open_wake; /* newest open wake, linked by .older_open */
	size_t woken_for; /* connection of its open wake, not a hand-over, until it accepts one */
	size_t orphans;   /* newest lock hand-over of its making that has no arrival yet */
	struct model_evidence evidence;
	UT_hash_handle hh;
};

struct model_wake {
	size_t connection; /* NONE: a lock hand-over that concerned no connection */
	size_t worker;
	size_t older_open; /* of the same task */
	size_t older_orphan;
	uint32_t waker_tid;
	enum wake_cause cause;
	enum wake_outcome outcome;
	size_t accepted;
	bool ran;
	uint64_t time_ns, exec_ns;
	int64_t run_ns, cpu_ns;
};

struct model_connection {
	size_t index; /* among the connections */
	uint64_t arrival, child, time_ns, accept_ns;
	struct model_listener *listener, *migrated_from;
	struct model_connection *older; /* the one before it on the same listener */
	size_t first_wake;              /* wakes from this one on can be a consequence of it */
	struct record_endpoint peer;
	VECTOR(size_t) waiters, elsewhere; /* workers, as often as they were seen waiting */
	unsigned offers;
	bool truncated, refused;
	enum connection_end end;
	size_t accepted_by; /* worker */
	struct report_selection selection;
	UT_hash_handle by_arrival, by_child;
};

/* The name of a connection since it was moved to another listener; the one before it stays good. */
struct model_alias {
	uint64_t arrival;
	struct model_connection *connection; /* NULL: it had arrived before the trace */
	UT_hash_handle hh;
};

/* A selection that waits for its connection; keyed by the bytes from listener to peer. */
struct selection_key {
	uint64_t listener; /* index: a handle may be used again */
	struct record_endpoint peer;
};

struct model_selection {
	struct selection_key key;
	struct report_selection what;
	UT_hash_handle hh;
};

struct model {
	char *release, *arch, *mode, *server_exit;
	VECTOR(struct report_hook) hooks;
	VECTOR(char *) command;
	VECTOR(char *) notes;
	VECTOR(struct model_listener *) listeners;
	VECTOR(struct model_worker) workers;
	VECTOR(struct model_connection *) connections;
	VECTOR(struct model_wake) wakes;
	struct model_task *tasks; /* by tid */
	struct model_connection *by_arrival, *by_child;
	struct model_alias *aliases;           /* by arrival */
	struct model_listener *open_listeners; /* by handle */
	struct model_selection *selections;
	struct record_end end;
	bool ended;
	size_t open_wakes;
	uint64_t arrivals, accepted, refused, lost, herd_wakes, accepted_untracked;
	uint64_t queued;         /* connections that had arrived before the trace */
	uint64_t untold_wakes;   /* for those of them that were moved: in no row */
	uint64_t contradictions; /* records that fit nothing that came before */
	uint64_t unknown_causes;
	uint64_t last_ns;
};

/* ---- model.c: tasks ---- */

struct model_task *model__find_task(struct model *m, uint32_t tid);

/* The same, made when it is not known; NULL when out of memory. */
struct model_task *model__get_task(struct model *m, uint32_t tid, uint32_t tgid);

void model__set_comm(struct model *m, struct model_task *t, const char *comm);

/* Index of the task's row among the workers, made on first use; NONE when out of memory. */
size_t model__get_worker(struct model *m, struct model_task *t);

/* ---- model_connections.c ---- */

struct model_connection *model__find_arrival(struct model *m, uint64_t arrival);

/* Is it the move of a connection that had arrived before the trace? */
bool model__predates(struct model *m, uint64_t arrival);

int model__add_listen(struct model *m, const struct record_listen *r);
void model__add_path(struct model *m, const struct record_path *r);
void model__add_unlisten(struct model *m, const struct record_unlisten *r);
int model__add_select(struct model *m, const struct record_select *r);
int model__add_arrival(struct model *m, const struct record_arrival *r);
void model__add_refused(struct model *m, const struct record_refused *r);
int model__add_migrate(struct model *m, const struct record_migrate *r);
int model__add_waiter(struct model *m, const struct record_waiter *r);
void model__add_walk(struct model *m, const struct record_walk *r);

/* ---- model_wakes.c ---- */

/* Closes the task's open wakes and forgets it. */
void model__end_task(struct model *m, struct model_task *t);

int model__add_wake(struct model *m, const struct record_wake *r);
void model__add_run(struct model *m, const struct record_run *r);
int model__add_accept(struct model *m, const struct record_accept *r);
void model__add_return(struct model *m, const struct record_return *r);
void model__add_sleep(struct model *m, const struct record_sleep *r);

#endif
