/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A claim about the kernel: what it says, how it is tried out, what is expected, and what a finished
 * report says about it. Pure: nothing here runs or prints anything.
 *
 * Expected and measured values are short texts in one vocabulary, free of noise, so that kernels
 * can be compared: "1", "n" (as many as there are workers), "1, in turn", "lost", ... What fits
 * none of them is told as it is: "1 to 3".
 */
#ifndef HERDTRACE_VERIFY_CLAIM_H
#define HERDTRACE_VERIFY_CLAIM_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

/* What a kernel has or has not, and what claims depend on. */
enum feature_id {
	FEATURE_NONE,
	FEATURE_URING_EXCLUSIVE,
	FEATURE_URING_MULTISHOT,
	FEATURE_INCOMING_CPU,
	FEATURE_MIGRATE,
	FEATURE_QUEUE_ENTRIES, /* all entries of a queue can be told apart */
	FEATURE_CNT,
};

#define CLAIM_SERVERS 5
#define CLAIM_WORDS   8

struct claim_view;
struct finding;

struct claim {
	const char *id;
	const char *text;   /* one sentence */
	const char *source; /* kernel function, commit or manual page */
	enum feature_id feature;
	const char *expected;         /* on a kernel with the feature */
	const char *expected_without; /* and on one without; NULL where no feature matters */
	void (*check)(const struct claim_view *view, struct finding *finding);
	unsigned workers;
	unsigned connections;
	unsigned concurrency;
	bool each_cpu;   /* connect from each CPU in turn */
	bool migrate;    /* with net.ipv4.tcp_migrate_req=1 */
	int then_signal; /* to the server, after the connections; 0: none */
	/* Servers, each with its arguments, that must all behave so. NULL-terminated both. */
	const char *servers[CLAIM_SERVERS][CLAIM_WORDS];
};

/* What a check looks at. */
struct claim_view {
	const struct claim *claim;
	const struct report *report; /* with its rows loaded: report__load() */
	const int *cpus;             /* that the server may run on, in ascending order */
	size_t cpu_cnt;
};

#define MEASURED_SIZE 64
#define DETAIL_SIZE   256

struct finding {
	char measured[MEASURED_SIZE]; /* "": nothing can be said, for this reason: */
	char reason[DETAIL_SIZE];
	char detail[DETAIL_SIZE]; /* the numbers */
};

/*
 * What a run says about a claim. server_status: the exit status of a server that ended by itself,
 * else -1; problem: why it did not listen, "" when it did.
 */
void claim__judge(const struct claim_view *view, int server_status, const char *problem,
		  struct finding *finding);

/* Exit status of a server that says that the kernel refuses what it needs. */
#define SERVER_REFUSED 3

/* ---- checks: wakes (claim_wakes.c) ---- */

/* Wakes of each connection: "1", "n", "1 to 3". */
void check__wakes(const struct claim_view *view, struct finding *finding);
/* Which worker it was: "1, in turn", "1, always the same". */
void check__turns(const struct claim_view *view, struct finding *finding);
/* The listener wakes one, which wakes the next: "1 + chain, some unseen". */
void check__chain(const struct claim_view *view, struct finding *finding);
/* While the first is busy the next one is woken: "1, the next idle". */
void check__next_idle(const struct claim_view *view, struct finding *finding);
/* One task at a time waits: "1, the only waiter". */
void check__only_waiter(const struct claim_view *view, struct finding *finding);
/* One task alone ever waits: "1, the acceptor". */
void check__acceptor(const struct claim_view *view, struct finding *finding);
/* Half of the workers in epoll, half in accept: "n/2 + 1". */
void check__mixed(const struct claim_view *view, struct finding *finding);

/* ---- checks: which listener (claim_group.c) ---- */

/* Each worker has a listener: "1, one of n listeners". */
void check__own_listener(const struct claim_view *view, struct finding *finding);
/* "hash * n >> 32" */
void check__index(const struct claim_view *view, struct finding *finding);
/* "even", "uneven", by chi-square at one in a million. */
void check__even(const struct claim_view *view, struct finding *finding);
/* The listener of the CPU that handled the SYN, by SO_INCOMING_CPU: "by CPU"; or "by hash". */
void check__incoming_cpu(const struct claim_view *view, struct finding *finding);
/* The listener with the number of that CPU modulo n: "by CPU", or "by hash". */
void check__cpu_modulo(const struct claim_view *view, struct finding *finding);
/* What became of connections whose listener closed: "lost", "moved". */
void check__fate(const struct claim_view *view, struct finding *finding);
/* Wakes of connections that moved to a listener with a waiter: "1". */
void check__moved_wakes(const struct claim_view *view, struct finding *finding);

/* ---- from findings to a result ---- */

enum claim_outcome {
	CLAIM_HOLDS,
	CLAIM_BROKEN,
	CLAIM_INCONCLUSIVE,
};

/* "HOLDS", "BROKEN", "INCONCLUSIVE" */
const char *claim_outcome__name(enum claim_outcome outcome);

/*
 * Broken when any finding differs from what is expected; else inconclusive when any says nothing;
 * else it holds.
 */
enum claim_outcome claim__conclude(const char *expected, const struct finding *findings,
				   size_t cnt);

#endif
