// SPDX-License-Identifier: GPL-2.0
/*
 * TCP connections that become acceptable (net/ipv4/inet_connection_sock.c, tcp_minisocks.c):
 * new ones, and those that a closing listener of a reuseport group hands on.
 */
#include "arrival.bpf.h"
#include "group.bpf.h"

static __always_inline void endpoint__peer(struct record_endpoint *e, const struct sock *sk,
					   bool typed)
{
	e->family = ARG_READ(typed, sk, __sk_common.skc_family);
	e->port = bpf_ntohs(ARG_READ(typed, sk, __sk_common.skc_dport));
	if (e->family == AF_INET6)
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, sk, __sk_common.skc_v6_daddr);
	else
		*(u32 *)e->address = ARG_READ(typed, sk, __sk_common.skc_daddr);
}

#define NS_PER_US 1000

/*
 * When the SYN was first answered, on CLOCK_MONOTONIC and to a microsecond; 0: it is not kept (SYN cookies: the request
 * was made anew when the cookie came back).
 */
static __always_inline u64 request__answered_ns(struct request_sock *req)
{
	return NS_PER_US * BPF_CORE_READ((struct tcp_request_sock *)req, snt_synack);
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
	emit_waiter(s->arrival, (u64)task, cause, WAITER_ELSEWHERE);
	return 0;
}

/* Says who sleeps on other listeners of the group and could have taken it as well. */
static __always_inline void emit_group_waiters(u64 arrival, struct sock *sk, bool loops, bool typed)
{
	struct sock_reuseport *group = ARG_READ(typed, sk, sk_reuseport_cb);
	struct group_search s, begin = {
				       .arrival = arrival,
				       .group = (u64)group,
				       .self = (u64)sk,
			       };

	if (!group)
		return;
	begin.socks = ARG_READ(typed, group, num_socks);
	begin_search(&s, &begin);
	repeat(SHORT_SEARCH, group_step, &s, loops);
	emit_batch(BATCH_ELSEWHERE);
}

/* ---- migration (tcp_migrate_req, since 5.14) ---- */

/*
 * inet_csk_listen_stop() asks for another member of the group for each connection of its queue,
 * queues it there and tells that listener. (Others ask for requests that are no connection yet.)
 */
static __always_inline int handle_migration(u64 from, struct sock *child, struct sock *to)
{
	struct arrival_state *a;
	struct record_migrate *r;

	if (!to || BPF_CORE_READ(child, __sk_common.skc_state) == TCP_NEW_SYN_RECV)
		return 0;
	a = begin_task_arrival(to, (u64)child, ARRIVAL_MIGRATION);
	r = a ? RECORD_RESERVE(RECORD_MIGRATE, migrate, 0) : NULL;
	if (!r)
		return 0;
	r->arrival = a->arrival;
	put_handle(&r->from, from);
	put_handle(&r->to, (u64)to);
	put_handle(&r->child, (u64)child);
	record__submit(r);
	tell_task_arrival(a);
	return 0;
}

static __always_inline bool is_migrating(const struct sock *child)
{
	struct arrival_state *a = task_arrival(ARRIVAL_MIGRATION);

	return a && a->child == (u64)child;
}

/* All are moved. A kernel that does not tell the new listener makes no walk: nothing was missed. */
static __always_inline int handle_migrations_end(void)
{
	if (task_arrival(ARRIVAL_MIGRATION))
		forget_task_arrival();
	return 0;
}

/* Interrupts are on. */
static __always_inline struct trace_context *begin_arrival(struct trace_context *c,
							   struct listener_state *l, u64 listener,
							   u64 child, enum arrival_kind kind)
{
	struct trace_context fresh = {};

	fill_arrival(&fresh.now, l, listener, child, kind);
	if (!c)
		return context__make(&fresh);
	c->now = fresh.now;
	return c;
}

/*
 * The child is about to be put on the accept queue. Said on entry, not on return: once it is
 * queued another CPU may accept it, and that record must come after this one.
 */
static __always_inline int handle_arrival(struct sock *sk, struct sock *child,
					  struct request_sock *req, enum arrival_kind kind,
					  bool loops, bool typed)
{
	u64 key = (u64)sk;
	struct listener_state *l = bpf_map_lookup_elem(&listeners, &key);
	struct record_arrival *r;
	struct trace_context *c;

	if (!l || counters.stopped || is_migrating(child))
		return 0;
	c = context__find();
	/* inet_csk_reqsk_queue_add() inside of inet_csk_complete_hashdance(): known already. */
	if (c && c->now.child == (u64)child)
		return 0;
	/* The end of the arrival before was missed. */
	if (c && c->now.arrival)
		count(&counters.unbalanced_frames, 1);
	c = begin_arrival(c, l, key, (u64)child, kind);
	r = c ? reserve_arrival(&c->now) : NULL;
	if (!r)
		return 0;
	endpoint__peer(&r->peer, child, typed);
	endpoint__local(&r->local, child, typed);
	r->syn_ns = request__answered_ns(req);
	record__submit(r);
	tell_arrival(l, &c->now);
	emit_group_waiters(c->now.arrival, sk, loops, typed);
	return 0;
}

static __always_inline void forget_arrival(struct trace_context *c)
{
	__builtin_memset(&c->now, 0, sizeof(c->now));
	context__put(c);
}

/* Returns NULL when the child was not queued: the request was answered twice, or the listener
 * has closed. */
