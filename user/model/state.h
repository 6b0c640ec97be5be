/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Inside of the model: what is open now. What is over is handed on and freed (retire.c); only numbers
 * of it are kept. Each file takes the records of one kind; calls go from model.c down to tasks.c:
 *
 *   model.c       which function takes which record; where a run stands
 *   head.c        META: settings, notes
 *   finish.c      the end: what is open now, the identities, the report
 *   accepts.c     who takes a connection; returns from waiting calls
 *   wakes.c       from a wake to its outcome
 *   connections.c arrivals and what becomes of them, until somebody accepts
 *   retire.c      closed connections and wakes: to the totals and the sinks
 *   room.c        where connections and wakes lie
 *   queue.c       the lists in which a connection stands
 *   lost.c        connections of closed listeners that may still be another one's
 *   listeners.c   from listen to close
 *   holders.c     who had a listener open in the end
 *   stacks.c      kernel stacks of wakes
 *   places.c      where tasks are; epoll instances: what /proc says
 *   selections.c  choices of a reuseport group that wait for their connection
 *   sleeps.c      who slept while a connection waited
 *   tasks.c       tasks and workers
 *   sweep.c       forgetting what came and went
 */
#ifndef HERDTRACE_MODEL_STATE_H
#define HERDTRACE_MODEL_STATE_H

#include <stdlib.h>

/* Out of memory is an error to report, not a reason to exit. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/slab.h"
#include "base/vector.h"
#include "model/model.h"

#define NO_WORKER UINT32_MAX

struct model_listener {
	uint32_t index;  /* among the listeners of the totals */
	uint64_t number; /* among all that ever were, from 1 */
	uint64_t handle;
	struct model_connection *queued;    /* linked by .prev and .next, the newest first */
	struct model_selection *selections; /* linked likewise */
	bool was_there;                     /* before the trace: so may be what is in its queue */
	/* The first accept of what has arrived since, among all that were told; 0: none. A queue is first in,
	 * first out: who begins an accept from then on takes nothing older. */
	uint64_t drained_by;
	UT_hash_handle hh;
};

/* What a task has done since its oldest open wake. */
struct model_evidence {
	bool returned, eagain, accepted;
	uint64_t connection; /* 1 + number of the first it accepted; 0: one from before the trace */
	uint64_t returned_ns, accept_ns; /* as in struct closed_moments */
};

struct model_task {
	uint32_t tid, tgid;
	char comm[RECORD_COMM_LEN + 1];
	uint32_t worker; /* index in the totals; NO_WORKER until it waits, wakes, accepts */
	uint32_t ns_pid, ns_tid, place; /* as in struct report_worker */
	uint64_t born;                  /* draws of the run when it was forked, 0: it was there */
	uint32_t drains; /* 1 + the pool that it has accepted from since it last slept, 0: none */
	struct pool_member *member;   /* the last pool that it took part in; NULL: none */
	uint64_t last_accept;         /* the number, among all, of the last one it told, 0: none */
	struct model_wake *open_wake; /* the newest, linked by .older_open */
	/* The connection of its open wake, not a hand-over, until it accepts one: that wake is open as
	 * long, and so the connection is not retired. */
	struct model_connection *woken_for;
	enum wake_cause
		woken_by; /* the cause of that wake as long as it is open; 0: there is none */
	struct model_wake
		*orphans; /* newest lock hand-over of its making that has no arrival yet */
	struct model_evidence evidence;
	VECTOR(uint32_t) ties; /* listeners that it waits on or has accepted from, by index */
	uint32_t oldest_tie;
	uint64_t asleep_in, asleep_ns; /* the period in which it sleeps now, 0: none; since when */
	struct model_task *earlier_sleeper, *later_sleeper; /* who sleep in this period */
	UT_hash_handle hh;
};

/* What is known of a listener's queue besides the connections in it; kept when it has closed. */
struct model_queue_state {
	uint32_t tied; /* tasks that are there and wait on it, or have accepted from it */
	uint64_t slept_through_ns; /* what arrived before and waits, somebody has slept through */
};

/* Freed with its connection, or when it is neither open nor an orphan and has none. */
struct model_wake {
	uint64_t number;  /* among all wakes, from 0 */
	uint64_t of_task; /* likewise among those of its task, from 1; 0: not recorded */
	uint64_t time_ns, exec_ns;
	struct closed_wake what; /* .outcome is pending while it is open */
	struct model_connection *connection;
	struct model_wake *older_open;   /* of the same task */
	struct model_wake *older_orphan; /* of the same waker */
	struct model_wake *later;        /* of the same connection */
	bool is_open, is_orphan, ran;
	struct model_wake *prev, *next;  /* all there are */
	struct closed_moments moments[]; /* one, if kept */
};

