// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Calls that began before the trace. Of a function that a task is inside of already, the exit hook is not called: that
 * such a call returns shows at the exit of the system call only, and a hook there is paid by every system call of the
 * machine. So it stays only as long as some task that matters may be in a call of before.
 */
#include <sys/syscall.h>

#include "base/log.h"
#include "base/procfs.h"
#include "bpf/task_state.h"
#include "tracer/state.h"

/*
 * The calls in which a task can wait for a listener, those of 32-bit programs among them: as /proc does not say whose
 * number it is, some others are taken for them.
 */
static const long waiting_calls[] = {
	SYS_accept,
	SYS_accept4,
	SYS_epoll_pwait,
	SYS_epoll_pwait2,
	SYS_ppoll,
	SYS_pselect6,
	SYS_io_uring_enter,
	413 /* pselect6_time64 */,
	414 /* ppoll_time64 */,
#ifdef __x86_64__
	SYS_epoll_wait,
	SYS_poll,
	SYS_select,
	/* of i386: select, socketcall, _newselect, poll, epoll_wait, pselect6, ppoll, epoll_pwait, accept4 */
	82,
	102,
	142,
	168,
	256,
	308,
	309,
	319,
	364,
#endif
};

static bool may_wait(long number)
{
	if (number == PROCFS_RUNS_NOW)
		return true;
	for (size_t i = 0; i < sizeof(waiting_calls) / sizeof(waiting_calls[0]); i++)
		if (number == waiting_calls[i])
			return true;
	return false;
}

/* A task that is not followed, and was not woken by what is traced either, may be. */
static bool is_known(const struct tracer *t, uint32_t tid, struct task_state *state)
{
	int fd = bpf_map__fd(t->skel->maps.tasks);

	return !bpf_map_lookup_elem(fd, &tid, state) && task_state__is_known(state);
}

struct search {
	const struct tracer *tracer;
	pid_t pid;
};

/* Not 0 for one that may be in such a call. */
static int look_at_thread(void *arg, pid_t tid)
{
	const struct search *s = arg;
	struct task_state state;

	return !is_known(s->tracer, tid, &state) && may_wait(procfs__call(s->pid, tid));
}

static bool some_sharer_waits(const struct tracer *t)
{
	for (size_t i = 0; i < t->sharers.cnt; i++) {
		struct search s = {t, t->sharers.at[i]};

		if (procfs__each_thread(s.pid, look_at_thread, &s) > 0)
			return true;
	}
	return false;
}

/* An entry that goes meanwhile makes the kernel begin anew: as often as there is room for entries, at most. */
static bool some_task_waits(const struct tracer *t)
{
	int fd = bpf_map__fd(t->skel->maps.tasks);
	uint32_t tid, *last = NULL, turns = bpf_map__max_entries(t->skel->maps.tasks);
	struct task_state state;

	while (turns-- && !bpf_map_get_next_key(fd, last, &tid)) {
		last = &tid;
		if (bpf_map_lookup_elem(fd, &tid, &state) || task_state__is_known(&state))
			continue;
		if (may_wait(procfs__call(state.tgid, tid)))
			return true;
	}
	return false;
}

bool tracer__drop_exits(struct tracer *t)
{
	/* With kprobes all returns are seen there. */
	if (!t->exit_cnt || t->mode == ATTACH_KPROBE)
		return true;
	if (some_task_waits(t) || some_sharer_waits(t))
		return false;
	t->skel->bss->counters.no_exits = 1;
	tracer__detach_exits(t);
	log_detail("no call that began before the trace is left: system calls are not looked at "
		   "any more");
	return true;
}
