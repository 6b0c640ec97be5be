/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What every reference server shares: the options, the listener, the workers, and what is done
 * with an accepted connection. How a worker waits for one is each server's own.
 *
 * These are demonstrations: a call here that fails says why in one line and ends the process with
 * status 1 (a usage error: 2), so the servers need not check what it returns.
 */
#ifndef HERDTRACE_SERVER_H
#define HERDTRACE_SERVER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, gettid: so include this file first */
#endif

#include <argp.h>
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Settings: filled in by server__parse(), not changed afterwards. */
struct server_options {
	unsigned int workers;
	unsigned int late_ms;   /* from listening to starting the workers */
	unsigned int die_after; /* connections of the first worker; 0: it goes on for ever */
	int backlog;
	int family;
	const char *host; /* numeric */
	const char *port;
	const char *unix_path;   /* as given; NULL: TCP */
	const char *from;        /* PID:FD, another process' listener; NULL: one of its own */
	const char *worker_name; /* NULL: they keep the server's */
	bool threads;
	bool mptcp;
	bool quiet;
	bool reuseport;
	bool each; /* a line for each connection, not only for those that say something */
	bool daemonise;
};

struct worker {
	struct server *server;
	unsigned int index;    /* from 0 */
	unsigned int accepted; /* connections handled so far */
	int own_fd; /* closed when the worker ends, which for a thread nobody else does */
	pid_t pid;  /* seen by the parent only; 0: not running, or a thread */
};

typedef void (*worker_fn)(struct worker *worker, void *arg);

/* Run-time state. */
struct server {
	const struct server_options *options;
	worker_fn run; /* a worker's whole life: does not return */
	void *arg;     /* for run; shared by threads, copied by fork */
	struct worker *workers;
	unsigned int worker_cnt;
	atomic_uint alive_cnt;
	/* Called by server__wait() for a SIGHUP, which the caller has blocked; or NULL. */
	void (*hangup)(struct server *server);
	bool failed;
};

/* own, own_input: the options of one server alone and its parser's input; or both NULL. */
void server__parse(struct server_options *options, int argc, char **argv, const char *doc,
		   const struct argp *own, void *own_input);

/* For an option's argument: a number from min to max, or a usage error. */
unsigned int server__number(struct argp_state *state, const char *text, unsigned int min,
			    unsigned int max);

/*
 * Returns a new listener on the address of the options. One that is a socket file replaces what a
 * server that was killed left there; this process removes it when it ends with exit().
 */
#define LISTEN_NONBLOCK  1
#define LISTEN_REUSEPORT 2
int server__listen(const struct server_options *options, unsigned int flags);

/* Starts the workers, waits until they or the server are told to end; returns the exit status. */
int server__run(const struct server_options *options, worker_fn run, void *arg);

/* The steps of server__run(), for a server that has something to do in between. */
void server__be_late(const struct server_options *options);
void server__start(struct server *server, const struct server_options *options,
		   unsigned int worker_cnt, worker_fn run, void *arg);
void server__start_worker(struct worker *worker);
/* Sleeps until a worker process ended and returns it; NULL: it is time to end the server. */
struct worker *server__wait(struct server *server);
/* Starts all workers anew. The caller has kept server->workers, ends the old ones and frees it. */
void server__start_generation(struct server *server);
/* Ends worker processes, the last one first, each before the next: that makes the order certain. */
void server__end_generation(struct worker *workers, unsigned int worker_cnt);
/* Ends the workers that are left; returns the exit status. */
int server__finish(struct server *server);

/* Returns a connection, or -1 where a non-blocking listener has none (EAGAIN). */
int worker__accept(int listener);

/* Reads one line, prints it, closes the connection. Does not return to a worker due to die. */
void worker__handle(struct worker *worker, int connection);

/* Returns a new epoll instance that watches fd for the events. */
int epoll__watch(int fd, uint32_t events);

/* Waits for one event, for ever with timeout_ms -1; false: none came. */
bool epoll__wait(int epoll, struct epoll_event *event, int timeout_ms);

void sleep_ms(unsigned int ms);
int64_t now_ms(void); /* monotonic */

#endif
