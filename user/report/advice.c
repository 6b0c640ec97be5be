// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Only what the data supports, never what is so already, and always with its price. */
#include "report/advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/server_words.h"

/* ---- what is known of the pool that it is about ---- */

struct patient {
	const struct totals *totals;
	const struct pool *pool;
	const struct report_listener *listener;
	size_t worker_cnt;
};

static struct patient examine(const struct totals *t, const struct pool *pool)
{
	struct patient p = {.totals = t, .pool = pool, .listener = &t->listeners[pool->listener]};

	p.worker_cnt = pool->left;
	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool)
		p.worker_cnt++;
	return p;
}

/* AF_UNIX has no SO_REUSEPORT. */
static bool is_tcp(const struct patient *p)
{
	return !strcmp(p->listener->protocol, "tcp");
}

/* Most waiters of the listener that were looked at wait exclusively already. */
static bool waits_exclusively(const struct patient *p)
{
	return p->pool->exclusive > p->pool->shared_wait;
}

/* ---- cures, with their prices ---- */

#define REUSEPORT_PRICE                                                             \
	"even only in the long run; a busy worker strands its queue, and one that " \
	"closes loses it unless net.ipv4.tcp_migrate_req is set"

/* What keeps each worker to its own queue; "" where that is so already, or cannot be. */
static int own_listeners(char *to, size_t size, const struct patient *p, const char *before)
{
	to[0] = '\0';
	if (!is_tcp(p))
		return 0;
	if (p->pool->group && p->pool->most_open < 2)
		return snprintf(
			to, size,
			"%sopen a listener in each worker: SO_REUSEPORT is set, but the group "
			"has one member, as the workers inherited one socket, so the option "
			"has no effect (price: " REUSEPORT_PRICE ")",
			before);
	if (p->pool->group && p->pool->most_open < p->worker_cnt)
		return snprintf(to, size,
				"%sopen a listener for each of the %zu workers: the group has %u",
				before, p->worker_cnt, p->pool->most_open);
	if (p->pool->group)
		return 0;
	return snprintf(
		to, size,
		"%sgive each worker its own listener with SO_REUSEPORT (price: " REUSEPORT_PRICE
		")",
		before);
}

#define EXCLUSIVE_PRICE \
	"(price: among idle workers the first that registered gets most connections)"

/* "ADDRESS (N workers): " and the rest. NULL: out of memory. */
__attribute__((format(printf, 2, 3))) static char *advise(const struct patient *p,
							  const char *format, ...)
{
	char *rest, *text;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&rest, format, args);
	va_end(args);
	if (len < 0)
		return NULL;
	len = asprintf(&text, "%s (%zu workers): %s", p->listener->address, p->worker_cnt, rest);
	free(rest);
	return len < 0 ? NULL : text;
}

/* In the server's words: what was seen, then the line to change. */
static char *advise_server(const struct patient *p, const struct server_words *w, const char *what)
{
	return advise(p, "%s; for %s: %s (price: %s; documentation: %s)", what, w->server,
		      w->change, w->price, w->documentation);
}

/* ---- against a herd ---- */

static bool is_rearmed(const struct patient *p)
{
	return p->pool->herd.rearmed * 2 > p->pool->herd.extra.of[CAUSE_CHAIN];
}

/* Which kernel function woke them, or what led to it. */
static const char *explain(const struct patient *p, enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_CHAIN:
		return is_rearmed(p) ? "a worker armed the listener's epoll item again while it "
				       "was still ready, and that woke the next task"
				     : "ep_done_scan() put the level-triggered item back and woke "
				       "the next task";
	case CAUSE_EPOLL:
		return waits_exclusively(p)
			       ? "ep_poll_callback() woke tasks of several epoll instances, "
				 "although most watch the listener with EPOLLEXCLUSIVE"
			       : "ep_poll_callback() woke a task in every epoll instance that "
				 "watches the listener";
	case CAUSE_POLL: return "pollwake() wakes every task in select or poll on a listener";
	case CAUSE_IO_URING: return "io_poll_wake() woke every ring that waits on the listener";
	case CAUSE_SIGNAL:
		return "SIGIO woke every task of the group that owns the listener (F_SETOWN)";
	default:
		return "tasks in a blocking accept were woken beside others that wait for the same "
		       "listener";
	}
}

static const char *cure_chains(const struct patient *p)
{
	if (is_rearmed(p))
		return ": accept until EAGAIN before it is armed (price: without the EAGAIN "
		       "connections would hang)";
	return ": watch the shared epoll edge-triggered with EPOLLET (price: accept until EAGAIN, "
	       "or connections hang) or give each worker its own epoll with "
	       "EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
}

/* What besides SO_REUSEPORT would avoid it. */
static const char *cure(const struct patient *p, enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_CHAIN: return cure_chains(p);
	case CAUSE_EPOLL:
		return waits_exclusively(p) ? ": look for those that do not"
					    : ": register it with EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
	case CAUSE_POLL:
		return ": wait in a blocking accept (price: for nothing else) or in epoll with "
		       "EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
	case CAUSE_IO_URING:
		return ": use accept requests, which wait exclusively from Linux 5.18 "
		       "on " EXCLUSIVE_PRICE;
	case CAUSE_SIGNAL: return ": wait in epoll with EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
	default: return "";
	}
}

/* A blocking accept is woken alone: where it is not, the others are too many. */
static enum wake_cause worst_cause(const struct cause_counts *extra)
{
	enum wake_cause worst = 0;

