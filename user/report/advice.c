// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Only what the data supports, never what is so already, and always with its price. */
#include "report/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is known of the pool that it is about ---- */

struct patient {
	const struct totals *totals;
	const struct pool *pool;
	const struct report_listener *listener;
	const char *comm; /* of one of its workers */
	size_t worker_cnt;
};

static struct patient examine(const struct totals *t, const struct pool *pool)
{
	struct patient p = {
		.totals = t, .pool = pool, .listener = &t->listeners[pool->listener], .comm = ""};

	p.worker_cnt = pool->left;
	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool) {
		p.comm = t->workers[m->key.worker].comm;
		p.worker_cnt++;
	}
	return p;
}

/* AF_UNIX has no SO_REUSEPORT. */
static bool is_tcp(const struct patient *p)
{
	return !strcmp(p->listener->protocol, "tcp");
}

static bool is_called(const struct patient *p, const char *name)
{
	return !strncmp(p->comm, name, strlen(name));
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
		"%sgive each worker its own listener with SO_REUSEPORT%s (price: " REUSEPORT_PRICE
		")",
		before, is_called(p, "nginx") ? ", `listen PORT reuseport;`" : "");
}

#define EXCLUSIVE_PRICE \
	"(price: among idle workers the first that registered gets most connections)"

/* ---- against a herd ---- */

static const char *against_chains(const struct patient *p)
{
	if (p->pool->herd.rearmed * 2 > p->pool->herd.extra.of[CAUSE_CHAIN])
		return "a worker armed the listener's epoll item again while it was still ready, "
		       "and that woke the next task: accept until EAGAIN before it is armed "
		       "(price: without the EAGAIN connections would hang)";
	return "ep_done_scan() put the level-triggered item back and woke the next task: watch the "
	       "shared epoll edge-triggered with EPOLLET (price: accept until EAGAIN, or "
	       "connections hang) or give each worker its own epoll with "
	       "EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
}

static const char *against_epoll(const struct patient *p)
{
	if (waits_exclusively(p))
		return "ep_poll_callback() woke tasks of several epoll instances, although most "
		       "watch the listener with EPOLLEXCLUSIVE: look for those that do not";
	return "ep_poll_callback() woke a task in every epoll instance that watches the listener: "
	       "register it with EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
}

/* Which kernel function woke them, and what besides SO_REUSEPORT would avoid it. */
static const char *explain(const struct patient *p, enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_CHAIN: return against_chains(p);
	case CAUSE_EPOLL: return against_epoll(p);
	case CAUSE_POLL:
		return "pollwake() wakes every task in select or poll on a listener: wait in a "
		       "blocking accept (price: for nothing else) or in epoll with "
		       "EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
	case CAUSE_IO_URING:
		return "io_poll_wake() woke every ring that waits on the listener: use accept "
		       "requests, which wait exclusively from Linux 5.18 on " EXCLUSIVE_PRICE;
	case CAUSE_SIGNAL:
		return "SIGIO woke every task of the group that owns the listener (F_SETOWN): wait "
		       "in epoll with EPOLLEXCLUSIVE " EXCLUSIVE_PRICE;
	default:
		return "tasks in a blocking accept were woken beside others that wait for the same "
		       "listener";
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

static char *put_together(const struct patient *p, const char *before, const char *more)
{
	const char *lock =
		is_called(p, "uwsgi") ? "; or `--thunder-lock` (price: one at a time)" : "";
	char *text;

	return asprintf(&text, "%s (%zu workers): %s%s%s", p->listener->address, p->worker_cnt,
			before, more, lock) < 0
		       ? NULL
		       : text;
}

static char *against_herd(const struct totals *t)
{
	const struct pool *pool = worst_pool(t);
	struct patient p = examine(t, pool);
	enum wake_cause worst = worst_cause(&pool->herd.extra);
	char own[512];

	own_listeners(own, sizeof(own), &p, worst == CAUSE_ACCEPT ? ": " : "; or ");
	return put_together(&p, explain(&p, worst), own);
}

/* ---- against skew ---- */

static char *against_lock(const struct patient *p)
{
	char *text;

	return asprintf(&text,
			"%s (%zu workers): let all workers wait at a time: look for a lock around "
			"accept%s, and for workers that are stuck (price: without a lock "
			"connections may wake more than one, unless they wait exclusively)",
			p->listener->address, p->worker_cnt,
			is_called(p, "nginx") ? " (`accept_mutex off;`)" : "") < 0
		       ? NULL
		       : text;
}

static char *against_skew(const struct totals *t, const struct pool *pool)
{
	struct patient p = examine(t, pool);
	char own[512], *text;

	/* A hash, or a program, is not changed by another hash. */
	if (pool->group && pool->most_open > 1)
		return strdup("");
	if (pool__waits_alone(pool))
		return against_lock(&p);
	own_listeners(own, sizeof(own), &p, "");
	if (!own[0] || !t->summary.wakes_by_cause.of[CAUSE_EPOLL])
		return strdup("");
	return asprintf(
		       &text,
		       "%s (%zu workers): epoll serves the same idle worker first again and again; "
		       "where that matters, %s",
		       p.listener->address, p.worker_cnt, own) < 0
		       ? NULL
		       : text;
}

char *advice__make(const struct verdicts *v, const struct totals *t)
{
	if (v->herd.value == VERDICT_PROVED)
		return against_herd(t);
	if (v->skew.value == VERDICT_PROVED)
		return against_skew(t, &t->pools.all.at[v->skew_finding.pool]);
	return strdup("");
}
