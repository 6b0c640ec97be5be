// SPDX-License-Identifier: GPL-2.0
/*
 * AF_UNIX connections (net/unix/af_unix.c). The task that connects does all of it itself: makes the
 * child, puts it on the listener's queue and wakes who waits there.
 */
#include "accept.bpf.h"
#include "arrival.bpf.h"

/*
 * unix_stream_connect() asks the security modules once it holds the listener's lock and nothing
 * else can fail any more: the last moment before the child is queued.
 */
static __always_inline int handle_unix_arrival(struct sock *listener, struct sock *child)
{
	struct arrival_state *a = begin_task_arrival(listener, (u64)child, ARRIVAL_CONNECT);
	struct record_arrival *r = a ? reserve_arrival(a) : NULL;
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!r)
		return 0;
	r->peer.family = r->local.family = AF_UNIX;
	__builtin_memcpy(r->peer.address, &pid, sizeof(pid));
	record__submit(r);
	return 0;
}

/*
 * A security module has refused it (Landlock does, where who connects is confined to abstract names of its own domain):
 * the listener goes on with what came before. Else it is queued next, with the lock still held.
 */
static __always_inline int handle_unix_answer(int error)
{
	struct arrival_state *a = task_arrival(ARRIVAL_CONNECT);

	if (!a)
		return 0;
	if (!error) {
		tell_task_arrival(a);
		return 0;
	}
	emit_refused(a);
	forget_task_arrival();
	return 0;
}

/*
 * Whether a walk was missed cannot be seen here: who waited at the beginning may have left and come
 * back. But nothing can skip a hook on it: no other one can be running in this task.
 */
static __always_inline int handle_unix_arrival_end(void)
{
	if (task_arrival(ARRIVAL_CONNECT))
		forget_task_arrival();
	return 0;
}

LISTEN_PROGRAMS(unix_listen, struct socket *, BPF_CORE_READ(first, sk))

/*
 * The ends of a listener and of an arrival run for every AF_UNIX socket, in tasks that can be preempted: in
 * three copies (calls.bpf.h). What one has ended is not there for the next.
 */
#define UNIX_END_COPY(PREFIX)                                            \
	SEC("fentry/unix_release")                                       \
	int BPF_PROG(fentry##PREFIX##unix_release, struct socket *sock)  \
	{                                                                \
		return handle_listen_stop((u64)BPF_CORE_READ(sock, sk)); \
	}                                                                \
	SEC("fexit/unix_stream_connect")                                 \
	int BPF_PROG(fexit##PREFIX##unix_stream_connect)                 \
	{                                                                \
		return handle_unix_arrival_end();                        \
	}

UNIX_END_COPY(_)
UNIX_END_COPY(_again_)
UNIX_END_COPY(_third_)

SEC("kprobe/unix_release")
int BPF_KPROBE(kprobe_unix_release, struct socket *sock)
{
	return handle_listen_stop((u64)BPF_CORE_READ(sock, sk));
}

SEC("fentry/security_unix_stream_connect")
int BPF_PROG(fentry_security_unix_stream_connect, struct sock *sk, struct sock *other,
	     struct sock *child)
{
	return handle_unix_arrival(other, child);
}

SEC("fexit/security_unix_stream_connect")
int BPF_PROG(fexit_security_unix_stream_connect, struct sock *sk, struct sock *other,
	     struct sock *child, int result)
{
	return handle_unix_answer(result);
}

SEC("kprobe/security_unix_stream_connect")
int BPF_KPROBE(kprobe_security_unix_stream_connect, struct sock *sk, struct sock *other,
	       struct sock *child)
{
	return handle_unix_arrival(other, child);
}

SEC("kretprobe/security_unix_stream_connect")
int BPF_KRETPROBE(kretprobe_security_unix_stream_connect, int result)
{
	return handle_unix_answer(result);
}

SEC("kretprobe/unix_stream_connect")
int BPF_KRETPROBE(kretprobe_unix_stream_connect)
{
	return handle_unix_arrival_end();
}

/* unix_accept(sock, newsock, flags, kern) became (sock, newsock, proto_accept_arg *) in 6.10. */
static __always_inline int fexit_unix(u64 *ctx, enum hook_copy copy)
{
	u64 args[5] = {};
	int result;

	bpf_probe_read_kernel(args, accept__has_arg_struct() ? 4 * sizeof(u64) : sizeof(args), ctx);
	result = accept__has_arg_struct() ? args[3] : args[4];
	if (result)
		return handle_accept_exit(0, result, copy);
	return handle_accept_exit((u64)BPF_CORE_READ((struct socket *)args[1], sk), 0, copy);
}

/* With kprobes the system call's exit has the result: accept.bpf.c. */
CALL_PROGRAMS(unix_accept, struct socket *, handle_accept_enter(BPF_CORE_READ(first, sk), copy),
	      fexit_unix(ctx, copy))
