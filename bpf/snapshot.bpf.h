/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who waits on a listener's queue when an arrival is about to be told there: listed one by one up to a limit, and
 * counted beyond, as all of it happens with the queue locked.
 *
 * What is counted must be told from what was listed, and from what was counted before: who sleeps in accept() has one
 * entry, and who sleeps in an epoll instance is in that queue only, which is gone through once. Tasks in poll() and
 * rings may have several entries: they are always listed, and user space keeps each once.
 */
#ifndef HERDTRACE_SNAPSHOT_BPF_H
#define HERDTRACE_SNAPSHOT_BPF_H

#include "listeners.bpf.h"
#include "waiters.bpf.h"

/* So many are listed, unless it is time for all of them. */
#define WAITERS_LISTED 64

/* All are listed this often, so that no worker stays unknown for long. */
#define LIST_ALL_NS 1000000000ull

/* Counted in one turn of a search. */
#define COUNTED_AT_ONCE 4

/* A list that a search goes through; end is 0 where it does not. */
struct search_list {
	u64 at, end; /* next entry, head */
};

/* Where a search through a listener's queue stands. */
struct snapshot {
	u64 arrival;
	u64 listener;
	struct search_list queue;    /* of the listener */
	struct search_list sleepers; /* in an epoll instance there */
	struct search_list pollers;  /* who waits for the instance to become readable */
	u64 flags;                   /* of the entry of the listener's queue */
	u64 entry;                   /* its number, from 1 */
	u64 complete;
	u64 more;   /* not 0: somebody there is not listed */
	u64 is_new; /* nobody of this instance can have been listed or counted before */
	u64 is_cut; /* who can be counted is not listed any more */
	u64 lists_all;
	u64 listed; /* looked at for the list: more than are in it, where some do not sleep */
	u64 unlisted, unlisted_exclusive;
};

/*
 * The epoll instances that an arrival's search has met, by their address; one whose place is taken by another one
 * of the same arrival is not remembered, and so its tasks are listed.
 */
struct met_instance {
	u64 ep, arrival;
};

#define MET_INSTANCES 2048

struct met_instances_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MET_INSTANCES);
	__type(key, u32);
	__type(value, struct met_instance);
} met_instances SEC(".maps");

static __always_inline struct search_list list__begin(struct list_head *head)
{
	struct search_list list = {(u64)BPF_CORE_READ(head, next), (u64)head};

	if (list.at == list.end)
		list.end = 0;
	return list;
}

static __always_inline struct wait_queue_entry *list__entry(u64 at)
{
	return container_of_core((struct list_head *)at, struct wait_queue_entry, entry);
}

/* An entry as it was when it was looked at: all of it in one call. */
static __always_inline void entry__read(struct wait_queue_entry *copy, u64 at)
{
	bpf_probe_read_kernel(copy, sizeof(*copy), list__entry(at));
}

/*
 * Goes on from an entry. No queue but the listener's is locked: an entry that was just taken out points
 * to itself (ep_autoremove_wake_function(), list_del_init()), or to nothing, and what follows it is not
 * known. False then.
 */
static __always_inline bool list__next(struct search_list *list,
				       const struct wait_queue_entry *from)
{
	u64 next = (u64)from->entry.next;

	if (!next || next == list->at)
		return false;
	list->at = next;
	if (next == list->end)
		list->end = 0;
	return true;
}

/* ---- epoll instances ---- */

/* Does somebody wait for an instance to become readable? Not 0 then. */
static __always_inline u64 pollers_of(struct eventpoll *ep)
{
	struct list_head *head = &ep->poll_wait.head;

	return (u64)BPF_CORE_READ(head, next) ^ (u64)head;
}

/* Goes on with who sleeps in an instance, unless they have been counted. False then. */
static __always_inline bool begin_instance(struct snapshot *s, struct eventpoll *ep)
{
	u32 key = ((u64)ep >> 6 ^ (u64)ep >> 17) % MET_INSTANCES;
	struct met_instance *met = bpf_map_lookup_elem(&met_instances, &key);

	s->is_new = 0;
	if (met && met->arrival != s->arrival) {
		met->ep = (u64)ep;
		met->arrival = s->arrival;
		s->is_new = 1;
	} else if (met && met->ep == (u64)ep && s->is_cut) {
		return false;
	}
	s->sleepers = list__begin(&ep->wq.head);
	return true;
}

/* ---- one by one ---- */

static __always_inline bool take_sleeper(struct snapshot *s, u32 index)
{
	struct wait_queue_entry e;

	entry__read(&e, s->sleepers.at);
	emit_waiter(s->arrival, (u64)e.private, CAUSE_EPOLL,
		    waiter__place(index, s->flags, s->entry));
	s->listed++;
	return list__next(&s->sleepers, &e);
}

