// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Checks of how many tasks a connection wakes, and which. */
#include "verify/claim_sample.h"

#include <limits.h>

struct range {
	unsigned least, most;
};

static void range__add(struct range *r, unsigned number)
{
	if (number < r->least)
		r->least = number;
	if (number > r->most)
		r->most = number;
}

static struct range woken(const struct sample *s)
{
	struct range range = {UINT_MAX, 0};

	for (size_t i = 0; i < s->cnt; i++)
		range__add(&range, s->at[i].woken);
	return range;
}

static bool all_woke_one(const struct sample *s)
{
	struct range range = woken(s);

	return range.least == 1 && range.most == 1;
}

/* The first task that a connection woke, hand-overs of the socket lock aside; 0: none. */
static uint32_t first_woken(const struct report_connection *c)
{
	for (size_t i = 0; i < c->wake_cnt; i++)
		if (c->wakes[i].cause != CAUSE_LOCK)
			return c->wakes[i].tid;
	return 0;
}

static unsigned count_cause(const struct report_connection *c, enum wake_cause cause)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < c->wake_cnt; i++)
		cnt += c->wakes[i].cause == cause;
	return cnt;
}

void check__wakes(const struct claim_view *view, struct finding *f)
{
	struct sample s;
	struct range range;

	if (!sample__take(&s, view, f))
		return;
	range = woken(&s);
	measured__range(f, view, range.least, range.most);
}

/* ---- which of them ---- */

/* How many connections apart a task is woken again at the least; UINT_MAX: none is. */
static size_t least_distance(const struct sample *s)
{
	size_t least = SIZE_MAX;

	for (size_t i = 1; i < s->cnt; i++)
		for (size_t back = 1; back <= i && back < least; back++)
			if (first_woken(&s->at[i]) == first_woken(&s->at[i - back]))
				least = back;
	return least;
}

static size_t greatest_distance(const struct sample *s)
{
	size_t greatest = 0;

	for (size_t i = 1; i < s->cnt; i++) {
		size_t back = 1;

		while (back <= i && first_woken(&s->at[i]) != first_woken(&s->at[i - back]))
			back++;
		if (back <= i && back > greatest)
			greatest = back;
	}
	return greatest;
}

static bool always_the_same(const struct sample *s)
{
	for (size_t i = 1; i < s->cnt; i++)
		if (first_woken(&s->at[i]) != first_woken(&s->at[0]))
			return false;
	return true;
}

/* Every task is woken again after all the others, and only then. */
static bool in_turn(const struct sample *s, unsigned workers)
{
	return s->cnt > 2 * workers && least_distance(s) == workers &&
	       greatest_distance(s) == workers;
}

/* More entries than one were called: the walk passed somebody by. */
static bool passed_by(const struct sample *s)
{
	for (size_t i = 0; i < s->cnt; i++)
		if (s->at[i].offers > 1)
			return true;
	return false;
}

void check__turns(const struct claim_view *view, struct finding *f)
{
	struct sample s;
	struct range range;

	if (!sample__take(&s, view, f))
		return;
	range = woken(&s);
	if (!all_woke_one(&s))
		measured__range(f, view, range.least, range.most);
	else if (passed_by(&s))
		measured__set(f, "1, past others");
	else if (always_the_same(&s))
		measured__set(f, s.waiters > 1 ? "1, always the same" : "1, the acceptor");
	else
		measured__set(f, in_turn(&s, view->claim->workers) ? "1, in turn" : "1");
}

/* ---- chains ---- */

static unsigned count_unseen(const struct sample *s)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < s->cnt; i++)
		for (size_t j = 0; j < s->at[i].wake_cnt; j++)
			cnt += s->at[i].wakes[j].outcome == OUTCOME_SWALLOWED &&
			       s->at[i].wakes[j].cause != CAUSE_LOCK;
	return cnt;
}

