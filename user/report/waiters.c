// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Of a walk it is told how many entries were called, and who was woken, not which entries those were: an epoll instance
 * is one entry, whoever sleeps in it, and one in which nobody sleeps is called, too. But the walk goes from the head to
 * the tail, and ends behind an exclusive entry that has woken somebody (__wake_up_common(), which is asked for one). So
 * whoever stands before the last who was woken was reached, and behind one that ended the walk nobody was.
 */
#include "report/waiters.h"

/* Woken by the walk itself: not by another task later on. */
static bool is_of_walk(const struct report_wake *wake)
{
	return wake->cause == CAUSE_ACCEPT || wake->cause == CAUSE_EPOLL ||
	       wake->cause == CAUSE_POLL || wake->cause == CAUSE_IO_URING;
}

static bool is_woken(const struct report_connection *row, const struct report_waiter *waiter)
{
	for (size_t i = 0; i < row->wake_cnt; i++)
		if (row->wakes[i].worker == waiter->worker &&
		    row->wakes[i].cause == waiter->cause && is_of_walk(&row->wakes[i]))
			return true;
	return false;
}

/* Of a task that is listed twice, the first entry has woken it: the second found it awake. */
static bool is_first_of_task(const struct report_connection *row, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (row->waiter_list[i].worker == row->waiter_list[index].worker &&
		    row->waiter_list[i].cause == row->waiter_list[index].cause)
			return false;
	return true;
}

long waiters__last_woken(const struct report_connection *row)
{
	for (size_t i = row->waiter_cnt; i-- > 0;)
		if (!row->waiter_list[i].elsewhere && is_woken(row, &row->waiter_list[i]) &&
		    is_first_of_task(row, i))
			return (long)i;
	return -1;
}

/* ---- whose entry is whose ---- */

/* inet_csk_wait_for_connect() and __skb_wait_for_more_packets() wait exclusively, __pollwait() never does. */
static void complete(struct report_waiter *waiter)
{
	if (waiter->known || (waiter->cause != CAUSE_ACCEPT && waiter->cause != CAUSE_POLL))
		return;
	waiter->known = true;
	waiter->exclusive = waiter->cause == CAUSE_ACCEPT;
}

/* Are all told? Else the numbers of some would say less than nothing. */
static bool tells_entries(const struct report_connection *row)
{
	for (size_t i = 0; i < row->waiter_cnt; i++)
		if (!row->waiter_list[i].elsewhere && row->waiter_list[i].cause == CAUSE_EPOLL &&
		    !row->waiter_list[i].entry)
			return false;
	return true;
}

/* From the rest of its number, which is told of newer recordings, to a number among those in which somebody slept. */
static void number_entries(struct report_connection *row)
{
	bool told = tells_entries(row);
	unsigned entry = 0, rest_before = 0;

	for (size_t i = 0; i < row->waiter_cnt; i++) {
		struct report_waiter *waiter = &row->waiter_list[i];
		unsigned rest = waiter->entry;

		waiter->entry = 0;
		if (waiter->elsewhere || !told)
			continue;
		entry += waiter->cause != CAUSE_EPOLL || rest != rest_before;
		rest_before = rest;
		waiter->entry = entry;
	}
}

/*
 * Where entries have no numbers: each takes a place before those who sleep in it do (bpf/waitqueue.bpf.c), so
 * neighbours sleep in one instance.
 */
static bool shares_entry(const struct report_waiter *before, const struct report_waiter *waiter)
{
	if (before->entry || waiter->entry)
		return before->entry == waiter->entry;
	return before->cause == CAUSE_EPOLL && waiter->cause == CAUSE_EPOLL && before->place &&
	       waiter->place == before->place + 1;
}

/* ---- who was reached ---- */

/* How many entries were called at the least, up to this one: of unknown ones all but one may be the same. */
static unsigned least_offers(const struct report_connection *row, size_t last)
{
	unsigned known = 0, unknown = 0;

	for (size_t i = 0; i <= last; i++) {
		known = row->waiter_list[i].entry ? row->waiter_list[i].entry : known;
		unknown |= !row->waiter_list[i].entry;
	}
	return known + unknown;
}

/*
 * Who sleeps in epoll_wait() does so exclusively, and is asked for one by one (ep_poll_callback()): behind one who was
 * woken nobody of the same instance was reached. Of other entries nobody was when the last who was woken was exclusive,
 * or when no more entries than those were called.
 */
static void judge_behind(struct report_connection *row, size_t last)
{
	const struct report_waiter *stop = &row->waiter_list[last];
	bool was_last = row->offers && row->offers == least_offers(row, last);
	bool is_same = true;

	for (size_t i = last + 1; i < row->waiter_cnt; i++) {
		struct report_waiter *waiter = &row->waiter_list[i];

		if (waiter->elsewhere)
			return;
		is_same = is_same && shares_entry(waiter - 1, waiter);
		if (is_same || was_last || (stop->known && stop->exclusive))
			waiter->reached = REACHED_NO;
	}
}

void waiters__judge(struct report_connection *row)
{
	long last;

	for (size_t i = 0; i < row->waiter_cnt; i++)
		complete(&row->waiter_list[i]);
	number_entries(row);
	last = waiters__last_woken(row);
	for (size_t i = 0; i < row->waiter_cnt; i++) {
		struct report_waiter *waiter = &row->waiter_list[i];

		waiter->reached = waiter->elsewhere ? REACHED_NO
				  : (long)i <= last ? REACHED_YES
						    : REACHED_UNKNOWN;
	}
	if (last >= 0)
		judge_behind(row, last);
}
