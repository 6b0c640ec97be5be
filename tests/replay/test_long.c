// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_long HERDTRACE RECORDS: a server that runs for hours, at least so many records long. Its workers come and go,
 * numbers of tasks and handles of sockets are used again, listeners open and close with connections in their
 * queues. The summary must be exact, and no larger for it. TAP.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "replay.h"

#define WORKERS 4
#define PIDS    16384 /* that there are: the next ones are used again */
#define HANDLES 4096  /* likewise, of sockets */

#define LONG_LIMIT (48l << 10) /* KiB */

#define MASTER     100
#define FIRST_PID  300
#define LISTENER   1
#define GROUP_PORT 9999

/* What one round does, and its sums. */
#define HERDS       40 /* connections for which every worker is woken */
#define LOST        3  /* connections of a listener that closes */
#define LOCKS       8  /* hand-overs that are for none */
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

static uint32_t new_pid(struct server *s)
{
	return FIRST_PID + s->pids++ % PIDS;
}

static uint64_t new_socket(struct server *s)
{
	return LISTENER + 1 + s->sockets++ % HANDLES;
}

/* A connection's socket, after which it is called until it is accepted. */
static uint64_t arrive(struct server *s, uint64_t listener, uint64_t *child)
{
	*child = new_socket(s);
	tape__arrival(&s->tape, ++s->arrivals, listener)->child = *child;
	return s->arrivals;
}

static void take(struct server *s, uint32_t worker, uint64_t listener, uint64_t child)
{
	struct record_accept *r = tape__accept(&s->tape, worker, 0);

	r->listener = listener;
	r->child = child;
}

/* ---- what happens in a round ---- */

/* All sleep, all are woken. */
static uint64_t herd(struct server *s, uint64_t *child)
{
	uint64_t arrival = arrive(s, LISTENER, child);

	for (unsigned i = 0; i < WORKERS; i++)
		tape__waiter(&s->tape, arrival, s->workers[i]);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__wake(&s->tape, arrival, s->workers[i], CAUSE_EPOLL);
	tape__walk(&s->tape, arrival, WORKERS);
	return arrival;
}

static void plain_connection(struct server *s)
{
	uint64_t child, arrival = herd(s, &child);

	take(s, s->workers[arrival % WORKERS], LISTENER, child);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__sleep(&s->tape, s->workers[i]);
}

/* One is woken and ends, without another sleep. */
static void replace_worker(struct server *s)
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

static void refuse(struct server *s)
{
	uint64_t child, arrival = arrive(s, LISTENER, &child);

	tape__refused(&s->tape, arrival);
}

/* A child that never waits, and hand-overs of the lock by one that never accepts. */
static void start_others(struct server *s)
{
	uint32_t child = new_pid(s);

	tape__task(&s->tape, TASK_FORKED, child, "helper");
	tape__task(&s->tape, TASK_EXITED, child, "helper");
	for (unsigned i = 0; i < LOCKS; i++)
		tape__wake_by(&s->tape, MASTER, 0, s->workers[0], CAUSE_LOCK);
	tape__sleep(&s->tape, s->workers[0]);
}

/* As FTP does it: a listener for one connection. */
static void serve_once(struct server *s)
{
	uint64_t listener = new_socket(s), child, arrival;

	tape__listen(&s->tape, listener, 20000 + s->arrivals % 10000);
	arrival = arrive(s, listener, &child);
	tape__wake(&s->tape, arrival, s->workers[1], CAUSE_ACCEPT);
	take(s, s->workers[1], listener, child);
	tape__sleep(&s->tape, s->workers[1]);
	tape__unlisten(&s->tape, listener);
}

static void close_full(struct server *s)
{
	uint64_t listener = new_socket(s), child;

	tape__listen(&s->tape, listener, 7777);
	for (unsigned i = 0; i < LOST; i++)
		arrive(s, listener, &child);
	tape__unlisten(&s->tape, listener);
}

/* Of two listeners of a group one closes, and the other one gets its connection. */
static void move(struct server *s)
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

static void run_for(FILE *out, uint64_t rounds)
{
	struct server s = {0};

	tape__listen(&s.tape, LISTENER, 8888);
	tape__task(&s.tape, TASK_SEEN, MASTER, "master");
	for (unsigned i = 0; i < WORKERS; i++) {
		s.workers[i] = new_pid(&s);
		tape__task(&s.tape, TASK_FORKED, s.workers[i], "server");
	}
	while (rounds--) {
		for (unsigned i = 0; i < HERDS; i++)
			plain_connection(&s);
		replace_worker(&s);
		refuse(&s);
		start_others(&s);
		serve_once(&s);
		close_full(&s);
		move(&s);
		tape__flush(&s.tape, out);
	}
	tape__end(&s.tape);
	tape__flush(&s.tape, out);
	tape__free(&s.tape);
}

/* ---- the summary ---- */

static const struct {
	const char *key;
	unsigned long long of_round;
} sums[] = {
	{"summary.connections", CONNECTIONS},
	{"summary.accepted", ACCEPTED},
	{"summary.lost", LOST},
	{"summary.waiting", 0},
	{"summary.migrated", 1},
	{"summary.wakes", WAKES},
	{"summary.wasted", WAKES - HERDS - 2},
	{"summary.wakes_by_cause.lock", LOCKS},
	{"summary.lock_without_arrival", LOCKS},
	{"summary.wakes_by_outcome.accepted", HERDS + 2},
	{"summary.wakes_by_outcome.exited", 1},
	{"summary.wakes_by_outcome.swallowed", WAKES - HERDS - 3},
	{"summary.offers", (HERDS + 1) * WORKERS},
	{"loss.unbalanced", 0},
};

#define SUM_CNT (sizeof(sums) / sizeof(sums[0]))

/* "KEY,NUMBER": is it one of the sums, and right? A wrong one is shown. */
static unsigned check_line(const char *line, uint64_t rounds)
{
	const char *comma = strchr(line, ',');
	size_t len = comma ? (size_t)(comma - line) : 0;

	for (size_t i = 0; i < SUM_CNT; i++) {
		unsigned long long wanted = sums[i].of_round * rounds;

		if (strlen(sums[i].key) != len || strncmp(line, sums[i].key, len))
			continue;
		if (strtoull(comma + 1, NULL, 10) == wanted)
			return 1;
		printf("# not %llu: %s", wanted, line);
	}
	return 0;
}

static void test_sums(const char *herdtrace, uint64_t rounds)
{
	static const char *const options[] = {"--summary", "-f", "csv", NULL};
	unsigned right = 0;
	struct replay r;
	char line[1024];
	long memory = 0;
	bool good;

	replay__start(&r, herdtrace, options, run_for, rounds);
	while (fgets(line, sizeof(line), r.report))
		right += check_line(line, rounds);
	good = replay__finish(&r, &memory);
	replay__result(good && right == SUM_CNT, "the sums of a long run");
	replay__result(memory < LONG_LIMIT, "in less than 48 MiB");
	printf("# %llu rounds, %ld KiB\n", (unsigned long long)rounds, memory);
}

int main(int argc, char **argv)
{
	uint64_t records = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (!records) {
		fprintf(stderr, "usage: test_long HERDTRACE RECORDS\n");
		return 2;
	}
	setlinebuf(stdout);
	test_sums(argv[1], records / RECORDS + 1);
	replay__plan();
	return 0;
}
