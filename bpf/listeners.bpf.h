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

static __always_inline void endpoint__local(struct record_endpoint *e, const struct sock *sk)
{
	e->family = sock__family(sk);
	if (e->family == AF_UNIX)
		return;
	e->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_rcv_saddr);
	else
		BPF_CORE_READ_INTO((u32 *)e->address, sk, __sk_common.skc_rcv_saddr);
}

/* The name that an AF_UNIX listener is bound to; listen() without one fails. */
static __always_inline void emit_path(const struct sock *sk)
{
	struct unix_address *address = BPF_CORE_READ((const struct unix_sock *)sk, addr);
	const char *path = (const char *)address->name + sizeof(short);
	struct record_path *r = RECORD_RESERVE(RECORD_PATH, path, (u32)bpf_get_current_pid_tgid());
	u32 len;

	if (!r)
		return;
	r->listener = handle((u64)sk);
	len = (BPF_CORE_READ(address, len) - sizeof(short)) & (RECORD_PATH_LEN - 1);
	bpf_probe_read_kernel(r->path, len, path);
	if (!r->path[0])
		r->path[0] = '@';
	record__submit(r);
}

static __always_inline void emit_listen(const struct sock *sk, bool was_there)
{
	struct record_listen *r =
		RECORD_RESERVE(RECORD_LISTEN, listen, (u32)bpf_get_current_pid_tgid());

	if (!r)
		return;
	r->listener = handle((u64)sk);
	endpoint__local(&r->local, sk);
	r->was_there = was_there;
	r->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
	if (r->local.family == AF_UNIX) {
		r->queued = BPF_CORE_READ(sk, sk_receive_queue.qlen);
	} else {
		r->queued = BPF_CORE_READ(sk, sk_ack_backlog);
		r->reuseport = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport);
	}
	record__submit(r);
	if (sock__family(sk) == AF_UNIX)
		emit_path(sk);
}

static __always_inline void watch_head(u64 wq, enum head_kind kind, u64 object)
{
	struct head_state head = {.kind = kind, .object = object};

	if (bpf_map_update_elem(&heads, &wq, &head, BPF_ANY))
		count(&counters.map_full, 1);
}

/* A socket whose connections can be traced. */
static __always_inline bool sock__is_listener(const struct sock *sk)
{
	u16 family, type;

	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN)
		return false;
	family = sock__family(sk);
	if (family == AF_INET || family == AF_INET6)
		return BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol) == IPPROTO_TCP;
	type = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_type);
	return cfg.traces_unix && family == AF_UNIX &&
	       (type == SOCKET_STREAM || type == SOCKET_SEQPACKET);
}

static __always_inline u64 sock__inode(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

/* From now on arrivals on this listener are traced. */
static __noinline int watch_listener(struct sock *sk, bool was_there)
{
	struct listener_state l;
	u64 key = (u64)sk;

	/* Looked for first: every accept comes here. A second listen() only changes the backlog. */
	if (bpf_map_lookup_elem(&listeners, &key) || !sock__is_listener(sk))
		return 0;
	/* The queue's head is the first member of struct socket_wq. */
	l = (struct listener_state){
		.wq = (u64)BPF_CORE_READ(sk, sk_wq),
		.lock = (u64)&sk->sk_lock.wq,
		.inode = sock__inode(sk),
	};
	if (bpf_map_update_elem(&listeners, &key, &l, BPF_NOEXIST)) {
		count(&counters.map_full, 1);
		return 0;
	}
	watch_head(l.wq, HEAD_LISTENER, key);
	watch_head(l.lock, HEAD_LOCK, key);
	emit_listen(sk, was_there);
	return 0;
}

static __always_inline int handle_listen_stop(u64 sk)
{
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &sk);
	struct record_unlisten *r;

	if (!l || counters.stopped)
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

/* The end of the listener that was in its place was missed by all copies of that hook. */
static __always_inline bool listener__is_stale(const struct sock *sk)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);

	return l && l->inode != sock__inode(sk);
}

/* On the way out of listen(); where that has failed the state says so. */
static __always_inline int handle_listen(struct sock *sk)
{
	if (!task__current())
		return 0;
	if (listener__is_stale(sk))
		handle_listen_stop((u64)sk);
	return watch_listener(sk, false);
}

#define LISTEN_EXIT_COPY(PREFIX, FUNCTION, TYPE, SOCK)    \
	SEC("fexit/" #FUNCTION)                           \
	int BPF_PROG(fexit##PREFIX##FUNCTION, TYPE first) \
	{                                                 \
		return handle_listen(SOCK);               \
	}

/*
 * A function in which a socket becomes a listener, SOCK, named by its first argument; a kretprobe does not
 * see that. Three copies (calls.bpf.h): a listener that one of them has announced is known to the next.
 */
#define LISTEN_PROGRAMS(FUNCTION, TYPE, SOCK)                              \
	LISTEN_EXIT_COPY(_, FUNCTION, TYPE, SOCK)                          \
	LISTEN_EXIT_COPY(_again_, FUNCTION, TYPE, SOCK)                    \
	LISTEN_EXIT_COPY(_third_, FUNCTION, TYPE, SOCK)                    \
	SEC("kprobe/" #FUNCTION)                                           \
	int BPF_KPROBE(kprobe_##FUNCTION, TYPE first)                      \
	{                                                                  \
		struct task_state *t = task__current();                    \
		if (t)                                                     \
			t->listen_sk = (u64)SOCK;                          \
		return 0;                                                  \
	}                                                                  \
	SEC("kretprobe/" #FUNCTION)                                        \
	int BPF_KRETPROBE(kretprobe_##FUNCTION)                            \
	{                                                                  \
		struct task_state *t = task__current();                    \
		return t ? handle_listen((struct sock *)t->listen_sk) : 0; \
	}

#endif
