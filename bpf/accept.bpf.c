// SPDX-License-Identifier: GPL-2.0
/*
 * Who takes a TCP connection (net/ipv4/inet_connection_sock.c), and what an accept() of any family
 * returned where only the system call's exit says so.
 */
#include "accept.bpf.h"
#include "files.bpf.h"

static __always_inline int fexit_accept(u64 *ctx, enum hook_copy copy)
{
	u64 args[3] = {}, child;

	/* sk and three more before the result; since 6.10 one more. Each is read by itself: no program may
	 * work out an address in ctx, as the compiler would. */
	if (accept__has_arg_struct()) {
		child = ctx[2];
		barrier_var(child);
	} else {
		child = ctx[4];
		barrier_var(child);
	}
	if (child)
		return handle_accept_exit(child, 0, copy);
	/* Read as numbers: the verifier of 5.10 refuses a pointer to int. */
	bpf_probe_read_kernel(args, sizeof(args), ctx);
	return handle_accept_exit(0, accept__error(args[1], args[2]), copy);
}

CALL_PROGRAMS(inet_csk_accept, struct sock *, handle_accept_enter(first, copy),
	      fexit_accept(ctx, copy))

/* See handle_syscall_exit(). */
static __always_inline int handle_accept_syscall_exit(const struct pt_regs *regs, long result)
{
	struct task_state *t = task__current();

	if (!call__ends_with_syscall(t) || t->call != CALL_ACCEPT)
		return 0;
	/* An accept within another system call (io_uring_enter()): its result is not to be had. */
	if (!syscall__is_accept(regs)) {
		count_missed_call();
		call__leave(t, COPY_FIRST);
		return 0;
	}
	if (result < 0)
		return handle_accept_exit(0, result, COPY_FIRST);
	return handle_accept_exit((u64)file__sock(current__file(result)), 0, COPY_FIRST);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(tp_sys_exit_accept, struct pt_regs *regs, long result)
{
	return handle_accept_syscall_exit(regs, result);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(tp_again_sys_exit_accept, struct pt_regs *regs, long result)
{
	return handle_accept_syscall_exit(regs, result);
}
