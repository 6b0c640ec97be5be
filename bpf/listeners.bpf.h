/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that listen, whatever their family: from when to when they are traced. */
#ifndef HERDTRACE_LISTENERS_BPF_H
#define HERDTRACE_LISTENERS_BPF_H

#include "emit.bpf.h"

/* include/linux/net.h */
#define SOCKET_STREAM    1
#define SOCKET_SEQPACKET 5

static __always_inline u16 sock__family(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family);
}

static __always_inline void endpoint__local(struct record_endpoint *e, const struct sock *sk,
					    bool typed)
{
	e->family = ARG_READ(typed, sk, __sk_common.skc_family);
	if (e->family == AF_UNIX)
		return;
	e->port = ARG_READ(typed, sk, __sk_common.skc_num);
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_rcv_saddr);
	else
		*(u32 *)e->address = ARG_READ(typed, sk, __sk_common.skc_rcv_saddr);
}

static __always_inline u64 sock__inode(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

/*
 * Tells of a listener. was_there: it listened before it was traced; connections may be in its queue that have not been
 * told. Its own program for the verifier, as it has many ways through it, and calls in many programs.
 */
int emit_listen(__u64 listener, __u32 was_there);

/* Such a program takes numbers only. What a helper has written is one. */
static __always_inline u64 sock__number(const struct sock *sk)
{
	u64 address = (u64)sk, number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &address);
	return number;
}

static __always_inline void watch_head(u64 wq, enum head_kind kind, u64 object)
{
	struct head_state head = {.kind = kind, .object = object};

	head__insert(wq, &head);
}

/* A socket whose connections can be traced, if it listens. */
static __always_inline bool sock__can_listen(const struct sock *sk)
{
	u16 family, type;

	if (!sk)
		return false;
	family = sock__family(sk);
	if (family == AF_INET || family == AF_INET6)
		return BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol) == IPPROTO_TCP;
	type = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_type);
	return cfg.traces_unix && family == AF_UNIX &&
	       (type == SOCKET_STREAM || type == SOCKET_SEQPACKET);
}

static __always_inline bool sock__listens(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN;
}

/*
 * From now on arrivals on this socket are traced. The heads come first: an arrival on a listener that is known
 * expects the walk over its queue.
 */
static __always_inline void trace_listener(struct sock *sk, bool announced)
{
	u64 key = (u64)sk;
	/* The queue's head is the first member of struct socket_wq. */
	struct listener_state l = {
		.wq = (u64)BPF_CORE_READ(sk, sk_wq),
		.lock = (u64)&sk->sk_lock.wq,
		.inode = sock__inode(sk),
		.since_ns = bpf_ktime_get_ns(),
		.announced = announced,
	};
	int err;

	watch_head(l.wq, HEAD_LISTENER, key);
	watch_head(l.lock, HEAD_LOCK, key);
	err = (int)bpf_map_update_elem(&listeners, &key, &l, BPF_NOEXIST);
	if (err && err != -EEXIST)
		count(&counters.map_full, 1);
}

/* A connection waits for somebody to accept it: now, or at another listener from now on. */
static __always_inline void enqueue(struct listener_state *l, u64 listener, u64 child)
{
	struct queued_connection c = {.listener = listener, .since_ns = l->since_ns};

	if (bpf_map_update_elem(&queued, &child, &c, BPF_ANY)) {
		count(&counters.map_full, 1);
		return;
	}
	count(&counters.queued, 1);
	count(&l->queued, 1);
}

/* It does not any more. Those of a listener that was closed were forgotten with it. */
static __always_inline void dequeue(u64 child)
{
	struct queued_connection *known = bpf_map_lookup_elem(&queued, &child), c;
	struct listener_state *l;

	if (!known)
		return;
	c = *known;
	l = bpf_map_lookup_elem(&listeners, &c.listener);
	bpf_map_delete_elem(&queued, &child);
	if (!queued_connection__waits_at(&c, l) || !l->queued)
		return;
	count(&counters.queued, -1);
	count(&l->queued, -1);
}

static __always_inline void forget_listener(u64 sk, const struct listener_state *l)
{
	head__delete(l->wq);
	head__delete(l->lock);
	bpf_map_delete_elem(&listeners, &sk);
}