/* What a picture of a connection needs besides. */
struct model_story {
	uint64_t syn_ns;                     /* 0: not known */
	VECTOR(struct closed_waiter) listed; /* waiters, in the order in which they were told */
};

struct model_connection {
	uint64_t number; /* in order of arrival, from 0 */
	uint64_t arrival, child, time_ns, accept_ns;
	uint32_t listener, migrated_from; /* index; 1 + index, 0: it was not */
	struct model_listener *queue;     /* whose list it is in, NULL: none */
	struct model_connection *prev, *next;
	uint64_t settled_ns; /* when it was over, if .is_recent */
	uint64_t first_wake; /* wakes from this number on can be a consequence of it */
	struct record_endpoint peer;
	VECTOR(uint32_t) waiters, elsewhere; /* workers, as often as they were seen waiting */
	uint32_t unlisted;                   /* tasks that waited, too; nobody knows which */
	uint32_t front,
		front_place;    /* 1 + the worker that is first in the wait queue; 0: not known */
	uint32_t queued, there; /* as in struct closed_connection */
	bool drawn;
	uint32_t offers;
	bool truncated, refused;
	bool has_child; /* it is found by its child */
	bool is_recent;
	bool may_move; /* it is among the lost ones, linked by .prev and .next */
	enum connection_end end;
	uint32_t accepted_by; /* 1 + worker */
	bool by_woken;        /* which had a wake open, for whatever connection */
	bool slept_through;   /* somebody slept meanwhile who could have taken it */
	uint32_t tied; /* tasks that waited on its listener before, and were there at its arrival */
	struct report_selection selection;
	struct model_story *story;       /* NULL: not kept */
	struct model_wake *first, *last; /* its wakes in order of their number, linked by .later */
	size_t open_wakes;
	struct model_alias *aliases;
	struct model_connection *next_recent;
	UT_hash_handle by_arrival, by_child;
};

/* The name of a connection since it was moved to another listener; the one before it stays good. */
struct model_alias {
	uint64_t arrival;
	struct model_connection *connection; /* NULL: it had arrived before the trace */
	struct model_alias *next;            /* of the same connection */
	UT_hash_handle hh;
};

/*
 * A selection that waits for its connection; keyed by the bytes from listener to peer. Most that stay are
 * of handshakes that never end: the newest of the run are kept, those of open listeners.
 */
struct selection_key {
	uint64_t listener; /* number: a handle may be used again */
	struct record_endpoint peer;
};

struct model_selection {
	struct selection_key key;
	struct report_selection what;
	uint64_t time_ns;
	struct model_listener *of;
	struct model_selection *prev, *next; /* of the same listener */
	UT_hash_handle hh;
};

struct stack_key {
	int32_t id;
	uint32_t cause;
};

struct model_stack {
	struct stack_key key;
	uint64_t wakes;
	char *names; /* NULL: not told */
	UT_hash_handle hh;
};

/* A process that had a listener open when the trace ended. */
struct model_holder {
	uint32_t pool; /* index */
	uint32_t pid, parent;
	bool takes_part;
};

/* 1 + the number of the connection for which a worker was counted last, as one of those that ... */
struct model_marks {
	uint64_t waited, waited_elsewhere, woken;
};

#define MODEL_TASKS_MET 256

struct model {
	char *release, *arch, *mode, *server_exit, *shortfall, *version, *host;
	uint64_t begun_ns, ended_ns; /* on CLOCK_REALTIME, 0: not known */
	uint64_t asked;              /* connections, of the client; 0: there was none */
	VECTOR(struct report_hook) hooks;
	VECTOR(char *) command;
	VECTOR(char *) notes;
	struct totals totals;
	struct {
		closed_sink take;
		void *arg;
	} sinks[MODEL_SINKS_MAX];
	size_t sink_cnt;
	struct {
		model_counter count; /* NULL: there is none */
		void *arg;
	} counter;
	struct model_task *tasks; /* by tid */
	struct model_task
		*met[MODEL_TASKS_MET]; /* likewise, those met last: by tid modulo the number */
	struct model_connection
		*met_connection; /* the one that was found last, NULL: it is freed */
	struct model_connection *by_arrival,
		*by_child; /* all that are not retired; if .has_child */
	struct model_connection *oldest_recent, *newest_recent;
	size_t recent_cnt;
	struct model_connection *lost_ones;      /* the first that was lost first */
	size_t lost_cnt;                         /* of these */
	struct model_alias *aliases;             /* by arrival */
	struct model_listener *open_listeners;   /* by handle, in order of appearance */
	struct model_listener *closed_listeners; /* likewise: whose memory is no other one's yet */
	struct model_selection *selections;      /* in order, the oldest first */
	struct model_wake *wakes;
	struct slab connection_room, wake_room;
	struct model_stack *stacks;
	size_t came,
		sweep_after; /* what came since the last sweep, and how much brings on the next one */
	VECTOR(struct closed_wake) scratch;    /* of retire.c: the wakes of one connection ... */
	VECTOR(struct closed_waiter) listed;   /* its waiters ... */
	VECTOR(struct closed_moments) moments; /* the moments of its wakes ... */
	VECTOR(struct model_holder) holders;
	VECTOR(struct model_marks) marks; /* ... by worker */
	struct record_end end;
	bool ended;
	int error; /* from retiring, negative errno */
	size_t open_wakes;
	VECTOR(struct model_queue_state) queue_states; /* by index of the listener */
	uint64_t waiting;                              /* connections in a queue */
	uint64_t period; /* counts the times at which it was 0 before */
	struct model_task
		*sleepers; /* those that are known to sleep in this period, the first first */
	uint64_t arrivals, accepted, refused, lost, wake_cnt, herd_wakes, accepted_untracked;
	uint64_t accepts_told;   /* with those that failed */
	uint64_t queued;         /* connections that had arrived before the trace, and ... */
	uint64_t late_untracked; /* ... accepts of such that need them for an explanation */
	uint64_t untold_wakes;   /* for those of them that were moved: in no row */
	uint64_t contradictions; /* records that fit nothing that came before */
	uint64_t unknown_causes;
	uint64_t unknown_accepts; /* that took a connection, which is not told */
	uint64_t last_ns;
	uint64_t now_ns; /* when the record was made that is being taken */
	bool keeps_stories;
};

