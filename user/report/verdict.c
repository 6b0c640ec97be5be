// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/verdict.h"

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

/* ---- tasks ---- */

/* How many tasks each connection woke: one task can be woken twice. NULL when out of memory. */
static unsigned *count_tasks(const struct report *r)
{
	unsigned *tasks = calloc(r->connection_cnt + 1, sizeof(*tasks));
	unsigned *woken_by = calloc(r->worker_cnt + 1, sizeof(*woken_by)); /* by worker: the last */

	for (size_t i = 0; tasks && woken_by && i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		for (size_t j = 0; j < c->wake_cnt; j++) {
			const struct report_wake *w = &c->wakes[j];

			if (w->cause == CAUSE_LOCK || woken_by[w->worker] == c->id)
				continue;
			woken_by[w->worker] = c->id;
			tasks[i]++;
		}
	}
	if (!woken_by) {
		free(tasks);
		tasks = NULL;
	}
	free(woken_by);
	return tasks;
}

/* ---- herd ---- */

struct herd_sample {
	unsigned possible; /* arrivals at which more than one task could have been woken */
	unsigned many;     /* of them: woke more than one */
	unsigned most, most_waiters;
};

static struct herd_sample sample_herd(const struct report *r, const unsigned *tasks)
{
	struct herd_sample s = {0};

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		if (c->waiters > s.most_waiters)
			s.most_waiters = c->waiters;
		if (c->waiters < 2 && tasks[i] < 2)
			continue;
		s.possible++;
		s.many += tasks[i] > 1;
		if (tasks[i] > s.most)
			s.most = tasks[i];
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
		return decide(&r->herd, VERDICT_INCONCLUSIVE,
			      "%u connections found two tasks waiting and woke at most one each, "
			      "%d are needed to rule a herd out",
			      s->possible, HERD_MIN_ARRIVALS);
	return decide(&r->herd, VERDICT_INCONCLUSIVE,
		      "none of %" PRIu64 " connections found two tasks waiting for it, so a herd "
		      "could not have shown itself%s",
		      r->summary.connections, why);
}

static bool decide_herd(struct report *r, const unsigned *tasks)
{
	struct herd_sample s = sample_herd(r, tasks);

	if (s.many)
		return decide(&r->herd, VERDICT_PROVED,
			      "%u of %u connections woke more than one of up to %u waiting tasks, "
			      "at most %u",
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
			      "%" PRIu64 " accepted connections are too few to judge %u workers, "
			      "%u are needed",
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
static bool slept_on(const struct report_connection *c, unsigned tasks_woken)
{
	return c->waiters > tasks_woken || c->group_idle;
}

static bool decide_stranding(struct report *r, const unsigned *tasks)
{
	unsigned late = 0;

	for (size_t i = 0; i < r->connection_cnt; i++) {
		struct report_connection *c = &r->connections[i];

		c->stranded = c->end == CONNECTION_LOST ||
			      (c->waited_ns > STRANDED_NS && slept_on(c, tasks[i]));
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

/* ---- advice ---- */

/* Of the connections that woke more than one task: every wake but the first, by cause. */
static struct cause_counts count_extra_wakes(const struct report *r, const unsigned *tasks)
{
	struct cause_counts extra = {0};

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];
		bool first = true;

		for (size_t j = 0; tasks[i] > 1 && j < c->wake_cnt; j++) {
			if (c->wakes[j].cause == CAUSE_LOCK)
				continue;
			extra.of[c->wakes[j].cause] += !first;
			first = false;
		}
	}
	return extra;
}

/* Which kernel function woke them, and what besides SO_REUSEPORT would avoid it. */
static const char *const herd_advice[CAUSE_CNT] = {
	[CAUSE_ACCEPT] = "more than one task in a blocking accept was woken",
	[CAUSE_EPOLL] = "ep_poll_callback() woke a task in every epoll instance that watches the "
			"listener: register it with EPOLLEXCLUSIVE",
	[CAUSE_POLL] =
		"pollwake() wakes every task in select or poll on a listener: wait in a blocking "
		"accept, in epoll with EPOLLEXCLUSIVE",
	[CAUSE_IO_URING] = "io_poll_wake() woke every ring that waits on the listener: use accept "
			   "requests, which wait exclusively from Linux 5.18 on",
	[CAUSE_CHAIN] =
		"ep_done_scan() put the level-triggered item back and woke the next task: "
		"watch the shared epoll edge-triggered (EPOLLET) or one-shot (EPOLLONESHOT), "
		"or give each worker its own epoll with EPOLLEXCLUSIVE",
};

static enum wake_cause worst_cause(const struct report *r, const unsigned *tasks)
{
	struct cause_counts extra = count_extra_wakes(r, tasks);
	enum wake_cause worst = CAUSE_ACCEPT;

	for (int cause = CAUSE_ACCEPT; cause <= CAUSE_CHAIN; cause++)
		if (extra.of[cause] > extra.of[worst])
			worst = cause;
	return worst;
}

/* AF_UNIX has no SO_REUSEPORT. */
static bool has_tcp(const struct report *r)
{
	for (size_t i = 0; i < r->listener_cnt; i++)
		if (!strcmp(r->listeners[i].protocol, "tcp"))
			return true;
	return false;
}

static char *make_advice(const struct report *r, const unsigned *tasks)
{
	static const char own_listener[] = "give each worker its own listener with SO_REUSEPORT";
	enum wake_cause worst = worst_cause(r, tasks);
	const char *before = worst == CAUSE_ACCEPT ? ": " : ", or ";
	char *text = NULL;

	if (r->herd.value == VERDICT_PROVED && worst != CAUSE_CHAIN && has_tcp(r))
		return asprintf(&text, "%s%s%s", herd_advice[worst], before, own_listener) < 0
			       ? NULL
			       : text;
	if (r->herd.value == VERDICT_PROVED)
		return strdup(herd_advice[worst]);
	if (r->skew.value != VERDICT_PROVED || !r->summary.wakes_by_cause.of[CAUSE_EPOLL] ||
	    r->summary.selections)
		return strdup("");
	return asprintf(&text,
			"epoll serves the same idle worker first again and again (exclusive "
			"entries in order of registration, one instance last in, first out)%s%s%s",
			has_tcp(r) ? ": " : "", has_tcp(r) ? own_listener : "",
			has_tcp(r) ? " for an even split" : "") < 0
		       ? NULL
		       : text;
}

/* ---- together ---- */

static bool decide_complete(struct report *r)
{
	unsigned *tasks = count_tasks(r);
	bool done = tasks && decide_herd(r, tasks) && decide_skew(r) && decide_stranding(r, tasks);

	if (done)
		r->advice = make_advice(r, tasks);
	free(tasks);
	return done && r->advice;
}

static bool decide_incomplete(struct report *r)
{
	r->advice = strdup("");
	return r->advice &&
	       decide(&r->herd, VERDICT_INCONCLUSIVE, "data is missing: %s", r->loss.reason) &&
	       decide(&r->skew, VERDICT_INCONCLUSIVE, "data is missing") &&
	       decide(&r->stranding, VERDICT_INCONCLUSIVE, "data is missing");
}

int verdict__decide(struct report *r)
{
	return (r->loss.incomplete ? decide_incomplete(r) : decide_complete(r)) ? 0 : -ENOMEM;
}