	for (int cause = CAUSE_EPOLL; cause < CAUSE_CNT; cause++)
		if (cause != CAUSE_LOCK && cause != CAUSE_OTHER &&
		    extra->of[cause] > extra->of[worst])
			worst = cause;
	return worst ? worst : CAUSE_ACCEPT;
}

static const struct pool *worst_pool(const struct totals *t)
{
	const struct pool *worst = t->pools.all.at;

	for (size_t i = 0; i < t->pools.all.cnt; i++)
		if (t->pools.all.at[i].herd.wasted > worst->herd.wasted)
			worst = &t->pools.all.at[i];
	return worst;
}

static unsigned seen_as(enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_EPOLL: return SEEN_HERD_EPOLL;
	case CAUSE_CHAIN: return SEEN_HERD_CHAIN;
	case CAUSE_POLL: return SEEN_HERD_POLL;
	default: return SEEN_HERD_OTHER;
	}
}

static char *against_herd(const struct totals *t)
{
	const struct pool *pool = worst_pool(t);
	struct patient p = examine(t, pool);
	enum wake_cause worst = worst_cause(&pool->herd.extra);
	const struct server_words *words = server_words__find(t, pool, seen_as(worst));
	char own[512];

	if (words)
		return advise_server(&p, words, explain(&p, worst));
	own_listeners(own, sizeof(own), &p, worst == CAUSE_ACCEPT ? ": " : "; or ");
	return advise(&p, "%s%s%s", explain(&p, worst), cure(&p, worst), own);
}

/* ---- against skew ---- */

static char *against_lock(const struct patient *p)
{
	const struct server_words *words = server_words__find(p->totals, p->pool, SEEN_SKEW_ALONE);

	if (words)
		return advise_server(p, words, "only one worker waits at a time");
	return advise(p, "let all workers wait at a time: look for a lock around accept, and for "
			 "workers that are stuck (price: without a lock connections may wake more "
			 "than one, unless they wait exclusively)");
}

/* Where others were mostly busy, it was not the kernel's order that decided. */
static bool is_by_order(const struct totals *t, const struct pool *pool)
{
	return t->summary.wakes_by_cause.of[CAUSE_EPOLL] &&
	       (pool->alone + pool->all_busy) * 2 <= pool->draws;
}

static char *against_order(const struct patient *p)
{
	static const char what[] = "epoll serves the same idle worker first again and again";
	const struct server_words *words = server_words__find(p->totals, p->pool, SEEN_SKEW_ORDER);
	char own[512];

	if (words)
		return advise_server(p, words, what);
	own_listeners(own, sizeof(own), p, "");
	return own[0] ? advise(p, "%s; where that matters, %s", what, own) : strdup("");
}

static char *against_stall(const struct patient *p, const struct skew_finding *f)
{
	const struct report_worker *w = &p->totals->workers[f->stalled - 1];
	const struct server_words *words = server_words__find(p->totals, p->pool, SEEN_SKEW_STALL);
	char what[128], how_long[TEXT_DURATION_SIZE];

	text__duration(how_long, (int64_t)f->absence.ns);
	snprintf(what, sizeof(what), "worker %u (%u) neither waited nor accepted for %s", w->id,
		 w->tid, how_long);
	if (words)
		return advise_server(p, words, what);
	return advise(
		p,
		"%s: look for what held it (a disk, a lock, a long request), and keep that out "
		"of the workers that accept (price: threads or processes that do it instead)",
		what);
}

static char *against_skew(const struct totals *t, const struct skew_finding *f)
{
	const struct pool *pool = &t->pools.all.at[f->pool];
	struct patient p = examine(t, pool);

	if (f->stalled)
		return against_stall(&p, f);

	/* A hash, or a program, is not changed by another hash. */
	if (pool->group && pool->most_open > 1)
		return strdup("");
	if (totals__waits_alone(t, pool))
		return against_lock(&p);
	return is_by_order(t, pool) ? against_order(&p) : strdup("");
}

/* ---- against stranding ---- */

/* The only group with several listeners, NULL: there are more, and it could be any. */
static const struct pool *only_group(const struct totals *t)
{
	const struct pool *found = NULL;

	for (size_t i = 0; i < t->pools.all.cnt; i++) {
		if (!t->pools.all.at[i].group || t->pools.all.at[i].most_open < 2)
			continue;
		if (found)
			return NULL;
		found = &t->pools.all.at[i];
	}
	return found;
}

/* What a busy worker's own queue does to connections is known, and what else holds them up is not. */
static char *against_stranding(const struct totals *t)
{
	static const char what[] = "connections waited for a busy worker, because the listener is "
				   "its own, while others of the group slept";
	const struct pool *pool = only_group(t);
	const struct server_words *words;
	struct patient p;

	if (!pool ||
	    t->stranding.of[STRANDING_GROUP] * 2 < stranding_sample__stranded(&t->stranding))
		return strdup("");
	p = examine(t, pool);
	words = server_words__find(t, pool, SEEN_STRANDED);
	if (words)
		return advise_server(&p, words, what);
	return advise(&p,
		      "%s: keep what blocks out of the workers that accept, or let them share one "
		      "listener, each with its own epoll and EPOLLEXCLUSIVE " EXCLUSIVE_PRICE,
		      what);
}

char *advice__make(const struct verdicts *v, const struct totals *t)
{
	char *text;

	if (v->herd.value == VERDICT_PROVED)
		return against_herd(t);
	text = v->skew.value == VERDICT_PROVED ? against_skew(t, &v->skew_finding) : strdup("");
	if (!text || text[0] || v->stranding.value != VERDICT_PROVED)
		return text;
	free(text);
	return against_stranding(t);
}