/*
 * Takes the task of an entry, whom the event wakes through this list; behind: through an instance, whose callback is
 * called for all of them.
 */
static __always_inline bool take_task(struct snapshot *s, struct search_list *list,
				      const struct wait_queue_entry *e, u32 index, bool behind)
{
	enum wake_cause cause;
	struct task_struct *task = entry__task(list__entry(list->at), e, &cause);

	/* A ring stays what it is: whether its task waits for it is not known. */
	if (behind && cause != CAUSE_IO_URING)
		cause = CAUSE_EPOLL;
	s->more |=
		emit_waiter(s->arrival, (u64)task, cause, waiter__place(index, s->flags, s->entry));
	s->listed++;
	return list__next(list, e);
}

/* An instance is waited for itself: by a task in poll, or through another instance. */
static __always_inline bool take_poller(struct snapshot *s, u32 index)
{
	struct wait_queue_entry e;
	struct eventpoll *ep;
	struct epitem *item;

	entry__read(&e, s->pollers.at);
	if ((u64)e.func != cfg.addr_ep_poll_callback)
		return take_task(s, &s->pollers, &e, index, true);
	ep = entry__eventpoll(list__entry(s->pollers.at), &item);
	if (item__hears(item)) {
		begin_instance(s, ep);
		s->more |= pollers_of(ep); /* three deep: not looked for */
	}
	return list__next(&s->pollers, &e);
}

static __always_inline bool take_entry(struct snapshot *s, u32 index)
{
	struct wait_queue_entry e;
	struct eventpoll *ep;
	struct epitem *item;

	entry__read(&e, s->queue.at);
	s->flags = e.flags;
	s->entry++;
	if (s->flags & WAIT_ENTRY_BOOKMARK)
		return list__next(&s->queue, &e);
	if ((u64)e.func != cfg.addr_ep_poll_callback)
		return take_task(s, &s->queue, &e, index, false);
	ep = entry__eventpoll(list__entry(s->queue.at), &item);
	if (item__hears(item) && begin_instance(s, ep))
		s->pollers = list__begin(&ep->poll_wait.head);
	return list__next(&s->queue, &e);
}

/* ---- counted ---- */

/* Of those in accept(), which all wait exclusively: until there is something else. False: there is at once. */
static __always_inline bool count_accepting(struct snapshot *s)
{
	struct wait_queue_entry e;
	u64 first = s->queue.at;

	for (int i = 0; i < COUNTED_AT_ONCE && s->queue.end; i++) {
		entry__read(&e, s->queue.at);
		if ((u64)e.func != cfg.addr_autoremove_wake_function &&
		    (u64)e.func != cfg.addr_receiver_wake_function)
			break;
		s->entry++;
		if (task__is_asleep(e.private)) {
			s->unlisted++;
			s->unlisted_exclusive++;
		}
		if (!list__next(&s->queue, &e))
			break;
	}
	return s->queue.at != first || !s->queue.end;
}

/* Of those in an instance; false when what follows an entry is not known. */
static __always_inline bool count_sleepers(struct snapshot *s)
{
	struct wait_queue_entry e;

	for (int i = 0; i < COUNTED_AT_ONCE && s->sleepers.end; i++) {
		entry__read(&e, s->sleepers.at);
		if (task__is_asleep(e.private)) {
			s->unlisted++;
			s->unlisted_exclusive += s->flags & WAIT_ENTRY_EXCLUSIVE;
		}
		if (!list__next(&s->sleepers, &e))
			return false;
	}
	return true;
}

/* ---- together ---- */

/* Who waits elsewhere in a reuseport group is listed, and may wait here as well: then all have to be known. */
static __always_inline bool is_shared_out(const struct snapshot *s)
{
	struct sock *sk = (struct sock *)s->listener;
	struct sock_reuseport *group = BPF_CORE_READ(sk, sk_reuseport_cb);

	return group && BPF_CORE_READ(group, num_socks) > 1;
}

/* The list is long enough. Is it time for a whole one? */
static __always_inline void decide_cut(struct snapshot *s)
{
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &s->listener);
	u64 now = bpf_ktime_get_ns();

	s->is_cut = l && !cfg.all_waiters && now - l->listed_ns < LIST_ALL_NS && !is_shared_out(s);
	s->lists_all = !s->is_cut;
	if (l && s->lists_all)
		l->listed_ns = now;
}

