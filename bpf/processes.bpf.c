// SPDX-License-Identifier: GPL-2.0
/* The traced tree (kernel/fork.c, fs/exec.c, kernel/exit.c): who belongs to it, and is called what. */
#include "emit.bpf.h"

/*
 * Is the current task in the cgroup that is traced, or below it? Who comes there without being forked by one of the
 * tree, as what systemd starts anew does, executes a program afterwards, or forks.
 */
static __always_inline bool is_in_cgroup(void)
{
	return cfg.follows_cgroup && bpf_current_task_under_cgroup(&cgroups, 0) == 1;
}

static __always_inline int handle_fork(struct task_struct *parent, struct task_struct *child)
{
	u32 tid = parent->pid;

	if (task__find(tid))
		task__follow(child, TASK_FORKED, tid);
	else if (is_in_cgroup())
		task__follow(child, TASK_SEEN, 0);
	return 0;
}

static __always_inline int handle_exec(struct task_struct *task, u32 old_tid)
{
	u32 tid = task->pid;
	struct task_state *t = task__find(old_tid);

	if (!t && is_in_cgroup())
		task__follow(task, TASK_SEEN, 0);
	if (!t)
		return 0;
	if (old_tid == tid) {
		emit_task(task, TASK_EXECED, 0);
		return 0;
	}
	/* A thread that executes takes over its process' id; who had it has ended before (de_thread()). */
	task__wakes_done(t, t->waking);
	struct task_state moved = *t;

	task__delete(old_tid);
	if (task__insert(tid, &moved, BPF_ANY))
		count(&counters.map_full, 1);
	emit_task(task, TASK_EXECED, old_tid);
	return 0;
}

/* Comes before the task is called so. */
static __always_inline int handle_rename(struct task_struct *task, const char *comm)
{
	if (task__find(task->pid) && !counters.stopped)
		emit_named_task(task, TASK_RENAMED, 0, comm);
	return 0;
}

static __always_inline int handle_exit(struct task_struct *task)
{
	u32 tid = task->pid;
	struct task_state *t = task__find(tid);

	context__drop();
	if (!t || counters.stopped)
		return 0;
	task__wakes_done(t, t->waking);
	emit_task(task, TASK_EXITED, 0);
	task__delete(tid);
	return 0;
}

/*
 * These run in tasks that can be preempted, and 7.2 preempts inside of the programs of a tracepoint, too: three
 * copies (calls.bpf.h). A fork, a move or an end that one has told of is done for the next; that a task
 * executes, or is renamed, may be told three times.
 */
#define PROCESS_COPY(PREFIX)                                                                \
	SEC("tp_btf/sched_process_fork")                                                    \
	int BPF_PROG(tp##PREFIX##sched_process_fork, struct task_struct *parent,            \
		     struct task_struct *child)                                             \
	{                                                                                   \
		return handle_fork(parent, child);                                          \
	}                                                                                   \
	SEC("tp_btf/sched_process_exec")                                                    \
	int BPF_PROG(tp##PREFIX##sched_process_exec, struct task_struct *task, u32 old_tid) \
	{                                                                                   \
		return handle_exec(task, old_tid);                                          \
	}                                                                                   \
	SEC("tp_btf/task_rename")                                                           \
	int BPF_PROG(tp##PREFIX##task_rename, struct task_struct *task, const char *comm)   \
	{                                                                                   \
		return handle_rename(task, comm);                                           \
	}                                                                                   \
	SEC("tp_btf/sched_process_exit")                                                    \
	int BPF_PROG(tp##PREFIX##sched_process_exit, struct task_struct *task)              \
	{                                                                                   \
		return handle_exit(task);                                                   \
	}

PROCESS_COPY(_)
PROCESS_COPY(_again_)
PROCESS_COPY(_third_)
