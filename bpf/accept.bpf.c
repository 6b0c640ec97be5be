// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners and their accept queues (net/ipv4/inet_connection_sock.c, af_inet.c,
 * tcp_minisocks.c): who listens, when a connection arrives, who takes it.
 */
#include "calls.bpf.h"
#include "group.bpf.h"

static __always_inline void endpoint__local(struct record_endpoint *e, const struct sock *sk)
{
	e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	e->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_rcv_saddr);
	else
		BPF_CORE_READ_INTO((u32 *)e->address, sk, __sk_common.skc_rcv_saddr);
}

static __always_inline void endpoint__peer(struct record_endpoint *e, const struct sock *sk)
{
	e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	e->port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_daddr);
	else
		BPF_CORE_READ_INTO((u32 *)e->address, sk, __sk_common.skc_daddr);
}

/* ---- listeners ---- */

static __always_inline void emit_listen(const struct sock *sk)
{
	struct record_listen *r =
		RECORD_RESERVE(RECORD_LISTEN, listen, (u32)bpf_get_current_pid_tgid());

	if (!r)
		return;
	r->listener = handle((u64)sk);
	endpoint__local(&r->local, sk);
	r->reuseport = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport);
	r->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
	r->queued = BPF_CORE_READ(sk, sk_ack_backlog);
	record__submit(r);
}

static __always_inline void watch_head(u64 wq, enum head_kind kind, u64 object)
{
	struct head_state head = {.kind = kind, .object = object};

	if (bpf_map_update_elem(&heads, &wq, &head, BPF_ANY))
		count(&loss_map_full, 1);
}

/* From now on arrivals on this listener are traced. */
static __noinline int watch_listener(struct sock *sk)
{
	/* The queue's head is the first member of struct socket_wq. */
	struct listener_state l = {
		.wq = (u64)BPF_CORE_READ(sk, sk_wq),
		.lock = (u64)&sk->sk_lock.wq,
	};
	u64 key = (u64)sk;

	/* A second listen() only changes the backlog. */
	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN ||
	    bpf_map_lookup_elem(&listeners, &key))
		return 0;
	if (bpf_map_update_elem(&listeners, &key, &l, BPF_NOEXIST)) {
		count(&loss_map_full, 1);
		return 0;
	}
	watch_head(l.wq, HEAD_LISTENER, key);
	watch_head(l.lock, HEAD_LOCK, key);
	emit_listen(sk);
	return 0;
}

static __always_inline int handle_listen_exit(struct socket *sock, int result)
{
	if (result || !task__current())
		return 0;
	struct sock *sk = BPF_CORE_READ(sock, sk);
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	if (family != AF_INET && family != AF_INET6)
		return 0;
	return watch_listener(sk);
}

/*
 * Run over the open files of all tasks: listeners that were there before the trace began, or that
 * the server inherited (socket activation).
 */
SEC("iter/task_file")
int iter_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file || !task__find(task->tgid) || (u64)file->f_op != addr_socket_file_ops)
		return 0;
	struct socket *socket = file->private_data;
	struct sock *sk = BPF_CORE_READ(socket, sk);
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	if ((family == AF_INET || family == AF_INET6) &&
	    BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN &&
	    BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP)
		watch_listener(sk);
	return 0;
}

static __always_inline int handle_listen_stop(u64 sk)
{
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &sk);
	struct record_unlisten *r;

	if (!l || stopped)
		return 0;
	u64 wq = l->wq, lock = l->lock;

	bpf_map_delete_elem(&heads, &wq);
	bpf_map_delete_elem(&heads, &lock);
	bpf_map_delete_elem(&listeners, &sk);
	r = RECORD_RESERVE(RECORD_UNLISTEN, unlisten, (u32)bpf_get_current_pid_tgid());
	if (r) {
		r->listener = handle(sk);
		record__submit(r);
	}
	return 0;
}

/* ---- arrival ---- */

/* Where a search for waiters on the other listeners of a group stands. */
struct group_search {
	u64 arrival, group, self;
	u64 socks;
};

static long group_step(u32 index, struct group_search *s)
{
	struct task_struct *task;
	enum wake_cause cause;
	u64 other;

	if (index >= s->socks)
		return 1;
	other = group__member((struct sock_reuseport *)s->group, index);
	if (other == s->self)
		return 0;
	task = listener__first_waiter((struct sock *)other, &cause);
	emit_waiter(s->arrival, task, cause, true);
	return 0;
}

