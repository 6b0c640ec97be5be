// SPDX-License-Identifier: GPL-2.0
/* TCP listeners (net/ipv4/inet_connection_sock.c), and those of any family that are there already. */
#include "listeners.bpf.h"
#include "files.bpf.h"

/* The name that an AF_UNIX listener is bound to; listen() without one fails. */
static __always_inline void emit_path(const struct sock *sk)
{
	struct unix_address *address = BPF_CORE_READ((const struct unix_sock *)sk, addr);
	const char *path = (const char *)address->name + sizeof(short);
	struct record_path *r = RECORD_RESERVE(RECORD_PATH, path, (u32)bpf_get_current_pid_tgid());
	u32 len;

	if (!r)
		return;
	put_handle(&r->listener, (u64)sk);
	len = (BPF_CORE_READ(address, len) - sizeof(short)) & (RECORD_PATH_LEN - 1);
	bpf_probe_read_kernel(r->path, len, path);
	if (!r->path[0])
		r->path[0] = '@';
	record__submit(r);
}

static __always_inline u32 sock__queued(const struct sock *sk)
{
	return sock__family(sk) == AF_UNIX ? BPF_CORE_READ(sk, sk_receive_queue.qlen)
					   : BPF_CORE_READ(sk, sk_ack_backlog);
}

__noinline int emit_listen(__u64 listener, __u32 was_there)
{
	const struct sock *sk = (const struct sock *)listener;
	struct record_listen *r =
		RECORD_RESERVE(RECORD_LISTEN, listen, (u32)bpf_get_current_pid_tgid());

	if (!r)
		return 0;
	put_handle(&r->listener, (u64)sk);
	endpoint__local(&r->local, sk, false);
	r->was_there = was_there;
	r->inode = sock__inode(sk);
	r->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
	if (was_there)
		r->queued = sock__queued(sk);
	if (r->local.family != AF_UNIX)
		r->reuseport = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport);
	record__submit(r);
	if (sock__family(sk) == AF_UNIX)
		emit_path(sk);
	return 0;
}

/*
 * What inet_listen() calls, unless the socket listens already; and so does what listens for MPTCP, which does
 * not go through inet_listen() any more (6.12).
 */
LISTEN_PROGRAMS(inet_csk_listen_start, struct sock *, first)

/* Who has not run since has slept in a call that began before the last hook was attached. */
static __always_inline void note_time(const struct task_struct *reader)
{
	if (!counters.followed_ns)
		counters.followed_ns = task__last_ran_ns(reader);
}

/* Is it a thread of the traced tree? Its process' first one may have ended, and be followed no more. */
static __always_inline bool task__is_in_tree(const struct task_struct *task)
{
	return task__find(task->tgid) || task__find(task->pid);
}

/*
 * Does a task stand for its process, whose files all of its threads have? The first one does, unless it has ended, and
 * with that given up its files: then each of the others does.
 */
static __always_inline bool task__stands_for_process(const struct task_struct *task)
{
	return task->pid == task->tgid || !BPF_CORE_READ(task, group_leader, files);
}

/*
 * Run over the open files of all tasks: listeners that were there before the trace began, or that
 * the server inherited (socket activation).
 */
SEC("iter/task_file")
int iter_listeners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct sock *sk;

	note_time((struct task_struct *)bpf_get_current_task());
	if (!task || !file || !task__is_in_tree(task))
		return 0;
	sk = file__sock(file);
	return sk ? watch_listener(sk) : 0;
}

/*
 * After that: which other processes, by number, may wait for what these wait for? Those that have one of the listeners
 * open; who only has an epoll instance of theirs is noticed when it is woken (note_early_call()).
 */
SEC("iter/task_file")
int iter_sharers(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct seq_file *to = ctx->meta->seq;
	struct file *file = ctx->file;
	u32 tgid;
	u64 sk;

	if (!task || !file)
		return 0;
	tgid = task->tgid;
	if (!task__stands_for_process(task) || tgid == reader.tgid || task__is_in_tree(task))
		return 0;
	sk = (u64)file__sock(file);
	if (sk && bpf_map_lookup_elem(&listeners, &sk))
		bpf_seq_write(to, &tgid, sizeof(tgid));
	return 0;
}

/*
 * The same when the trace ends: who holds a listener, whether it ever waited on it or not. Threads have the files of
 * their process.
 */
SEC("iter/task_file")
int iter_holders(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct record_holder *r;
	u64 sk;

	if (!task || !ctx->file || !task__stands_for_process(task) || !task__is_in_tree(task))
		return 0;
	sk = (u64)file__sock(ctx->file);
	if (!sk || !bpf_map_lookup_elem(&listeners, &sk))
		return 0;
	r = RECORD_RESERVE(RECORD_HOLDER, holder, task->tgid);
	if (!r)
		return 0;
	put_handle(&r->listener, sk);
	r->parent = BPF_CORE_READ(task, real_parent, tgid);
	record__submit(r);
	return 0;
}
