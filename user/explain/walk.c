// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Why the walk over the wait queue came as far as it did: what the picture is there for. */
#include <inttypes.h>

#include "explain/drawing.h"
#include "explain/names.h"
#include "report/waiters.h"

static const char *plural(unsigned cnt)
{
	return cnt == 1 ? "y" : "ies";
}

/* Those who sleep in one epoll instance are one entry. */
static unsigned count_sharing(const struct report_connection *row, long index)
{
	unsigned entry = row->waiter_list[index].entry, cnt = 0;

	for (size_t i = 0; entry && i < row->waiter_cnt; i++)
		cnt += row->waiter_list[i].entry == entry;
	return cnt;
}

static bool is_all_in(const struct report_connection *row, unsigned entry)
{
	for (size_t i = 0; i < row->waiter_cnt; i++)
		if (!row->waiter_list[i].elsewhere && row->waiter_list[i].entry != entry)
			return false;
	return true;
}

static bool is_shared_everywhere(const struct report_connection *row)
{
	for (size_t i = 0; i < row->waiter_cnt; i++)
		if (!row->waiter_list[i].elsewhere &&
		    (!row->waiter_list[i].known || row->waiter_list[i].exclusive))
			return false;
	return true;
}

static bool has_behind(const struct report_connection *row, long last)
{
	return (size_t)last + 1 < row->waiter_cnt && !row->waiter_list[last + 1].elsewhere;
}

static bool is_decided(const struct report_connection *row)
{
	for (size_t i = 0; i < row->waiter_cnt; i++)
		if (row->waiter_list[i].reached == REACHED_UNKNOWN)
			return false;
	return true;
}

static void say_group(struct drawing *d)
{
	const struct report_selection *s = &d->row->selection;
	unsigned elsewhere = d->row->group_idle;

	if (!s->present)
		return;
	if (s->program)
		drawing__say(d, "SO_REUSEPORT: a BPF program of the group chose this listener.");
	else if (s->index != RECORD_NO_INDEX)
		drawing__say(d,
			     "SO_REUSEPORT: the hash of its addresses chose socket %" PRIu32
			     " of %" PRIu32 " for the SYN (reuseport_select_sock).",
			     s->index, s->socks);
	if (elsewhere)
		drawing__say(d,
			     "%u slept on other listeners of the group: their queues were not "
			     "looked at.",
			     elsewhere);
}

static void say_migrated(struct drawing *d)
{
	if (d->row->migrated_from)
		drawing__say(d,
			     "It had been queued on listener %u, and was moved here when that "
			     "closed (tcp_migrate_req): this is the queue of its new listener.",
			     d->row->migrated_from);
}

/* Nobody was woken by the walk itself. */
static void say_nobody(struct drawing *d)
{
	const struct report_connection *row = d->row;

	if (!row->offers)
		drawing__say(d,
			     "There was no entry to call: the connection waits in the accept queue "
			     "until somebody calls accept() of his own accord.");
	else
		drawing__say(d,
			     "The walk called %u entr%s and woke nobody who is listed: whose these "
			     "are was awake, or waits in another way.",
			     row->offers, plural(row->offers));
}

/* The entry that woke somebody is an epoll instance with more in it. */
static void say_instance(struct drawing *d, unsigned sharing)
{
	drawing__say(d,
		     "%u tasks sleep in one epoll instance, which is one entry: ep_poll_callback() "
		     "puts the listener on its ready list and wakes one of them, for a sleep in "
		     "epoll_wait() is exclusive.",
		     sharing);
}

static void say_to_the_end(struct drawing *d)
{
	const struct report_connection *row = d->row;

	drawing__say(d,
		     "The walk called %u entr%s and went to the end of the queue: %sonly an "
		     "exclusive one that wakes a task would have stopped it (WQ_FLAG_EXCLUSIVE).",
		     row->offers, plural(row->offers),
		     is_shared_everywhere(row) ? "none is exclusive, and " : "");
}

static void say_stop(struct drawing *d, long last, unsigned entry)
{
	const struct report_connection *row = d->row;
	const struct report_waiter *stop = &row->waiter_list[last];

	if (stop->known && stop->exclusive)
		drawing__say(
			d,
			"The walk stopped behind the entry of worker %u: it is exclusive (%s) and "
			"woke a task, and __wake_up_common() is asked for one such.",
			stop->worker,
			stop->cause == CAUSE_EPOLL ? "EPOLLEXCLUSIVE" : "WQ_FLAG_EXCLUSIVE");
	else if (!has_behind(row, last))
		say_to_the_end(d);
	else if (row->offers == 1 && entry && is_all_in(row, entry))
		drawing__say(d, "It is the only entry: the walk ended with it.");
	else if (is_decided(row))
		drawing__say(d,
			     "The walk called %u entr%s. Those behind the last who was woken sleep "
			     "in the same epoll instance, where one is woken at a time, or behind "
			     "an exclusive entry, which stops the walk when it wakes a task.",
			     row->offers, plural(row->offers));
	else
		drawing__say(d,
			     "The walk called %u entr%s; how far behind the last who was woken it "
			     "came is not recorded.",
			     row->offers, plural(row->offers));
}

static void say_chain(struct drawing *d)
{
	const struct report_connection *row = d->row;
	unsigned harvested = 0, rearmed = 0;

	for (size_t i = 0; i < row->wake_cnt; i++) {
		harvested += row->wakes[i].cause == CAUSE_CHAIN && !row->wakes[i].rearmed;
		rearmed += row->wakes[i].cause == CAUSE_CHAIN && row->wakes[i].rearmed;
	}
	if (harvested)
		drawing__say(d,
			     "Later %u more: who harvests a level-triggered item puts it back on "
			     "the ready list and so wakes the next one (%s).",
			     harvested, names__harvest(d));
	if (rearmed)
		drawing__say(
			d,
			"Later %u more: a task armed the item again by epoll_ctl(), and it was "
			"ready.",
			rearmed);
}

void drawing__walk(struct drawing *d)
{
	const struct report_connection *row = d->row;
	long last = waiters__last_woken(row);
	unsigned sharing;

	say_migrated(d);
	say_group(d);
	if (last < 0) {
		say_nobody(d);
	} else {
		sharing = count_sharing(row, last);
		if (sharing > 1)
			say_instance(d, sharing);
		say_stop(d, last, row->waiter_list[last].entry);
	}
	say_chain(d);
}
