// SPDX-License-Identifier: GPL-2.0
/*
 * The calls in which tasks wait for a listener: epoll_wait, select, poll (fs/eventpoll.c,
 * fs/select.c). Entry says which call a task is in when it sleeps, return that user space hears
 * of it. Blocking accept is in accept.bpf.c.
 */
#include "calls.bpf.h"
#include "files.bpf.h"

/* OBJECT is looked for only where the task is followed. */
#define HANDLE_CALL_ENTER(CALL, OBJECT, COPY)                \
	({                                                   \
		struct task_state *t_ = task__current();     \
		if (t_)                                      \
			call__enter(t_, CALL, OBJECT, COPY); \
		0;                                           \
	})

/* ---- does a poll watch a listener? ---- */

/* A listener of ours, or an epoll instance to which one was offered. */
static __always_inline bool file__is_watched(struct file *file)
{
	u64 operations = file ? (u64)BPF_CORE_READ(file, f_op) : 0, key;

	if (operations && operations == cfg.addr_socket_file_ops) {
		key = (u64)file__sock(file);
		return bpf_map_lookup_elem(&listeners, &key);
	}
	if (!operations || operations != cfg.addr_eventpoll_fops)
		return false;
	key = (u64) & ((struct eventpoll *)BPF_CORE_READ(file, private_data))->wq;
	return head__find(key);
}

/* Where a search stands among the files of a poll or select. */
struct poll_search {
	u64 at, end; /* the next struct pollfd, or the next word of the set */
	u64 bits;    /* what is left of the word before it */
	u32 word_fd; /* of the next word's first bit */
	u32 cnt;     /* select's first argument */
	u8 found;
	u8 complete;
};

/* Takes one of poll's files, 1 when the search is over. What cannot be read may be one. */
static long poll_step(u32 index, struct poll_search *s)
{
	struct pollfd p;

	if (s->at >= s->end)
		s->complete = 1;
	else
		s->found = bpf_probe_read_user(&p, sizeof(p), (void *)s->at) ||
			   file__is_watched(current__file(p.fd));
	s->at += sizeof(p);
	return s->complete || s->found;
}

/*
 * Number of the lowest bit that is set: how many are below it. Without a branch, each of which the
 * verifier would follow both ways in every turn; clang 14 fails on __builtin_ctzll() for this target.
 */