/* Says who sleeps on other listeners of the group and could have taken it as well. */
static __always_inline void emit_group_waiters(u64 arrival, struct sock *sk, bool loops)
{
	struct sock_reuseport *group = BPF_CORE_READ(sk, sk_reuseport_cb);
	struct group_search s, begin = {
				       .arrival = arrival,
				       .group = (u64)group,
				       .self = (u64)sk,
			       };

	if (!group)
		return;
	begin.socks = BPF_CORE_READ(group, num_socks);
	begin_search(&s, &begin);
	repeat(SHORT_SEARCH, group_step, &s, loops);
}

/*
 * The child is about to be put on the accept queue. Said on entry, not on return: once it is
 * queued another CPU may accept it, and that record must come after this one.
 */
static __always_inline int handle_arrival(struct sock *sk, struct sock *child, bool ordinary,
					  bool loops)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);
	struct record_arrival *r;
	struct trace_context *c;

	if (!l || stopped)
		return 0;
	c = context__get();
	/* inet_csk_reqsk_queue_add() inside of inet_csk_complete_hashdance(): known already. */
	if (!c || c->child == (u64)child)
		return 0;
	/* The end of the arrival before was missed. */
	if (c->arrival)
		count(&loss_unbalanced_frames, 1);
	/* Unique: one CPU makes no two arrivals in a nanosecond. */
	c->arrival = bpf_ktime_get_ns() << 8 | (bpf_get_smp_processor_id() & 0xff);
	c->listener = key;
	c->child = (u64)child;
	c->listener_wq = l->wq;
	c->expects_walk = queue__first((struct wait_queue_head *)l->wq) != NULL;
	c->ordinary = ordinary;
	c->snapshotted = 0;
	c->truncated = 0;
	count(&total_arrivals, 1);
	r = RECORD_RESERVE(RECORD_ARRIVAL, arrival, 0);
	if (!r)
		return 0;
	r->arrival = c->arrival;
	r->listener = handle(key);
	r->child = handle((u64)child);
	endpoint__peer(&r->peer, child);
	endpoint__local(&r->local, child);
	record__submit(r);
	emit_group_waiters(c->arrival, sk, loops);
	return 0;
}

static __always_inline void forget_arrival(struct trace_context *c)
{
	c->arrival = 0;
	c->child = 0;
	context__put(c);
}

/* Returns NULL when the child was not queued: the request was answered twice, or the listener
 * has closed. */
static __always_inline int handle_arrival_result(u64 child)
{
	struct trace_context *c = context__find();
	struct record_refused *r;

	if (child || !c || !c->arrival)
		return 0;
	r = RECORD_RESERVE(RECORD_REFUSED, refused, 0);
	if (r) {
		r->arrival = c->arrival;
		record__submit(r);
	}
	forget_arrival(c);
	return 0;
}

/* The listener has been told: what this context wakes from now on is not for the arrival. */
static __always_inline int handle_arrival_end(void)
{
	struct trace_context *c = context__find();

	if (!c || !c->arrival)
		return 0;
	/* A walk that began and did not end: its exit was missed. */
	if (c->frame) {
		c->frame = FRAME_NONE;
		count(&open_frames, -1);
		count(&loss_unbalanced_frames, 1);
	}
	/* Somebody waited all along, and yet no walk was seen: its beginning was missed. */
	if (c->expects_walk && !c->snapshotted &&
	    queue__first((struct wait_queue_head *)c->listener_wq))
		count(&loss_unbalanced_frames, 1);
	forget_arrival(c);
	return 0;
}

/* ---- accept ---- */

static __always_inline int handle_accept_enter(struct sock *sk, enum hook_copy copy)
{
	struct task_state *t = task__current();

	if (!t) {
		struct task_struct *task = (struct task_struct *)bpf_get_current_task();
		u64 key = (u64)sk;

		/* Somebody else's task on a traced listener, or one that no fork announced (the
		 * workers of io_uring). */
		if (!bpf_map_lookup_elem(&listeners, &key) &&
		    !task__find(bpf_get_current_pid_tgid() >> 32))
			return 0;
		if (!task__follow(task, TASK_SEEN, 0))
			return 0;
		t = task__current();
		if (!t)
			return 0;
	}
	call__enter(t, CALL_ACCEPT, 0, copy);
	t->accept_sk = (u64)sk;
	return watch_listener(sk);
}

