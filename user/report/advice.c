// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	[CAUSE_SIGNAL] =
		"SIGIO woke every task of the group that owns the listener (F_SETOWN): wait in "
		"epoll with EPOLLEXCLUSIVE",
	[CAUSE_CHAIN] =
		"ep_done_scan() put the level-triggered item back and woke the next task: "
		"watch the shared epoll edge-triggered (EPOLLET) or one-shot (EPOLLONESHOT), "
		"or give each worker its own epoll with EPOLLEXCLUSIVE",
};

static enum wake_cause worst_cause(const struct cause_counts *extra)
{
	enum wake_cause worst = CAUSE_ACCEPT;

	for (int cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++)
		if (herd_advice[cause] && extra->of[cause] > extra->of[worst])
			worst = cause;
	return worst;
}

/* AF_UNIX has no SO_REUSEPORT. */
static bool has_tcp(const struct totals *t)
{
	for (size_t i = 0; i < t->listener_cnt; i++)
		if (!strcmp(t->listeners[i].protocol, "tcp"))
			return true;
	return false;
}

static const char own_listener[] = "give each worker its own listener with SO_REUSEPORT";

static char *against_herd(const struct totals *t)
{
	enum wake_cause worst = worst_cause(&t->herd.extra);
	const char *before = worst == CAUSE_ACCEPT ? ": " : ", or ";
	char *text;

	if (worst == CAUSE_CHAIN || !has_tcp(t))
		return strdup(herd_advice[worst]);
	return asprintf(&text, "%s%s%s", herd_advice[worst], before, own_listener) < 0 ? NULL
										       : text;
}

static char *against_skew(const struct totals *t)
{
	bool tcp = has_tcp(t);
	char *text;

	return asprintf(&text,
			"epoll serves the same idle worker first again and again (exclusive "
			"entries in order of registration, one instance last in, first out)%s%s%s",
			tcp ? ": " : "", tcp ? own_listener : "",
			tcp ? " for an even split" : "") < 0
		       ? NULL
		       : text;
}

char *advice__make(const struct verdicts *v, const struct totals *t)
{
	if (v->herd.value == VERDICT_PROVED)
		return against_herd(t);
	if (v->skew.value == VERDICT_PROVED && t->summary.wakes_by_cause.of[CAUSE_EPOLL] &&
	    !t->summary.selections)
		return against_skew(t);
	return strdup("");
}