static __always_inline u32 lowest_bit(u64 bits)
{
	u64 below = (bits & -bits) - 1;

	below -= below >> 1 & 0x5555555555555555;
	below = (below & 0x3333333333333333) + (below >> 2 & 0x3333333333333333);
	below = (below + (below >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return below * 0x0101010101010101 >> 56;
}

/* Takes one of select's files, or goes on to the next word of the set. */
static long select_step(u32 index, struct poll_search *s)
{
	if (s->bits) {
		u32 fd = s->word_fd - 64 + lowest_bit(s->bits);

		s->found = fd < s->cnt && file__is_watched(current__file(fd));
		s->bits &= s->bits - 1;
	} else if (s->at < s->end) {
		s->found = bpf_probe_read_kernel(&s->bits, sizeof(s->bits), (void *)s->at);
		s->at += sizeof(s->bits);
		s->word_fd += 64;
	} else {
		s->complete = 1;
	}
	return s->complete || s->found;
}

/*
 * Sets t->elsewhere when none of these files is a listener of ours; of more than can be searched, one may
 * be. Only what a sleep in this call says of a wake before it rests on the answer.
 */
static __always_inline void look_at_poll(struct task_state *t, u64 files, u32 cnt, bool loops)
{
	struct poll_search s, begin = {
				      .at = files,
				      .end = files + cnt * sizeof(struct pollfd),
			      };

	if (!task__has_open_wake(t))
		return;
	begin_search(&s, &begin);
	repeat(TINY_SEARCH, poll_step, &s, loops);
	t->elsewhere = s.complete;
}

/* The same for what select wants to read from. */
static __always_inline void look_at_select(struct task_state *t, u64 sets, u32 cnt, bool loops)
{
	u64 in = (u64)BPF_CORE_READ((fd_set_bits *)sets, in);
	struct poll_search s, begin = {.at = in, .end = in + (cnt + 63) / 64 * 8, .cnt = cnt};

	if (!task__has_open_wake(t))
		return;
	begin_search(&s, &begin);
	repeat(TINY_SEARCH, select_step, &s, loops);
	t->elsewhere = s.complete;
}

static __always_inline void emit_return(const struct task_state *t, enum wait_call call, s64 result)
{
	struct record_return *r;

	if (!task__has_open_wake(t) || counters.stopped)
		return;
	r = RECORD_RESERVE(RECORD_RETURN, return, (u32)bpf_get_current_pid_tgid());
	if (!r)
		return;
	r->call = call;
	r->result = result;
	r->number = t->waking;
	record__submit(r);
}

static __always_inline int handle_call_exit(enum wait_call call, s64 result, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (t && call__leave(t, copy))
		emit_return(t, call, result);
	return 0;
}

/*
 * get_signal() is about to let a handler run (kernel/signal.c): user space hears, although the call that
 * the signal has interrupted may go on after it (-ERESTARTSYS and its like). 0 and 1 are SIG_DFL, SIG_IGN.
 */
SEC("tp_btf/signal_deliver")
int BPF_PROG(tp_signal_deliver, int signal, struct kernel_siginfo *info, struct k_sigaction *action)
{
	struct task_state *t = counters.open_wakes ? task__current() : NULL;

	if (t && (u64)BPF_CORE_READ(action, sa.sa_handler) > 1)
		emit_return(t, CALL_NONE, 0);
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

/* The epoll instance behind a file descriptor of the current task, 0 when there is none. */
static __always_inline u64 eventpoll_of(int epfd)
{
	struct file *file = current__file(epfd);

	return file ? (u64)BPF_CORE_READ(file, private_data) : 0;
}

#define WAIT_CALL(FUNCTION, CALL, TYPE, OBJECT, RESULT_AT)                   \
	CALL_PROGRAMS(FUNCTION, TYPE, HANDLE_CALL_ENTER(CALL, OBJECT, copy), \
		      handle_call_exit(CALL, (int)ctx[RESULT_AT], copy))

/* ep_poll(ep, events, maxevents, timeout), where the compiler kept it; its only caller else. */
WAIT_CALL(ep_poll, CALL_EPOLL, struct eventpoll *, (u64)first, 4)
WAIT_CALL(do_epoll_wait, CALL_EPOLL, int, eventpoll_of(first), 4)
/* do_sys_poll(ufds, nfds, end_time), do_select(n, fds, end_time), native and compat alike. */
#define POLL_ENTER(FUNCTION, LOOK, LOOPS)                              \
	SEC("fentry/" #FUNCTION)                                       \
	int BPF_PROG(fentry##LOOPS##FUNCTION, u64 first, u64 second)   \
	{                                                              \
		return LOOK(first, second, COPY_FIRST, IS##LOOPS);     \
	}                                                              \
	SEC("kprobe/" #FUNCTION)                                       \
	int BPF_KPROBE(kprobe##LOOPS##FUNCTION, u64 first, u64 second) \
	{                                                              \
		return LOOK(first, second, COPY_FIRST, IS##LOOPS);     \
	}
#define IS_      false
#define IS_loop_ true

/* The first copy looks at what is polled; where it was skipped, the call counts as one of ours. */
#define POLL_CALL(FUNCTION, ENTER)                                                              \
	POLL_ENTER(FUNCTION, ENTER, _)                                                          \
	POLL_ENTER(FUNCTION, ENTER, _loop_)                                                     \
	CALL_EXIT_COPY(_, FUNCTION, handle_call_exit(CALL_POLL, (int)ctx[3], copy), COPY_FIRST) \
	CALL_COPY(_again_, FUNCTION, u64, HANDLE_CALL_ENTER(CALL_POLL, 0, copy),                \
		  handle_call_exit(CALL_POLL, (int)ctx[3], copy), COPY_AGAIN)                   \
	CALL_COPY(_third_, FUNCTION, u64, HANDLE_CALL_ENTER(CALL_POLL, 0, copy),                \
		  handle_call_exit(CALL_POLL, (int)ctx[3], copy), COPY_THIRD)

static __always_inline int enter_poll(u64 files, u64 cnt, enum hook_copy copy, bool loops)
{
	struct task_state *t = task__current();

	if (!t)
		return 0;
	call__enter(t, CALL_POLL, 0, copy);
	look_at_poll(t, files, cnt, loops);
	return 0;
}

static __always_inline int enter_select(u64 cnt, u64 sets, enum hook_copy copy, bool loops)
{
	struct task_state *t = task__current();

	if (!t)
		return 0;
	call__enter(t, CALL_POLL, 0, copy);
	look_at_select(t, sets, cnt, loops);
	return 0;
}

POLL_CALL(do_sys_poll, enter_poll)
POLL_CALL(do_select, enter_select)
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
	t->has_left = 1;
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