/*
 * A listener that was there may not be known yet. Looked for first: every accept comes here. Several tasks may find
 * it at a time and tell of it; whoever finds it known can tell of its connections.
 */
static __noinline int watch_listener(struct sock *sk)
{
	u64 key = (u64)sk;

	if (bpf_map_lookup_elem(&listeners, &key) || !sock__can_listen(sk) || !sock__listens(sk))
		return 0;
	emit_listen(sock__number(sk), true);
	trace_listener(sk, true);
	return 0;
}

static __always_inline int handle_listen_stop(u64 sk)
{
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &sk);
	struct record_unlisten *r;

	if (!l || counters.stopped)
		return 0;
	/* An add of what may be 0 becomes an atomic or, which 5.10 does not know. */
	if (l->queued)
		count(&counters.queued, -(s64)l->queued);
	forget_listener(sk, l);
	r = RECORD_RESERVE(RECORD_UNLISTEN, unlisten, (u32)bpf_get_current_pid_tgid());
	if (r) {
		put_handle(&r->listener, sk);
		record__submit(r);
	}
	return 0;
}

/* The end of the listener that was in its place was missed by all copies of that hook. */
static __always_inline bool listener__is_stale(const struct sock *sk)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);

	return l && l->inode != sock__inode(sk);
}

/*
 * A socket becomes a listener: connections can arrive before the function returns. A second listen() only changes
 * the backlog.
 */
static __always_inline int handle_listen_enter(struct sock *sk)
{
	u64 key = (u64)sk;

	if (!task__current() || counters.stopped || !sock__can_listen(sk))
		return 0;
	if (listener__is_stale(sk))
		handle_listen_stop(key);
	if (!bpf_map_lookup_elem(&listeners, &key))
		trace_listener(sk, false);
	return 0;
}

/* It is one now, or has failed. */
static __always_inline int handle_listen_exit(struct sock *sk)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);

	if (!task__current())
		return 0;
	/* All copies of the entry's hook were skipped. */
	if (!l || l->inode != sock__inode(sk)) {
		handle_listen_stop(key);
		return watch_listener(sk);
	}
	if (l->announced)
		return 0;
	if (!sock__listens(sk)) {
		forget_listener(key, l);
		return 0;
	}
	l->announced = 1;
	emit_listen(sock__number(sk), false);
	return 0;
}

#define LISTEN_COPY(PREFIX, FUNCTION, TYPE, SOCK)          \
	SEC("fentry/" #FUNCTION)                           \
	int BPF_PROG(fentry##PREFIX##FUNCTION, TYPE first) \
	{                                                  \
		return handle_listen_enter(SOCK);          \
	}                                                  \
	SEC("fexit/" #FUNCTION)                            \
	int BPF_PROG(fexit##PREFIX##FUNCTION, TYPE first)  \
	{                                                  \
		return handle_listen_exit(SOCK);           \
	}

/*
 * A function in which a socket becomes a listener, SOCK, named by its first argument; a kretprobe does not
 * see that. Three copies (calls.bpf.h): what one of them has done is done for the next.
 */
#define LISTEN_PROGRAMS(FUNCTION, TYPE, SOCK)                                   \
	LISTEN_COPY(_, FUNCTION, TYPE, SOCK)                                    \
	LISTEN_COPY(_again_, FUNCTION, TYPE, SOCK)                              \
	LISTEN_COPY(_third_, FUNCTION, TYPE, SOCK)                              \
	SEC("kprobe/" #FUNCTION)                                                \
	int BPF_KPROBE(kprobe_##FUNCTION, TYPE first)                           \
	{                                                                       \
		struct task_state *t = task__current();                         \
		if (t)                                                          \
			t->listen_sk = (u64)SOCK;                               \
		return handle_listen_enter(SOCK);                               \
	}                                                                       \
	SEC("kretprobe/" #FUNCTION)                                             \
	int BPF_KRETPROBE(kretprobe_##FUNCTION)                                 \
	{                                                                       \
		struct task_state *t = task__current();                         \
		return t ? handle_listen_exit((struct sock *)t->listen_sk) : 0; \
	}

#endif
