/* SPDX-License-Identifier: GPL-2.0 */
/* Entry to and return from the kernel's accept functions, whatever the family. */
#ifndef HERDTRACE_ACCEPT_BPF_H
#define HERDTRACE_ACCEPT_BPF_H

#include "calls.bpf.h"
#include "listeners.bpf.h"

static __always_inline int handle_accept_enter(struct sock *sk, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (!t) {
		struct task_struct *task = (struct task_struct *)bpf_get_current_task();
		u64 key = (u64)sk;

		/* Somebody else's task on a traced listener, or one that no fork announced (the
		 * workers of io_uring). */
		if (!bpf_map_lookup_elem(&listeners, &key) &&
		    !task__find(bpf_get_current_pid_tgid() >> 32))
			return 0;
		if (!task__follow(task, TASK_SEEN, 0))
			return 0;
		t = task__current();
		if (!t)
			return 0;
	}
	call__enter(t, CALL_ACCEPT, 0, copy);
	t->accept_sk = (u64)sk;
	return watch_listener(sk);
}

static __always_inline int handle_accept_exit(u64 child, int error, enum hook_copy copy)
{
	struct task_state *t = task__current();
	struct record_accept *r;

	if (!t || !call__leave(t, copy) || counters.stopped)
		return 0;
	/* Adding what may be 0 makes the compiler choose an atomic or, which 5.10 does not know. */
	if (child)
		count(&counters.accepts, 1);
	r = RECORD_RESERVE(RECORD_ACCEPT, accept, (u32)bpf_get_current_pid_tgid());
	if (!r)
		return 0;
	put_handle(&r->listener, t->accept_sk);
	put_handle(&r->child, child);
	r->error = child ? 0 : error;
	r->tgid = t->tgid;
	record__submit(r);
	/* Not before that is told: until then, sleeps matter. */
	if (child)
		dequeue(child);
	return 0;
}

#endif