static __always_inline int handle_accept_exit(u64 child, int error, enum hook_copy copy)
{
	struct task_state *t = task__current();
	struct record_accept *r;

	if (!t || !call__leave(t, copy) || stopped)
		return 0;
	count(&total_accepts, child ? 1 : 0);
	r = RECORD_RESERVE(RECORD_ACCEPT, accept, (u32)bpf_get_current_pid_tgid());
	if (!r)
		return 0;
	r->listener = handle(t->accept_sk);
	r->child = handle(child);
	r->error = child ? 0 : error;
	r->tgid = t->tgid;
	record__submit(r);
	return 0;
}

/* The socket behind a file descriptor that accept() just returned to the current task. */
static __always_inline u64 accepted_sock(int fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;
	struct socket *socket;

	if ((u32)fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	if (!file || (u64)BPF_CORE_READ(file, f_op) != addr_socket_file_ops)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	return (u64)BPF_CORE_READ(socket, sk);
}

/* ---- programs ---- */

SEC("fexit/inet_listen")
int BPF_PROG(fexit_inet_listen, struct socket *sock, int backlog, int result)
{
	return handle_listen_exit(sock, result);
}

SEC("kprobe/inet_listen")
int BPF_KPROBE(kprobe_inet_listen, struct socket *sock)
{
	struct task_state *t = task__current();

	if (t)
		t->listen_sk = (u64)sock;
	return 0;
}

SEC("kretprobe/inet_listen")
int BPF_KRETPROBE(kretprobe_inet_listen, int result)
{
	struct task_state *t = task__current();

	return t ? handle_listen_exit((struct socket *)t->listen_sk, result) : 0;
}

SEC("fentry/inet_csk_listen_stop")
int BPF_PROG(fentry_inet_csk_listen_stop, struct sock *sk)
{
	return handle_listen_stop((u64)sk);
}

SEC("kprobe/inet_csk_listen_stop")
int BPF_KPROBE(kprobe_inet_csk_listen_stop, struct sock *sk)
{
	return handle_listen_stop((u64)sk);
}

SEC("fentry/inet_csk_complete_hashdance")
int BPF_PROG(fentry_inet_csk_complete_hashdance, struct sock *sk, struct sock *child,
	     struct request_sock *req, bool own_req)
{
	return own_req ? handle_arrival(sk, child, true, false) : 0;
}

SEC("fentry/inet_csk_complete_hashdance")
int BPF_PROG(fentry_loop_inet_csk_complete_hashdance, struct sock *sk, struct sock *child,
	     struct request_sock *req, bool own_req)
{
	return own_req ? handle_arrival(sk, child, true, true) : 0;
}

SEC("fexit/inet_csk_complete_hashdance")
int BPF_PROG(fexit_inet_csk_complete_hashdance, struct sock *sk, struct sock *child,
	     struct request_sock *req, bool own_req, struct sock *result)
{
	return handle_arrival_result((u64)result);
}

SEC("kprobe/inet_csk_complete_hashdance")
int BPF_KPROBE(kprobe_inet_csk_complete_hashdance, struct sock *sk, struct sock *child,
	       struct request_sock *req, bool own_req)
{
	return own_req ? handle_arrival(sk, child, true, false) : 0;
}

SEC("kprobe/inet_csk_complete_hashdance")
int BPF_KPROBE(kprobe_loop_inet_csk_complete_hashdance, struct sock *sk, struct sock *child,
	       struct request_sock *req, bool own_req)
{
	return own_req ? handle_arrival(sk, child, true, true) : 0;
}

SEC("kretprobe/inet_csk_complete_hashdance")
int BPF_KRETPROBE(kretprobe_inet_csk_complete_hashdance, u64 result)
{
	return handle_arrival_result(result);
}

/* Called from other files for fast open and SYN cookies; inlined into the function above. */
SEC("fentry/inet_csk_reqsk_queue_add")
int BPF_PROG(fentry_inet_csk_reqsk_queue_add, struct sock *sk, struct request_sock *req,
	     struct sock *child)
{
	return handle_arrival(sk, child, false, false);
}

SEC("fentry/inet_csk_reqsk_queue_add")
int BPF_PROG(fentry_loop_inet_csk_reqsk_queue_add, struct sock *sk, struct request_sock *req,
	     struct sock *child)
{
	return handle_arrival(sk, child, false, true);
}

SEC("fexit/inet_csk_reqsk_queue_add")
int BPF_PROG(fexit_inet_csk_reqsk_queue_add, struct sock *sk, struct request_sock *req,
	     struct sock *child, struct sock *result)
{
	return handle_arrival_result((u64)result);
}

SEC("kprobe/inet_csk_reqsk_queue_add")
int BPF_KPROBE(kprobe_inet_csk_reqsk_queue_add, struct sock *sk, struct request_sock *req,
	       struct sock *child)
{
	return handle_arrival(sk, child, false, false);
}

SEC("kprobe/inet_csk_reqsk_queue_add")
int BPF_KPROBE(kprobe_loop_inet_csk_reqsk_queue_add, struct sock *sk, struct request_sock *req,
	       struct sock *child)
{
	return handle_arrival(sk, child, false, true);
}

SEC("kretprobe/inet_csk_reqsk_queue_add")
int BPF_KRETPROBE(kretprobe_inet_csk_reqsk_queue_add, u64 result)
{
	return handle_arrival_result(result);
}

/* With fast open the arrival is made and told inside of tcp_conn_request(). */
static __always_inline int handle_request_end(void)
{
	struct trace_context *c = context__find();

	if (c && c->arrival && c->ordinary)
		count(&loss_unbalanced_frames, 1); /* the end of the one before was missed */
	return handle_arrival_end();
}

/* Elsewhere tcp_child_process() tells the listener. */
#define ARRIVAL_END(FUNCTION, HANDLER)          \
	SEC("fexit/" #FUNCTION)                 \
	int BPF_PROG(fexit_##FUNCTION)          \
	{                                       \
		return HANDLER();               \
	}                                       \
	SEC("kretprobe/" #FUNCTION)             \
	int BPF_KRETPROBE(kretprobe_##FUNCTION) \
	{                                       \
		return HANDLER();               \
	}

ARRIVAL_END(tcp_child_process, handle_arrival_end)
ARRIVAL_END(tcp_conn_request, handle_request_end)

static __always_inline int fexit_accept(u64 *ctx, enum hook_copy copy)
{
	/* sk and three more before the result; since 6.10 one more. Read as numbers: the verifier
	 * of 5.10 refuses a pointer to int. */
	u64 args[5] = {};
	u64 child;

	bpf_probe_read_kernel(args, accept__has_arg_struct() ? 3 * sizeof(u64) : sizeof(args), ctx);
	child = accept__has_arg_struct() ? args[2] : args[4];
	return handle_accept_exit(child, child ? 0 : accept__error(args[1], args[2]), copy);
}

SEC("fentry/inet_csk_accept")
int BPF_PROG(fentry_inet_csk_accept, struct sock *sk)
{
	return handle_accept_enter(sk, COPY_FIRST);
}

SEC("fentry/inet_csk_accept")
int BPF_PROG(fentry_again_inet_csk_accept, struct sock *sk)
{
	return handle_accept_enter(sk, COPY_AGAIN);
}

SEC("fexit/inet_csk_accept")
int fexit_inet_csk_accept(u64 *ctx)
{
	return fexit_accept(ctx, COPY_FIRST);
}

SEC("fexit/inet_csk_accept")
int fexit_again_inet_csk_accept(u64 *ctx)
{
	return fexit_accept(ctx, COPY_AGAIN);
}

SEC("kprobe/inet_csk_accept")
int BPF_KPROBE(kprobe_inet_csk_accept, struct sock *sk)
{
	return handle_accept_enter(sk, COPY_FIRST);
}

/* See handle_syscall_exit(). */
static __always_inline int handle_accept_syscall_exit(const struct pt_regs *regs, long result)
{
	struct task_state *t = task__current();

	if (!call__ends_with_syscall(t) || t->call != CALL_ACCEPT)
		return 0;
	/* An accept within another system call (io_uring_enter()): its result is not to be had. */
	if (!syscall__is_accept(regs)) {
		count(&loss_missed_calls, 1);
		call__leave(t, COPY_FIRST);
		return 0;
	}
	return handle_accept_exit(result < 0 ? 0 : accepted_sock(result), result < 0 ? result : 0,
				  COPY_FIRST);
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