/* ---- tasks.c ---- */

struct model_task *model__find_task(struct model *m, uint32_t tid);

/* The same, made when it is not known; NULL when out of memory. */
struct model_task *model__get_task(struct model *m, uint32_t tid, uint32_t tgid);

void model__set_comm(struct model *m, struct model_task *t, const char *comm);

/* Index of the task's row among the workers, made on first use; NO_WORKER when out of memory. */
uint32_t model__get_worker(struct model *m, struct model_task *t);

/* Says in the worker's row where the task is, if it has one. */
void model__place_worker(struct model *m, const struct model_task *t);

/* The task goes on with the newest row of its numbers, which had ended, if there is one. */
void model__resume_worker(const struct model *m, struct model_task *t);

/* The task is a worker of the pool of this listener (an index). NULL when out of memory. */
struct pool_member *model__join_pool(struct model *m, struct model_task *t, uint32_t listener);

/* Forgets a task that has no open wake and no orphan. */
void model__drop_task(struct model *m, struct model_task *t);

/* ---- sleeps.c ---- */

/* The task waits on that listener, or has accepted from it: it can take what comes there. 0 or -ENOMEM. */
int model__tie(struct model *m, struct model_task *t, uint32_t listener);

/* How many tasks can. */
uint32_t model__tied(const struct model *m, uint32_t listener);

/* A connection is in a queue, and is not any more. */
void model__begin_waiting(struct model *m);
void model__end_waiting(struct model *m);

/* The task sleeps in a waiting call, and runs. */
void model__fall_asleep(struct model *m, struct model_task *t, uint64_t time_ns);
void model__run(struct model *m, struct model_task *t, uint64_t time_ns);

/* It has ended. */
void model__forget_sleeps(struct model *m, struct model_task *t);

/* Did somebody who could have taken the connection sleep too long before its end? */
bool model__was_slept_through(const struct model *m, const struct model_connection *c,
			      uint64_t end_ns);

/* ---- retire.c ---- */

/*
 * Something has come to its end for this connection: hands it on once it is over and old enough for
 * nothing to come after.
 */
void model__settle(struct model *m, struct model_connection *c);

/* Hands on those that were over before that time. */
void model__let_go(struct model *m, uint64_t before_ns);

/* Hands the connection on as it stands, and forgets it. */
void model__retire(struct model *m, struct model_connection *c);

/* Forgets a wake that is neither open nor an orphan and has no connection. */
void model__drop_wake(struct model *m, struct model_wake *w);

/* Frees a connection with its wakes, without a word to anybody. */
void model__free_connection(struct model *m, struct model_connection *c);

/* ---- room.c ---- */

/* Sizes, for a new model. */
void model__make_room(struct model *m);

/* One of which nothing is known, NULL when out of memory; and its end. It has a story if such are kept. */
struct model_connection *model__new_connection(struct model *m);
void model__leave_connection(struct model *m, struct model_connection *c);

/* Likewise; it has moments if stories are kept. */
struct model_wake *model__new_wake(struct model *m);
void model__leave_wake(struct model *m, struct model_wake *w);

/* Frees it, with all wakes; no connection is left. */
void model__drop_room(struct model *m);

/* ---- queue.c ---- */

