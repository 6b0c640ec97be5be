// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sets a verdict; false when out of memory. */
static bool decide(struct report_verdict *v, enum verdict value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool decide(struct report_verdict *v, enum verdict value, const char *format, ...)
{
	va_list args;

	v->value = value;
	va_start(args, format);
	if (vasprintf(&v->reason, format, args) < 0)
		v->reason = NULL;
	va_end(args);
	return v->reason;
}

/* ---- herd ---- */

struct herd_sample {
	unsigned possible; /* arrivals at which more than one task could have been woken */
	unsigned many;     /* of them: woke more than one */
	unsigned most, most_waiters;
};

static struct herd_sample sample_herd(const struct report *r)
{
	struct herd_sample s = {0};

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		if (c->waiters > s.most_waiters)
			s.most_waiters = c->waiters;
		if (c->waiters < 2 && c->woken < 2)
			continue;
		s.possible++;
		s.many += c->woken > 1;
		if (c->woken > s.most)
			s.most = c->woken;
	}
	return s;
}

static bool herd_not_possible(struct report *r, const struct herd_sample *s)
{
	const char *why = r->summary.selections
				  ? ": with SO_REUSEPORT each listener has its own queue, and one "
				    "task waiting on it"
				  : ": start more workers, or wait until they are idle";

	if (s->possible)
		return decide(
			&r->herd, VERDICT_INCONCLUSIVE,
			"%u connections found two tasks waiting and woke one each, %d are needed "
			"to rule a herd out",
			s->possible, HERD_MIN_ARRIVALS);
	return decide(&r->herd, VERDICT_INCONCLUSIVE,
		      "none of %" PRIu64 " connections found two tasks waiting for it, so a herd "
		      "could not have shown itself%s",
		      r->summary.connections, why);
}

static bool decide_herd(struct report *r)
{
	struct herd_sample s = sample_herd(r);

	if (s.many)
		return decide(
			&r->herd, VERDICT_PROVED,
			"%u of %u connections woke more than one of up to %u waiting tasks, at "
			"most %u",
			s.many, s.possible, s.most_waiters, s.most);
	if (s.possible < HERD_MIN_ARRIVALS)
		return herd_not_possible(r, &s);
	return decide(&r->herd, VERDICT_REFUTED,
		      "%u connections found up to %u tasks waiting, and each woke at most one",
		      s.possible, s.most_waiters);
}

/* ---- skew ---- */

double chi_square__critical(unsigned degrees)
{
	const double z = 3.0902323; /* one in a thousand of the normal distribution */
	double a = 2.0 / (9.0 * degrees);
	double root = 1.0 - a + z * sqrt(a);

	return degrees * root * root * root;
}

static bool decide_skew(struct report *r)
{
	uint64_t accepted = r->summary.accepted, least = UINT64_MAX, most = 0;
	unsigned workers = r->worker_cnt;
	double even = workers ? (double)accepted / workers : 0, sum = 0, limit;

	if (workers < 2)
		return decide(&r->skew, VERDICT_INCONCLUSIVE, "there is no split among %u worker%s",
			      workers, workers == 1 ? "" : "s");
	if (even < 5)
		return decide(&r->skew, VERDICT_INCONCLUSIVE,
			      "%" PRIu64
			      " accepted connections are too few to judge %u workers, %u are "
			      "needed",
			      accepted, workers, 5 * workers);
	for (size_t i = 0; i < workers; i++) {
		double off = (double)r->workers[i].accepted - even;

		sum += off * off / even;
		if (r->workers[i].accepted < least)
			least = r->workers[i].accepted;
		if (r->workers[i].accepted > most)
			most = r->workers[i].accepted;
	}
	limit = chi_square__critical(workers - 1);
	return decide(&r->skew, sum > limit ? VERDICT_PROVED : VERDICT_REFUTED,
		      "%" PRIu64 " connections over %u workers, from %" PRIu64 " to %" PRIu64
		      " each: chi-square %.1f, an even split exceeds %.1f once in a thousand times",
		      accepted, workers, least, most, sum, limit);
}

/* ---- stranding ---- */

/* Somebody who could have taken it slept on: on the listener, not woken, or on another one of
 * the group. */
static bool slept_on(const struct report_connection *c)
{
	return c->waiters > c->woken || c->group_idle;
}

static bool decide_stranding(struct report *r)
{
	unsigned late = 0;

	for (size_t i = 0; i < r->connection_cnt; i++) {
		struct report_connection *c = &r->connections[i];

		c->stranded =
			c->end == CONNECTION_LOST || (c->waited_ns > STRANDED_NS && slept_on(c));
		late += c->stranded && c->end != CONNECTION_LOST;
	}
	if (late || r->summary.lost)
		return decide(&r->stranding, VERDICT_PROVED,
			      "%u of %" PRIu64 " connections waited more than %d ms while another "
			      "task slept, %" PRIu64 " were lost when their listener closed",
			      late, r->summary.connections, (int)(STRANDED_NS / 1000000),
			      r->summary.lost);
	if (!r->summary.connections)
		return decide(&r->stranding, VERDICT_INCONCLUSIVE, "there was no connection");
	return decide(&r->stranding, VERDICT_REFUTED,
		      "none of %" PRIu64 " connections waited more than %d ms while another task "
		      "slept, none was lost",
		      r->summary.connections, (int)(STRANDED_NS / 1000000));
}

/* ---- when data is missing ---- */

static bool decide_incomplete(struct report *r)
{
	return decide(&r->herd, VERDICT_INCONCLUSIVE, "data is missing: %s", r->loss.reason) &&
	       decide(&r->skew, VERDICT_INCONCLUSIVE, "data is missing") &&
	       decide(&r->stranding, VERDICT_INCONCLUSIVE, "data is missing");
}

/* ---- advice ---- */

/* Which kernel function woke them, and what would avoid it: the cause with most extra wakes. */
static const char *advice(const struct report *r)
{
	const uint64_t *by = r->summary.wakes_by_cause.of;

	if (r->herd.value == VERDICT_PROVED) {
		if (by[CAUSE_POLL] >= by[CAUSE_EPOLL] && by[CAUSE_POLL])
			return "pollwake() wakes every task in select or poll on a listener: wait "
			       "in "
			       "a blocking accept, in epoll with EPOLLEXCLUSIVE, or give each "
			       "worker "
			       "its own listener with SO_REUSEPORT";
		if (by[CAUSE_CHAIN])
			return "ep_done_scan() put the level-triggered item back and woke the next "
			       "task: watch the shared epoll edge-triggered (EPOLLET) or one-shot "
			       "(EPOLLONESHOT), or give each worker its own epoll with "
			       "EPOLLEXCLUSIVE";
		return "ep_poll_callback() woke a task in every epoll instance that watches the "
		       "listener: register it with EPOLLEXCLUSIVE, or give each worker its own "
		       "listener with SO_REUSEPORT";
	}
	if (r->skew.value == VERDICT_PROVED && by[CAUSE_EPOLL] && !r->summary.selections)
		return "epoll serves the same idle worker first again and again (exclusive entries "
		       "in "
		       "order of registration, one instance last in, first out): give each worker "
		       "its "
		       "own listener with SO_REUSEPORT for an even split";
	return "";
}

int verdict__decide(struct report *r)
{
	bool done = r->loss.incomplete ? decide_incomplete(r)
				       : decide_herd(r) && decide_skew(r) && decide_stranding(r);

	if (!done)
		return -ENOMEM;
	r->advice = strdup(r->loss.incomplete ? "" : advice(r));
	return r->advice ? 0 : -ENOMEM;
}
