/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A server that runs for hours: its workers come and go, numbers of tasks and handles of sockets are used again,
 * listeners open and close with connections in their queues.
 */
#ifndef HERDTRACE_TEST_LONG_SERVER_H
#define HERDTRACE_TEST_LONG_SERVER_H

#include "records.h"

#define WORKERS 4
#define PIDS    16384 /* that there are: the next ones are used again */
#define HANDLES 4096  /* likewise, of sockets */

#define MASTER     100
#define FIRST_PID  300
#define LISTENER   1
#define GROUP_PORT 9999

/* What one round does, with as many connections as HERDS for which every worker is woken, and its sums. */
#define HERDS       40
#define LOST        3 /* connections of a listener that closes */
#define LOCKS       8 /* hand-overs that are for none */
#define CONNECTIONS (HERDS + 1 + 1 + 1 + LOST)
#define ACCEPTED    (CONNECTIONS - LOST)
#define WAKES       ((HERDS + 1) * WORKERS + 1)
#define RECORDS     (HERDS * (3 + 3 * WORKERS)) /* at the least */

struct server {
	struct tape tape;
	uint64_t arrivals, sockets, pids;
	uint32_t workers[WORKERS];
};

/* ---- numbers that are used again ---- */

static inline uint32_t new_pid(struct server *s)
{
	return FIRST_PID + s->pids++ % PIDS;
}

static inline uint64_t new_socket(struct server *s)
{
	return LISTENER + 1 + s->sockets++ % HANDLES;
}

/* A connection's socket, after which it is called until it is accepted. */
static inline uint64_t arrive(struct server *s, uint64_t listener, uint64_t *child)
{
	*child = new_socket(s);
	tape__arrival(&s->tape, ++s->arrivals, listener)->child = *child;
	return s->arrivals;
}

static inline void take(struct server *s, uint32_t worker, uint64_t listener, uint64_t child)
{
	struct record_accept *r = tape__accept(&s->tape, worker, 0);

	r->listener = listener;
	r->child = child;
}

/* ---- what happens in a round ---- */

/* All sleep, all are woken. */
static inline uint64_t herd(struct server *s, uint64_t *child)
{
	uint64_t arrival = arrive(s, LISTENER, child);

	for (unsigned i = 0; i < WORKERS; i++)
		tape__waiter(&s->tape, arrival, s->workers[i]);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__wake(&s->tape, arrival, s->workers[i], CAUSE_EPOLL);
	tape__walk(&s->tape, arrival, WORKERS);
	return arrival;
}

static inline void plain_connection(struct server *s)
{
	uint64_t child, arrival = herd(s, &child);

	take(s, s->workers[arrival % WORKERS], LISTENER, child);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__sleep(&s->tape, s->workers[i]);
}

/* One is woken and ends, without another sleep. */
static inline void replace_worker(struct server *s)
{
	uint64_t child;
	unsigned old = s->pids / 2 % WORKERS;

	herd(s, &child);
	take(s, s->workers[(old + 1) % WORKERS], LISTENER, child);
	tape__task(&s->tape, TASK_EXITED, s->workers[old], "server");
	for (unsigned i = 0; i < WORKERS; i++)
		if (i != old)
			tape__sleep(&s->tape, s->workers[i]);
	s->workers[old] = new_pid(s);
	tape__task(&s->tape, TASK_FORKED, s->workers[old], "server");
}

static inline void refuse(struct server *s)
{
	uint64_t child, arrival = arrive(s, LISTENER, &child);

	tape__refused(&s->tape, arrival);
}

/* A child that never waits, and hand-overs of the lock by one that never accepts. */
static inline void start_others(struct server *s)
{
	uint32_t child = new_pid(s);

	tape__task(&s->tape, TASK_FORKED, child, "helper");
	tape__task(&s->tape, TASK_EXITED, child, "helper");
	for (unsigned i = 0; i < LOCKS; i++)
		tape__wake_by(&s->tape, MASTER, 0, s->workers[0], CAUSE_LOCK);
	tape__sleep(&s->tape, s->workers[0]);
}

/* As FTP does it: a listener for one connection. */
static inline void serve_once(struct server *s)
{
	uint64_t listener = new_socket(s), child, arrival;

	tape__listen(&s->tape, listener, 20000 + s->arrivals % 10000);
	arrival = arrive(s, listener, &child);
	tape__wake(&s->tape, arrival, s->workers[1], CAUSE_ACCEPT);
	take(s, s->workers[1], listener, child);
	tape__sleep(&s->tape, s->workers[1]);
	tape__unlisten(&s->tape, listener);
}

static inline void close_full(struct server *s)
{
	uint64_t listener = new_socket(s), child;

	tape__listen(&s->tape, listener, 7777);
	for (unsigned i = 0; i < LOST; i++)
		arrive(s, listener, &child);
	tape__unlisten(&s->tape, listener);
}

/* Of two listeners of a group one closes, and the other one gets its connection. */
static inline void move(struct server *s)
{
	uint64_t from = new_socket(s), to = new_socket(s), child;
	struct record_migrate *r;

	tape__listen(&s->tape, from, GROUP_PORT)->reuseport = 1;
	tape__listen(&s->tape, to, GROUP_PORT)->reuseport = 1;
	arrive(s, from, &child);
	tape__unlisten(&s->tape, from);
	r = tape__migrate(&s->tape, 0, ++s->arrivals, from, to);
	r->child = child;
	take(s, s->workers[2], to, child);
	tape__unlisten(&s->tape, to);
}

/* ---- together ---- */

static inline void begin_server(struct server *s)
{
	tape__listen(&s->tape, LISTENER, 8888);
	tape__task(&s->tape, TASK_SEEN, MASTER, "master");
	for (unsigned i = 0; i < WORKERS; i++) {
		s->workers[i] = new_pid(s);
		tape__task(&s->tape, TASK_FORKED, s->workers[i], "server");
	}
}

/* One worker goes, and all workers share so many connections. */
static inline void serve(struct server *s, unsigned connections)
{
	for (unsigned i = 0; i < connections; i++)
		plain_connection(s);
	replace_worker(s);
	refuse(s);
	start_others(s);
	serve_once(s);
	close_full(s);
	move(s);
}

#endif
