// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler (kernel/sched/core.c): who is made runnable inside a walk, when it runs, and when
 * it sleeps again in a waiting call.
 */
#include "emit.bpf.h"

/*
 * The tasks here are the tracepoints' own arguments, whose members the verifier lets these programs read as they
 * are: a helper's call for each would be most of what a switch costs.
 */

/*
 * Which entry of the listener's queue woke the task? The one that was called last, unless that wakes another one, or
 * through another queue: then it is one whose function we do not hook.
 */
static __always_inline enum wake_cause entry__cause(const struct trace_context *c,
						    const struct task_struct *task)
{
	bool is_direct = c->cause == CAUSE_ACCEPT || c->cause == CAUSE_POLL;

	if (!c->cause ||
	    (!c->depth && (is_direct ? (u64)task != c->called : c->cause == CAUSE_EPOLL)))
		return CAUSE_OTHER;
	return c->cause;
}

static __always_inline enum wake_cause frame__cause(const struct trace_context *c,
						    const struct task_struct *task)
{
	if (c->frame == FRAME_CHAIN)
		return CAUSE_CHAIN;
	if (c->frame == FRAME_LOCK)
		return CAUSE_LOCK;
	if (c->frame == FRAME_SIGNAL)
		return CAUSE_SIGNAL;
	return entry__cause(c, task);
}

static __always_inline enum wait_call cause__call(enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_EPOLL:
	case CAUSE_CHAIN: return CALL_EPOLL;
	case CAUSE_POLL: return CALL_POLL;
	case CAUSE_ACCEPT: return CALL_ACCEPT;
	default: return CALL_NONE;
	}
}

/*
 * A wake out of a call that began before the hooks were there, whose return nothing sees: what comes of it would be
 * guessed. Of tasks that are followed it is known by what the hooks have seen of them since; of others by when they ran
 * last.
 */
static __always_inline void note_early_call(const struct task_struct *task,
					    const struct task_state *t, enum wake_cause cause)
{
	bool is_early;

	if (cause__call(cause) == CALL_NONE || cfg.exit_by_syscall ||
	    (cfg.running && !counters.no_exits))
		return;
	is_early = t ? !task_state__is_known(t) : task__last_ran_ns(task) < counters.followed_ns;
	if (is_early)
		count(&counters.early_calls, 1);
}

/*
 * The wakee is followed from here until it sleeps again. It may be no task of the tree (a process
 * that shares the listener), and it may have been asleep since before the trace began, so that
 * its call was never seen to be entered: the wake tells which one it is. Returns the wake's number
 * among those of the task, 0 when the task cannot be followed (counted as a loss).
 */
static __always_inline u32 note_wake(struct task_struct *task, const struct trace_context *c,
				     enum wake_cause cause)
{
	u32 tid = task->pid;
	struct task_state *t = task__find(tid);

	if (!t || t->call == CALL_NONE)
		note_early_call(task, t, cause);
	if (!t) {
		if (!task__follow(task, TASK_SEEN, 0))
			return 0;
		t = task__find(tid);
		if (!t)
			return 0;
	}
	if (cause == CAUSE_IO_URING) {
		if (!t->ring.entered)
			t->ring.entered = COPY_ASSUMED;
	} else if (t->call == CALL_NONE) {
		t->call = cause__call(cause);
		t->object = t->call == CALL_EPOLL ? c->frame_object : 0;
		t->accept_sk = c->frame_object;
	}
	if (cause == CAUSE_POLL)
		t->elsewhere = 0;
	t->signalled = cause == CAUSE_SIGNAL;
	count(&counters.open_wakes, 1);
	return ++t->waking;
}

/*
 * Interrupts are on while the owners of a listener are signalled: who is woken by one of them has nothing to do with the
 * arrival. A signal is pending before its task is woken (__send_signal_locked(), complete_signal()).
 */
static __always_inline bool is_signalled(const struct task_struct *task)
{
	return task->pending.signal.sig[0] || task->signal->shared_pending.signal.sig[0];
}

/* What arrives by TCP is told by a softirq; all else that wakes for a listener a task does itself. */
static __always_inline enum waker_context waker__context(const struct trace_context *c)
{
	bool is_told = c->frame == FRAME_ARRIVAL || c->frame == FRAME_SIGNAL;

	return is_told && c->now.arrival == c->frame_arrival ? WAKER_SOFTIRQ : WAKER_TASK;
}

static __always_inline int handle_waking(void *ctx, struct task_struct *task)
{
	struct record_wake *r;
	enum wake_cause cause;
	struct trace_context *c;
	u32 number;

	if (!counters.open_frames)
		return 0;
	c = context__find();
	if (!c || c->frame == FRAME_NONE || c->frame == FRAME_FOREIGN)
		return 0;
	if (c->frame == FRAME_SIGNAL && !is_signalled(task))
		return 0;
	if ((u32)task->tgid == reader.tgid)
		return 0;
	cause = frame__cause(c, task);
	number = note_wake(task, c, cause);
	count(&counters.wakes, 1);
	r = RECORD_RESERVE(RECORD_WAKE, wake, task->pid);
	if (!r)
		return 0;
	r->arrival = c->frame_arrival;
	r->cause = cause;
	r->tgid = task->tgid;
	r->waker_tid = (u32)bpf_get_current_pid_tgid();
	r->stack_id = cfg.stacks ? bpf_get_stackid(ctx, &stacks, 0) : -1;
	r->exec_ns = task->se.sum_exec_runtime;
	put_handle(&r->object, c->frame_object);
	r->number = number;
	r->waker_cpu = 1 + bpf_get_smp_processor_id();
	r->waker_context = waker__context(c);
	BPF_CORE_READ_STR_INTO(&r->comm, task, comm);
	record__submit(r);
	return 0;
}