void check__chain(const struct claim_view *view, struct finding *f)
{
	struct range direct = {UINT_MAX, 0}, chain = {UINT_MAX, 0}, range;
	unsigned unseen;
	struct sample s;

	if (!sample__take(&s, view, f))
		return;
	for (size_t i = 0; i < s.cnt; i++) {
		unsigned by_chain = count_cause(&s.at[i], CAUSE_CHAIN);

		range__add(&chain, by_chain);
		range__add(&direct, s.at[i].woken - by_chain);
	}
	unseen = count_unseen(&s);
	range = woken(&s);
	detail__add(f, "%u to %u by chain; user space never heard of %u", chain.least, chain.most,
		    unseen);
	if (direct.least == 1 && direct.most == 1 && chain.least >= 1)
		measured__set(f, unseen ? "1 + chain, some unseen" : "1 + chain");
	else
		measured__range(f, view, range.least, range.most);
}

/* ---- who is busy is passed by ---- */

/* How many connections were offered to so many entries (more: or to more), and woke one. */
static unsigned count_offered(const struct report *r, bool more)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < r->connection_cnt; i++)
		cnt += r->connections[i].woken == 1 &&
		       (more ? r->connections[i].offers > 1 : r->connections[i].offers == 1);
	return cnt;
}

/* Who was passed by for a connection is the one that was woken where nobody was passed by. */
static bool first_was_passed_by(const struct report *r)
{
	uint32_t first = 0;

	for (size_t i = 0; i < r->connection_cnt && !first; i++)
		if (r->connections[i].offers == 1)
			first = first_woken(&r->connections[i]);
	for (size_t i = 0; i < r->connection_cnt; i++)
		if (first_woken(&r->connections[i]) &&
		    (r->connections[i].offers > 1) == (first_woken(&r->connections[i]) == first))
			return false;
	return first;
}

void check__next_idle(const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	struct range range = {UINT_MAX, 0};
	bool missed = false;

	for (size_t i = 0; i < r->connection_cnt; i++) {
		range__add(&range, r->connections[i].woken);
		missed |= r->connections[i].waiters && !r->connections[i].woken;
	}
	detail__add(f, "%u to the first, %u past the first", count_offered(r, false),
		    count_offered(r, true));
	if (range.most > 1 || !range.most)
		measured__range(f, view, range.least, range.most);
	else if (missed)
		measured__set(f, "1 or none, though one is idle");
	else if (count_offered(r, true) && first_was_passed_by(r))
		measured__set(f, "1, the next idle");
	else
		measured__set(f, "1");
}

/* ---- one waiter ---- */

static void check_one(const struct claim_view *view, struct finding *f, bool same)
{
	struct sample s;
	struct range range;

	if (!sample__take(&s, view, f))
		return;
	range = woken(&s);
	if (!all_woke_one(&s))
		measured__range(f, view, range.least, range.most);
	else if (s.waiters != 1)
		measured__set(f, "1 of several");
	else
		measured__set(f, same && always_the_same(&s) ? "1, the acceptor"
							     : "1, the only waiter");
}

void check__only_waiter(const struct claim_view *view, struct finding *f)
{
	check_one(view, f, false);
}

void check__acceptor(const struct claim_view *view, struct finding *f)
{
	check_one(view, f, true);
}

/* ---- mixed ---- */

void check__mixed(const struct claim_view *view, struct finding *f)
{
	struct range epoll = {UINT_MAX, 0}, accept = {UINT_MAX, 0}, range;
	unsigned half = view->claim->workers / 2;
	struct sample s;

	if (!sample__take(&s, view, f))
		return;
	for (size_t i = 0; i < s.cnt; i++) {
		range__add(&epoll, count_cause(&s.at[i], CAUSE_EPOLL));
		range__add(&accept, count_cause(&s.at[i], CAUSE_ACCEPT));
	}
	range = woken(&s);
	if (epoll.least == half && epoll.most == half && accept.least == 1 && accept.most == 1)
		measured__set(f, "n/2 + 1");
	else
		measured__range(f, view, range.least, range.most);
}