/* Takes one entry, or counts some; 1 when that was the last, or the others cannot be found. */
static long snapshot_step(u32 index, struct snapshot *s)
{
	bool found;

	if (s->listed >= WAITERS_LISTED && !s->is_cut && !s->lists_all)
		decide_cut(s);
	if (s->unlisted + s->listed >= LOOP_TURNS)
		return 1;
	if (s->sleepers.end) {
		found = s->is_cut && s->is_new ? count_sleepers(s) : take_sleeper(s, index);
	} else if (s->pollers.end) {
		found = take_poller(s, index);
	} else if (s->queue.end) {
		found = (s->is_cut && count_accepting(s)) || take_entry(s, index);
	} else {
		s->complete = 1;
		return 1;
	}
	return !found;
}

/* ---- the same, not as deep, where the verifier has to follow every turn: places would be too much for it ---- */

struct shallow_snapshot {
	u64 arrival;
	u64 outer, outer_end; /* next entry of the listener's queue, its head */
	u64 inner, inner_end; /* likewise in the queue of an epoll instance, 0: not in one */
	u64 complete;
	u64 more;
};

static __always_inline long shallow_step(u32 index, struct shallow_snapshot *s)
{
	struct wait_queue_entry e;

	if (s->inner_end) {
		entry__read(&e, s->inner);
		emit_waiter(s->arrival, (u64)e.private, CAUSE_EPOLL, WAITER_UNPLACED);
		if (!e.entry.next || (u64)e.entry.next == s->inner)
			return 1;
		s->inner = (u64)e.entry.next;
		if (s->inner == s->inner_end)
			s->inner_end = 0;
		return 0;
	}
	if (!s->outer || s->outer == s->outer_end) {
		s->complete = 1;
		return 1;
	}
	entry__read(&e, s->outer);
	if ((u64)e.func == cfg.addr_ep_poll_callback && !(e.flags & WAIT_ENTRY_BOOKMARK)) {
		struct epitem *item;
		struct eventpoll *ep = entry__eventpoll(list__entry(s->outer), &item);
		struct list_head *list = &ep->wq.head;

		if (item__hears(item)) {
			s->more |= pollers_of(ep);
			s->inner = (u64)BPF_CORE_READ(list, next);
			s->inner_end = s->inner == (u64)list ? 0 : (u64)list;
		}
	} else if (!(e.flags & WAIT_ENTRY_BOOKMARK)) {
		enum wake_cause cause;
		struct task_struct *task = entry__task(list__entry(s->outer), &e, &cause);

		s->more |= emit_waiter(s->arrival, (u64)task, cause, WAITER_UNPLACED);
	}
	s->outer = (u64)e.entry.next;
	return 0;
}

static __always_inline int shallow_snapshot(struct wait_queue_head *head, u64 arrival)
{
	struct shallow_snapshot s, begin = {
					   .arrival = arrival,
					   .outer = (u64)BPF_CORE_READ(head, head.next),
					   .outer_end = (u64)&head->head,
				   };

	begin_search(&s, &begin);
	repeat(LONG_SEARCH, shallow_step, &s, false);
	emit_batch(BATCH_HERE);
	return !s.complete || s.more;
}

/* More are there than at the last whole list: the next one is whole. */
static __always_inline void note_most(const struct snapshot *s)
{
	struct listener_state *l;
	u64 cnt = s->listed + s->unlisted;

	if (!s->is_cut && !s->lists_all)
		return;
	l = bpf_map_lookup_elem(&listeners, &s->listener);
	if (!l)
		return;
	if (s->is_cut && cnt > l->most_waiters)
		l->listed_ns = 0;
	if (s->lists_all)
		l->most_waiters = cnt;
}

/*
 * Lists the tasks that sleep in a call which this queue can end: entries of blocking accepts and
 * polls directly, entries of epoll instances through the instance's own queues. The listener's
 * queue is locked. The instances' queues are not: a task may come or go meanwhile, as it may
 * before and after. There may be more when a queue was longer than can be searched, or changed.
 */
static __always_inline void snapshot_waiters(struct arrival_state *a, bool loops)
{
	struct wait_queue_head *head = (struct wait_queue_head *)a->wq;
	struct snapshot s, begin = {.arrival = a->arrival, .listener = a->listener};

	a->snapshotted = 1;
	if (!loops) {
		a->truncated = shallow_snapshot(head, a->arrival) ? WAITERS_MAY_BE_MORE : 0;
		return;
	}
	begin.queue = list__begin(&head->head);
	begin_search(&s, &begin);
	bpf_loop(LOOP_TURNS, snapshot_step, &s, 0);
	emit_batch(BATCH_HERE);
	note_most(&s);
	a->unlisted = s.unlisted;
	a->unlisted_exclusive = s.unlisted_exclusive;
	a->truncated = (!s.complete || s.more ? WAITERS_MAY_BE_MORE : 0) |
		       (s.unlisted ? WAITERS_ARE_CUT : 0);
}

#endif
