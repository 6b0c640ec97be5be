/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Streams of records made by hand. A tape takes one record after the other, each 1 µs after the
 * one before, and counts what a kernel side that loses nothing would have counted, for its END.
 *
 * Every function that appends returns the new record, to change what is special about it; the
 * pointer is good until the next one is appended. A task is a process of its own unless the test
 * sets tgid. Running out of memory ends the program.
 */
#ifndef HERDTRACE_TEST_RECORDS_H
#define HERDTRACE_TEST_RECORDS_H

#include <stdio.h>

#include "bpf/record.h"
#include "report/report.h"

#define TAPE_START_NS UINT64_C(5000000)
#define TAPE_STEP_NS  UINT64_C(1000)

/* An arrival's child and its peer's port follow from its number. */
#define TAPE_CHILD(arrival)     (0xc0000 + (arrival))
#define TAPE_PEER_PORT(arrival) (40000 + (arrival) % 20000)

struct tape {
	char *records;
	size_t len, capacity;
	uint64_t clock_ns; /* since TAPE_START_NS: when the next record is made */
	uint64_t arrivals, wakes, accepts;
};

void tape__free(struct tape *tape);

struct record_meta *tape__meta(struct tape *tape, enum meta_key key, const char *text);
struct record_task *tape__task(struct tape *tape, enum task_event event, uint32_t tid,
			       const char *comm);
/* 127.0.0.1:port; reuseport unset, nothing queued. */
struct record_listen *tape__listen(struct tape *tape, uint64_t listener, uint16_t port);
struct record_unlisten *tape__unlisten(struct tape *tape, uint64_t listener);
/* The name that the AF_UNIX listener just announced is bound to. */
struct record_path *tape__path(struct tape *tape, uint64_t listener, const char *path);
/* What an earlier arrival brought goes to another listener, where it is the arrival "as". */
struct record_migrate *tape__migrate(struct tape *tape, uint64_t arrival, uint64_t as,
				     uint64_t from, uint64_t to);
/* The peer of this arrival chose this listener: hash at the middle of 4, index 2 as predicted. */
struct record_select *tape__select(struct tape *tape, uint64_t listener, uint64_t arrival);
/* From 127.0.0.1 to 127.0.0.1:8888 */
struct record_arrival *tape__arrival(struct tape *tape, uint64_t arrival, uint64_t listener);
struct record_refused *tape__refused(struct tape *tape, uint64_t arrival);
/* On the arrival's own listener. */
struct record_waiter *tape__waiter(struct tape *tape, uint64_t arrival, uint32_t tid);
struct waiter_entry *tape__waiters(struct tape *tape, uint64_t arrival, const uint32_t *tids,
				   unsigned cnt);
struct record_walk *tape__walk(struct tape *tape, uint64_t arrival, uint32_t offers);
/* By the idle task. */
struct record_wake *tape__wake(struct tape *tape, uint64_t arrival, uint32_t tid,
			       enum wake_cause cause);
/* By a task: CAUSE_CHAIN and CAUSE_LOCK. */
struct record_wake *tape__wake_by(struct tape *tape, uint32_t waker, uint64_t arrival, uint32_t tid,
				  enum wake_cause cause);
struct record_run *tape__run(struct tape *tape, uint32_t tid);
/* The task takes this arrival's child. */
struct record_accept *tape__accept(struct tape *tape, uint32_t tid, uint64_t arrival);
struct record_accept *tape__accept_fails(struct tape *tape, uint32_t tid, int error);
struct record_return *tape__return(struct tape *tape, uint32_t tid);
struct record_sleep *tape__sleep(struct tape *tape, uint32_t tid);
struct record_standby *tape__standby(struct tape *tape, uint64_t listener, uint32_t tid);
struct record_holder *tape__holder(struct tape *tape, uint64_t listener, uint32_t pid,
				   uint32_t parent);
struct record_stack *tape__stack(struct tape *tape, int stack_id, const char *names);
/* Numbers of a task in a namespace (0: none), and the path of its cgroup. */
struct record_place *tape__place(struct tape *tape, uint32_t tid, uint32_t ns_tid,
				 const char *path);
/* Descriptor 5 of a process watches descriptor 3. */
struct record_epoll *tape__epoll(struct tape *tape, uint64_t listener, uint32_t pid,
				 uint32_t events);
struct record_end *tape__end(struct tape *tape);

/* The record after this one, the first after NULL; NULL after the last. */
const struct record_header *tape__next(const struct tape *tape, const struct record_header *record);

/*
 * What the model makes of the tape, each record checked before, with its rows loaded. NULL when a record is refused or
 * the model fails. Owned by the caller.
 */
struct report *tape__report(const struct tape *tape);

/* The tape as a recording, head included: malloc()ed, *len bytes. */
char *tape__recording(const struct tape *tape, size_t *len);

/*
 * What is wrong in the rows of a report, whatever the records were: numbers of rows that are not
 * there, negative times, totals of a row that its own parts do not give. NULL: nothing.
 */
const char *report__malformed(const struct report *report);

/* Which of the sums that must be equal in a complete report are not. NULL: all are. */
const char *report__unbalanced(const struct report *report);

#endif
