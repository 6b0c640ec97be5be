// SPDX-License-Identifier: GPL-2.0
/*
 * The calls in which tasks wait for a listener: epoll_wait, select, poll (fs/eventpoll.c,
 * fs/select.c). Entry says which call a task is in when it sleeps, return that user space hears
 * of it. Blocking accept is in accept.bpf.c.
 */
#include "calls.bpf.h"
#include "files.bpf.h"

static __always_inline int handle_call_enter(enum wait_call call, u64 object, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t)
		call__enter(t, call, object, copy);
	return 0;
}

static __always_inline void emit_return(const struct task_state *t, enum wait_call call, s64 result)
{
	struct record_return *r;

	if (t->progress == WAKE_NONE || counters.stopped)
		return;
	r = RECORD_RESERVE(RECORD_RETURN, return, (u32)bpf_get_current_pid_tgid());
	if (!r)
		return;
	r->call = call;
	r->result = result;
	record__submit(r);
}

static __always_inline int handle_call_exit(enum wait_call call, s64 result, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t && call__leave(t, copy))
		emit_return(t, call, result);
	return 0;
}

/* io_uring_enter() calls accept on its way: it has a bookkeeping of its own. */
static __always_inline int handle_ring_enter(enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t)
		copies__enter(&t->ring, copy);
	return 0;
}

static __always_inline int handle_ring_exit(s64 result, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t && copies__leave(&t->ring, copy))
		emit_return(t, CALL_IO_URING, result);
	return 0;
}

/* The epoll instance behind a file descriptor of a task that is followed, 0 when there is none. */
static __always_inline u64 eventpoll_of(int epfd)
{
	struct file *file = task__current() ? current__file(epfd) : NULL;

	return file ? (u64)BPF_CORE_READ(file, private_data) : 0;
}

#define WAIT_CALL(FUNCTION, CALL, TYPE, OBJECT, RESULT_AT)                   \
	CALL_PROGRAMS(FUNCTION, TYPE, handle_call_enter(CALL, OBJECT, copy), \
		      handle_call_exit(CALL, (int)ctx[RESULT_AT], copy))

/* ep_poll(ep, events, maxevents, timeout), where the compiler kept it; its only caller else. */
WAIT_CALL(ep_poll, CALL_EPOLL, struct eventpoll *, (u64)first, 4)
WAIT_CALL(do_epoll_wait, CALL_EPOLL, int, eventpoll_of(first), 4)
/* do_sys_poll(ufds, nfds, end_time), do_select(n, fds, end_time), native and compat alike. */
WAIT_CALL(do_sys_poll, CALL_POLL, void *, 0, 3)
WAIT_CALL(do_select, CALL_POLL, int, 0, 3)
/* core_sys_select(n, inp, outp, exp, end_time), where do_select() was inlined. */
WAIT_CALL(core_sys_select, CALL_POLL, int, 0, 5)

/*
 * io_uring_enter() as the system call table has it: what that calls is in the types of some kernels
 * that have inlined it. Its argument is the registers.
 */
#define RING_CALL(FUNCTION)                                                      \
	CALL_PROGRAMS(FUNCTION, const struct pt_regs *, handle_ring_enter(copy), \
		      handle_ring_exit((long)ctx[1], copy))

RING_CALL(__x64_sys_io_uring_enter)
RING_CALL(__arm64_sys_io_uring_enter)

/*
 * With kprobes the return comes from the system call's exit: a kretprobe on a function that blocks
 * loses returns when many tasks block in it. So it does for calls that began before the trace.
 * accept is finished in accept.bpf.c. Attached twice, as other hooks on these calls are
 * (calls.bpf.h): the copy that comes second finds nothing left to do.
 */
static __always_inline int handle_syscall_exit(long result)
{
	struct task_state *t = task__current();

	if (!t)
		return 0;
	if (t->ring.entered & (cfg.exit_by_syscall ? ~0 : COPY_ASSUMED))
		handle_ring_exit(result, COPY_FIRST);
	if (!call__ends_with_syscall(t) || t->call == CALL_ACCEPT)
		return 0;
	return handle_call_exit(t->call, result, COPY_FIRST);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(tp_sys_exit_wait, struct pt_regs *regs, long result)
{
	return handle_syscall_exit(result);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(tp_again_sys_exit_wait, struct pt_regs *regs, long result)
{
	return handle_syscall_exit(result);
}