/* Puts a connection into a listener's queue, and takes it out of the one it is in. */
void model__enqueue(struct model *m, struct model_listener *l, struct model_connection *c);
void model__dequeue(struct model *m, struct model_connection *c);

/* It is lost for good: nobody will take it over. */
void model__give_up(struct model *m, struct model_connection *c);

/* ---- lost.c ---- */

/* Its listener has closed. Another one may take it over; it is forgotten when very many were lost since. */
void model__lose(struct model *m, struct model_connection *c);

/* It is not lost after all, if it was. */
void model__find_again(struct model *m, struct model_connection *c);

/* ---- sweep.c ---- */

/* Before the first. */
#ifndef SWEEP_MIN
#define SWEEP_MIN 8192
#endif

/*
 * Forgets what nobody needs any more of all that came and went. Nothing may point into the totals. Returns 0 or
 * -ENOMEM.
 */
int model__sweep(struct model *m);

/* ---- listeners.c ---- */

struct model_listener *model__find_listener(const struct model *m, uint64_t handle);

/* The same, made when it is not known; NULL when out of memory. */
struct model_listener *model__get_listener(struct model *m, uint64_t handle,
					   const struct record_endpoint *local);

int model__add_listen(struct model *m, const struct record_listen *r);
int model__add_path(struct model *m, const struct record_path *r);
/* At the end: what arrived on closed listeners, and was neither refused nor another one's, is lost. */
void model__lose_late(struct model *m);

void model__add_unlisten(struct model *m, const struct record_unlisten *r);

/* ---- selections.c ---- */

/* Adds the newest one, whose .what is empty; NULL when out of memory. */
struct model_selection *model__new_selection(struct model *m, struct model_listener *l,
					     const struct record_endpoint *peer);

/* The one that led a peer to its listener is used up by the connection. */
void model__take_selection(struct model *m, struct model_connection *c);

/* Forgets those of a listener: its connections will be another one's. */
void model__drop_selections(struct model *m, struct model_listener *l);

/* ---- connections.c ---- */

struct model_connection *model__find_arrival(struct model *m, uint64_t arrival);
struct model_connection *model__find_child(struct model *m, uint64_t child);

/* Is it the move of a connection that had arrived before the trace? */
bool model__predates(struct model *m, uint64_t arrival);

int model__add_select(struct model *m, const struct record_select *r);
int model__add_arrival(struct model *m, const struct record_arrival *r);
void model__add_refused(struct model *m, const struct record_refused *r);
int model__add_migrate(struct model *m, const struct record_migrate *r);
int model__add_waiter(struct model *m, const struct record_waiter *r);
int model__add_waiters(struct model *m, const struct record_waiters *r);
void model__add_walk(struct model *m, const struct record_walk *r);

/* ---- wakes.c ---- */

/* Closes the task's open wakes and forgets it. */
void model__end_task(struct model *m, struct model_task *t);

/* The trace is over: what is open stays so, but for wakes that have led to an accept already. */
void model__close_open_wakes(struct model *m);

int model__add_task(struct model *m, const struct record_task *r);
int model__add_wake(struct model *m, const struct record_wake *r);
void model__add_run(struct model *m, const struct record_run *r);
int model__add_standby(struct model *m, const struct record_standby *r);
void model__add_sleep(struct model *m, const struct record_sleep *r);

/*
 * The hand-overs of the socket's lock that this task made on its way to the connection are for it; the others of its
 * making that have found no arrival by now never will.
 */
void model__adopt_orphans(struct model *m, struct model_task *t, struct model_connection *c);
void model__release_orphans(struct model *m, struct model_task *t);

/* Those that were made before that many wakes were can find no connection any more. Returns how many stay. */
size_t model__release_old_orphans(struct model *m, struct model_task *t, uint64_t before);

/* ---- accepts.c ---- */

int model__add_accept(struct model *m, const struct record_accept *r);
void model__add_return(struct model *m, const struct record_return *r);

/* ---- holders.c ---- */

int model__add_holder(struct model *m, const struct record_holder *r);

/* Siblings of workers that hold the listener are workers, too, which never waited. Returns 0 or -ENOMEM. */
int model__add_never_waited(struct model *m);

/* ---- places.c ---- */

int model__add_place(struct model *m, const struct record_place *r);
int model__add_epoll(struct model *m, const struct record_epoll *r);

/* ---- stacks.c ---- */

/* A wake has this stack, -1: none. Returns 0 or -ENOMEM. */
int model__count_stack(struct model *m, int32_t id, enum wake_cause cause);
int model__add_stack(struct model *m, const struct record_stack *r);

/* The report owns them from now on. Returns 0 or -ENOMEM. */
int model__take_stacks(struct model *m, struct report *report);
void model__drop_stacks(struct model *m);

/* ---- head.c ---- */

int model__add_meta(struct model *m, const struct record_meta *r);

#endif
