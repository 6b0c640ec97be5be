// SPDX-License-Identifier: GPL-2.0
/*
 * TCP connections that become acceptable (net/ipv4/inet_connection_sock.c, tcp_minisocks.c):
 * new ones, and those that a closing listener of a reuseport group hands on.
 */
#include "arrival.bpf.h"
#include "group.bpf.h"

static __always_inline void endpoint__peer(struct record_endpoint *e, const struct sock *sk)
{
	e->family = sock__family(sk);
	e->port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_daddr);
	else
		BPF_CORE_READ_INTO((u32 *)e->address, sk, __sk_common.skc_daddr);
}

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
static __always_inline int handle_arrival(struct sock *sk, struct sock *child,
					  enum arrival_kind kind, bool loops)
{
	struct trace_context *c = begin_arrival(sk, (u64)child, kind);
	struct record_arrival *r = c ? reserve_arrival(c) : NULL;

	if (!r)
		return 0;
	endpoint__peer(&r->peer, child);
	endpoint__local(&r->local, child);
	record__submit(r);
	emit_group_waiters(c->now.arrival, sk, loops);
	return 0;
}

/* Returns NULL when the child was not queued: the request was answered twice, or the listener
 * has closed. */
static __always_inline int handle_arrival_result(u64 child, bool may_migrate)
{
	struct trace_context *c = context__find();

	if (child || !c || !c->now.arrival)
		return 0;
	if (!arrival__is_by_task(&c->now) || (may_migrate && c->now.kind == ARRIVAL_MIGRATION))
		refuse_arrival(c);
	return 0;
}

static __always_inline int handle_arrival_end(void)
{
	struct trace_context *c = context__find();

	if (c && c->now.arrival && !arrival__is_by_task(&c->now))
		end_arrival(c);
	return 0;
}

/* With fast open the arrival is made and told inside of tcp_conn_request(). */
static __always_inline int handle_request_end(void)
{
	struct trace_context *c = context__find();

	if (c && c->now.kind == ARRIVAL_HANDSHAKE)
		count(&loss_unbalanced_frames, 1); /* the end of the one before was missed */
	return handle_arrival_end();
}

/* ---- migration (tcp_migrate_req, since 5.14) ---- */

/*
 * inet_csk_listen_stop() asks for another member of the group for each connection of its queue,
 * queues it there and tells that listener. (Others ask for requests that are no connection yet.)
 */
static __always_inline int handle_migration(u64 from, struct sock *child, struct sock *to)
{
	struct record_migrate *r;
	struct trace_context *c;

	if (!to || BPF_CORE_READ(child, __sk_common.skc_state) == TCP_NEW_SYN_RECV)
		return 0;
	c = begin_arrival(to, (u64)child, ARRIVAL_MIGRATION);
	r = c ? RECORD_RESERVE(RECORD_MIGRATE, migrate, 0) : NULL;
	if (!r)
		return 0;
	r->arrival = c->now.arrival;
	r->from = handle(from);
	r->to = handle((u64)to);
	r->child = handle((u64)child);
	record__submit(r);
	return 0;
}

/* All are moved. A kernel that does not tell the new listener makes no walk: nothing was missed. */
static __always_inline int handle_migrations_end(void)
{
	struct trace_context *c = context__find();

	if (c && c->now.kind == ARRIVAL_MIGRATION)
		forget_arrival(c);
	return 0;
}

/* ---- programs ---- */

/* A connection is queued by FUNCTION, unless IF says that it is not its turn. */
#define ARRIVAL_PROGRAMS(FUNCTION, KIND, IF, MAY_MIGRATE, ...)           \
	SEC("fentry/" #FUNCTION)                                         \
	int BPF_PROG(fentry_##FUNCTION, __VA_ARGS__)                     \
	{                                                                \
		return IF ? handle_arrival(sk, child, KIND, false) : 0;  \
	}                                                                \
	SEC("fentry/" #FUNCTION)                                         \
	int BPF_PROG(fentry_loop_##FUNCTION, __VA_ARGS__)                \
	{                                                                \
		return IF ? handle_arrival(sk, child, KIND, true) : 0;   \
	}                                                                \
	SEC("fexit/" #FUNCTION)                                          \
	int BPF_PROG(fexit_##FUNCTION, __VA_ARGS__, struct sock *result) \
	{                                                                \
		return handle_arrival_result((u64)result, MAY_MIGRATE);  \
	}                                                                \
	SEC("kprobe/" #FUNCTION)                                         \
	int BPF_KPROBE(kprobe_##FUNCTION, __VA_ARGS__)                   \
	{                                                                \
		return IF ? handle_arrival(sk, child, KIND, false) : 0;  \
	}                                                                \
	SEC("kprobe/" #FUNCTION)                                         \
	int BPF_KPROBE(kprobe_loop_##FUNCTION, __VA_ARGS__)              \
	{                                                                \
		return IF ? handle_arrival(sk, child, KIND, true) : 0;   \
	}                                                                \
	SEC("kretprobe/" #FUNCTION)                                      \
	int BPF_KRETPROBE(kretprobe_##FUNCTION, u64 result)              \
	{                                                                \
		return handle_arrival_result(result, MAY_MIGRATE);       \
	}

ARRIVAL_PROGRAMS(inet_csk_complete_hashdance, ARRIVAL_HANDSHAKE, own_req, false, struct sock *sk,
		 struct sock *child, struct request_sock *req, bool own_req)
/* Called from other files for fast open and SYN cookies; inlined into the function above. */
ARRIVAL_PROGRAMS(inet_csk_reqsk_queue_add, ARRIVAL_REQUEST, true, true, struct sock *sk,
		 struct request_sock *req, struct sock *child)

/* Elsewhere tcp_child_process() tells the listener. */
#define END_PROGRAMS(FUNCTION, HANDLER)         \
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

END_PROGRAMS(tcp_child_process, handle_arrival_end)
END_PROGRAMS(tcp_conn_request, handle_request_end)
END_PROGRAMS(inet_csk_listen_stop, handle_migrations_end)

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

SEC("fexit/reuseport_migrate_sock")
int BPF_PROG(fexit_reuseport_migrate_sock, struct sock *sk, struct sock *child, struct sk_buff *skb,
	     struct sock *result)
{
	return handle_migration((u64)sk, child, result);
}

SEC("kprobe/reuseport_migrate_sock")
int BPF_KPROBE(kprobe_reuseport_migrate_sock, struct sock *sk, struct sock *child)
{
	u64 key = (u64)sk;
	struct trace_context *c = context__get();

	if (c) {
		c->migrate_from = key;
		c->migrate_child = (u64)child;
	}
	return 0;
}

SEC("kretprobe/reuseport_migrate_sock")
int BPF_KRETPROBE(kretprobe_reuseport_migrate_sock, struct sock *result)
{
	struct trace_context *c = context__find();

	if (!c || !c->migrate_child)
		return 0;
	handle_migration(c->migrate_from, (struct sock *)c->migrate_child, result);
	c->migrate_child = 0;
	context__put(c);
	return 0;
}
