// SPDX-License-Identifier: GPL-2.0
/* TCP listeners (net/ipv4/inet_connection_sock.c), and those of any family that are there already. */
#include "listeners.bpf.h"
#include "files.bpf.h"

/*
 * What inet_listen() calls, unless the socket listens already; and so does what listens for MPTCP, which does
 * not go through inet_listen() any more (6.12).
 */
LISTEN_PROGRAMS(inet_csk_listen_start, struct sock *, first)

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

	if (!task || !file || !task__find(task->tgid))
		return 0;
	sk = file__sock(file);
	return sk ? watch_listener(sk) : 0;
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

	if (!task || !ctx->file || task->pid != task->tgid || !task__find(task->tgid))
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
