/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is known of one listener, and of one connection that waits there. Both sides include this file. */
#ifndef HERDTRACE_LISTENER_STATE_H
#define HERDTRACE_LISTENER_STATE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

struct listener_state {
	__u64 wq;        /* &sk->sk_wq->wait */
	__u64 lock;      /* &sk->sk_lock.wq */
	__u64 inode;     /* its number: no other socket has it, not even one in the same memory */
	__u64 since_ns;  /* traced since then: likewise, and not 0 */
	__u64 announced; /* LISTEN has been told: not before listen() has done its work */
	__u64 queued;    /* of counters.queued */
	__u64 last_arrival;
	__u64 listed_ns; /* when all of its waiters were listed, as far as there were many; 0: not yet */
	__u64 most_waiters; /* that there were then */
};

/* A connection that was told and that nobody has accepted. */
struct queued_connection {
	__u64 listener; /* struct sock */
	__u64 since_ns; /* the listener's */
};

/*
 * Is this listener, found by the address that the connection names, the one that the connection waits at? That one may
 * have been closed, and its memory be another one's now. l: NULL when none was found.
 */
static inline int queued_connection__waits_at(const struct queued_connection *c,
					      const struct listener_state *l)
{
	return l && l->since_ns == c->since_ns;
}

#endif