static __always_inline int handle_arrival_result(u64 child)
{
	struct trace_context *c = context__find();

	if (child || !c || !c->now.arrival)
		return 0;
	emit_refused(&c->now);
	forget_arrival(c);
	return 0;
}

/* The new listener has closed meanwhile. */
static __always_inline int handle_queue_result(u64 child)
{
	struct arrival_state *a = child ? NULL : task_arrival(ARRIVAL_MIGRATION);

	if (!a)
		return handle_arrival_result(child);
	emit_refused(a);
	forget_task_arrival();
	return 0;
}

/* Somebody waited all along, and yet no walk was seen: its beginning was missed. */
static __always_inline void check_walk(const struct arrival_state *a)
{
	if (a->expects_walk && !a->snapshotted && queue__first((struct wait_queue_head *)a->wq))
		count(&counters.unbalanced_frames, 1);
}

/* The listener has been told: what this context wakes from now on is not for the arrival. */
static __always_inline int handle_arrival_end(void)
{
	struct trace_context *c = context__find();

	if (!c || !c->now.arrival)
		return 0;
	/* A walk that began and did not end: its exit was missed. */
	if (c->frame) {
		c->frame = FRAME_NONE;
		count(&counters.open_frames, -1);
		count(&counters.unbalanced_frames, 1);
	}
	check_walk(&c->now);
	forget_arrival(c);
	return 0;
}

/* With fast open the arrival is made and told inside of tcp_conn_request(). */
static __always_inline int handle_request_end(void)
{
	struct trace_context *c = context__find();

	if (c && c->now.kind == ARRIVAL_HANDSHAKE)
		count(&counters.unbalanced_frames, 1); /* the end of the one before was missed */
	return handle_arrival_end();
}

/* ---- programs ---- */

/* A connection is queued by FUNCTION, unless IF says that it is not its turn. */
#define ARRIVAL_PROGRAMS(FUNCTION, KIND, IF, RESULT, ...)                           \
	SEC("fentry/" #FUNCTION)                                                    \
	int BPF_PROG(fentry_##FUNCTION, __VA_ARGS__)                                \
	{                                                                           \
		return IF ? handle_arrival(sk, child, req, KIND, false, true) : 0;  \
	}                                                                           \
	SEC("fentry/" #FUNCTION)                                                    \
	int BPF_PROG(fentry_loop_##FUNCTION, __VA_ARGS__)                           \
	{                                                                           \
		return IF ? handle_arrival(sk, child, req, KIND, true, true) : 0;   \
	}                                                                           \
	SEC("fexit/" #FUNCTION)                                                     \
	int BPF_PROG(fexit_##FUNCTION, __VA_ARGS__, struct sock *result)            \
	{                                                                           \
		return RESULT((u64)result);                                         \
	}                                                                           \
	SEC("kprobe/" #FUNCTION)                                                    \
	int BPF_KPROBE(kprobe_##FUNCTION, __VA_ARGS__)                              \
	{                                                                           \
		return IF ? handle_arrival(sk, child, req, KIND, false, false) : 0; \
	}                                                                           \
	SEC("kprobe/" #FUNCTION)                                                    \
	int BPF_KPROBE(kprobe_loop_##FUNCTION, __VA_ARGS__)                         \
	{                                                                           \
		return IF ? handle_arrival(sk, child, req, KIND, true, false) : 0;  \
	}                                                                           \
	SEC("kretprobe/" #FUNCTION)                                                 \
	int BPF_KRETPROBE(kretprobe_##FUNCTION, u64 result)                         \
	{                                                                           \
		return RESULT(result);                                              \
	}

ARRIVAL_PROGRAMS(inet_csk_complete_hashdance, ARRIVAL_HANDSHAKE, own_req, handle_arrival_result,
		 struct sock *sk, struct sock *child, struct request_sock *req, bool own_req)
/* Called from other files for fast open and SYN cookies; inlined into the function above. */
ARRIVAL_PROGRAMS(inet_csk_reqsk_queue_add, ARRIVAL_REQUEST, true, handle_queue_result,
		 struct sock *sk, struct request_sock *req, struct sock *child)

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

/* In close(), by a task that can be preempted: in three copies, see calls.bpf.h. */
#define LISTEN_STOP_COPY(PREFIX)                                            \
	SEC("fentry/inet_csk_listen_stop")                                  \
	int BPF_PROG(fentry##PREFIX##inet_csk_listen_stop, struct sock *sk) \
	{                                                                   \
		return handle_listen_stop((u64)sk);                         \
	}                                                                   \
	SEC("fexit/inet_csk_listen_stop")                                   \
	int BPF_PROG(fexit##PREFIX##inet_csk_listen_stop)                   \
	{                                                                   \
		return handle_migrations_end();                             \
	}

LISTEN_STOP_COPY(_)
LISTEN_STOP_COPY(_again_)
LISTEN_STOP_COPY(_third_)

SEC("kretprobe/inet_csk_listen_stop")
int BPF_KRETPROBE(kretprobe_inet_csk_listen_stop)
{
	return handle_migrations_end();
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
	struct trace_context fresh = {.migrate_from = (u64)sk, .migrate_child = (u64)child};
	struct trace_context *c = context__find();

	if (c) {
		c->migrate_from = fresh.migrate_from;
		c->migrate_child = fresh.migrate_child;
	} else {
		context__make(&fresh);
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