static __always_inline int handle_wakeup(struct task_struct *task)
{
	struct task_state *t;

	if (!counters.open_wakes)
		return 0;
	t = task__find(task->pid);
	if (t)
		t->runnable = t->waking;
	return 0;
}

/*
 * Is this sleep one in a waiting call? Sleeps on a mutex or on the socket's lock inside of such a
 * call are not interruptible. An epoll instance counts when a listener was offered to it, a poll when
 * one is among what it watches: a worker that was woken may poll something else before it accepts.
 * Who is told by a signal may wait for it anywhere (sigwaitinfo(), pause()).
 */
static __always_inline bool sleeps_on_listener(const struct task_state *t, u32 state)
{
	u64 wq;

	/* 5.10 tells the state only through the task, where a waker on another CPU may have
	 * changed it to TASK_WAKING by now. */
	if (!(state & (TASK_STATE_INTERRUPTIBLE | TASK_STATE_WAKING)))
		return false;
	if (t->call == CALL_NONE && t->signalled)
		return true;
	if (t->call == CALL_POLL)
		return !t->elsewhere;
	if (t->call != CALL_EPOLL || !t->object)
		return t->call != CALL_NONE || t->ring.entered;
	wq = (u64) & ((struct eventpoll *)t->object)->wq;
	return head__find(wq);
}

/*
 * A task without a wake begins to sleep in a waiting call, or (CALL_NONE) runs again after a sleep of any sort. Told
 * only while a connection waits, so that it can be said whether somebody slept meanwhile who could have taken it.
 */
static __always_inline void emit_standby(const struct task_state *t, u32 tid, enum wait_call call)
{
	struct record_standby *r = RECORD_RESERVE(RECORD_STANDBY, standby, tid);

	if (!r)
		return;
	r->call = call;
	if (call == CALL_ACCEPT)
		put_handle(&r->listener, t->accept_sk);
	r->queued = counters.queued;
	record__submit(r);
}

static __always_inline enum wait_call sleeping_call(const struct task_state *t)
{
	return t->call == CALL_NONE ? CALL_IO_URING : t->call;
}

static __always_inline void switch_out(struct task_struct *task, u32 state)
{
	u32 tid = task->pid;
	struct task_state *t = task__find(tid);
	struct record_sleep *r;

	if (!t || !sleeps_on_listener(t, state))
		return;
	if (t->runnable == t->done) {
		if (counters.queued)
			emit_standby(t, tid, sleeping_call(t));
		return;
	}
	task__wakes_done(t, t->runnable);
	r = RECORD_RESERVE(RECORD_SLEEP, sleep, tid);
	if (!r)
		return;
	r->call = sleeping_call(t);
	r->number = t->runnable;
	r->exec_ns = task->se.sum_exec_runtime;
	record__submit(r);
}

static __always_inline void switch_in(struct task_struct *task)
{
	u32 tid = task->pid;
	struct task_state *t = task__find(tid);
	struct record_run *r;

	if (!t)
		return;
	if (t->runnable == t->done) {
		if (counters.queued && !t->preempted)
			emit_standby(t, tid, CALL_NONE);
		t->preempted = 0;
		return;
	}
	if (t->ran == t->runnable)
		return;
	t->ran = t->runnable;
	r = RECORD_RESERVE(RECORD_RUN, run, tid);
	if (!r)
		return;
	r->number = t->ran;
	record__submit(r);
}

/* It is not over with its work, and will run again without having slept. */
static __always_inline void note_preempted(struct task_struct *task)
{
	struct task_state *t = task__find(task->pid);

	if (t)
		t->preempted = 1;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(tp_sched_waking, struct task_struct *task)
{
	return handle_waking(ctx, task);
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(tp_sched_wakeup, struct task_struct *task)
{
	return handle_wakeup(task);
}

SEC("tp_btf/sched_switch")
int tp_sched_switch(u64 *ctx)
{
	bool preempt = ctx[0];
	struct task_struct *prev = (struct task_struct *)ctx[1];
	struct task_struct *next = (struct task_struct *)ctx[2];
	u32 state;

	if ((!counters.open_wakes && !counters.queued) || counters.stopped)
		return 0;
	/* The argument came in 5.18 (fa2c3254d7cf): the task itself may have been woken since. */
	state = cfg.switch_has_state ? (u32)ctx[3] : task__state(prev);
	if (!preempt && state)
		switch_out(prev, state);
	else if (counters.queued)
		note_preempted(prev);
	switch_in(next);
	return 0;
}
