// SPDX-License-Identifier: GPL-2.0
/*
 * The calls in which tasks wait for a listener: epoll_wait, select, poll (fs/eventpoll.c,
 * fs/select.c). Entry says which call a task is in when it sleeps, return that user space hears
 * of it. Blocking accept is in accept.bpf.c.
 */
#include "calls.bpf.h"

static __always_inline int handle_call_enter(enum wait_call call, u64 object, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t)
		call__enter(t, call, object, copy);
	return 0;
}

static __always_inline int handle_call_exit(enum wait_call call, s64 result, enum hook_copy copy)
{
	struct task_state *t = task__current();
	struct record_return *r;

	if (!t || !call__leave(t, copy) || t->progress == WAKE_NONE || stopped)
		return 0;
	r = RECORD_RESERVE(RECORD_RETURN, return, (u32)bpf_get_current_pid_tgid());
	if (!r)
		return 0;
	r->call = call;
	r->result = result;
	record__submit(r);
	return 0;
}

/* The epoll instance behind a file descriptor of the current task, 0 when there is none. */
static __always_inline u64 eventpoll_of(int epfd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table;
	struct file *file = NULL;

	if (!task__current())
		return 0;
	table = BPF_CORE_READ(task, files, fdt);
	if (epfd < 0 || (u32)epfd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + epfd);
	return file ? (u64)BPF_CORE_READ(file, private_data) : 0;
}

#define WAIT_CALL_COPY(PREFIX, FUNCTION, CALL, TYPE, OBJECT, RESULT_AT, COPY) \
	SEC("fentry/" #FUNCTION)                                              \
	int BPF_PROG(fentry##PREFIX##FUNCTION, TYPE first)                    \
	{                                                                     \
		return handle_call_enter(CALL, OBJECT, COPY);                 \
	}                                                                     \
	SEC("fexit/" #FUNCTION)                                               \
	int fexit##PREFIX##FUNCTION(u64 *ctx)                                 \
	{                                                                     \
		return handle_call_exit(CALL, (int)ctx[RESULT_AT], COPY);     \
	}

#define WAIT_CALL(FUNCTION, CALL, TYPE, OBJECT, RESULT_AT)                           \
	WAIT_CALL_COPY(_, FUNCTION, CALL, TYPE, OBJECT, RESULT_AT, COPY_FIRST)       \
	WAIT_CALL_COPY(_again_, FUNCTION, CALL, TYPE, OBJECT, RESULT_AT, COPY_AGAIN) \
	SEC("kprobe/" #FUNCTION)                                                     \
	int BPF_KPROBE(kprobe_##FUNCTION, TYPE first)                                \
	{                                                                            \
		return handle_call_enter(CALL, OBJECT, COPY_FIRST);                  \
	}

/* ep_poll(ep, events, maxevents, timeout), where the compiler kept it; its only caller else. */
WAIT_CALL(ep_poll, CALL_EPOLL, struct eventpoll *, (u64)first, 4)
WAIT_CALL(do_epoll_wait, CALL_EPOLL, int, eventpoll_of(first), 4)
/* do_sys_poll(ufds, nfds, end_time), do_select(n, fds, end_time), native and compat alike. */
WAIT_CALL(do_sys_poll, CALL_POLL, void *, 0, 3)
WAIT_CALL(do_select, CALL_POLL, int, 0, 3)
/* core_sys_select(n, inp, outp, exp, end_time), where do_select() was inlined. */
WAIT_CALL(core_sys_select, CALL_POLL, int, 0, 5)

/*
 * With kprobes the return comes from the system call's exit: a kretprobe on a function that blocks
 * loses returns when many tasks block in it. So it does for calls that began before the trace.
 * accept is finished in accept.bpf.c. Attached twice, like the other hooks on these calls
 * (calls.bpf.h): the copy that comes second finds nothing left to do.
 */
static __always_inline int handle_syscall_exit(long result)
{
	struct task_state *t = task__current();

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
