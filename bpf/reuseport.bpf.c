// SPDX-License-Identifier: GPL-2.0
/* Reuseport groups (net/core/sock_reuseport.c): which member gets a SYN. */
#include "emit.bpf.h"
#include "group.bpf.h"

#define ETH_P_IPV6 0x86dd

/* Whom the packet comes from. The header offsets are set once IP has seen it. */
static __always_inline void read_peer(struct record_endpoint *e, struct sk_buff *skb)
{
	void *head = BPF_CORE_READ(skb, head);
	void *network = head + BPF_CORE_READ(skb, network_header);
	struct tcphdr *tcp = head + BPF_CORE_READ(skb, transport_header);

	e->port = bpf_ntohs(BPF_CORE_READ(tcp, source));
	if (BPF_CORE_READ(skb, protocol) == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = network;

		e->family = AF_INET6;
		BPF_CORE_READ_INTO((struct in6_addr *)e->address, ip, saddr);
	} else {
		struct iphdr *ip = network;

		e->family = AF_INET;
		BPF_CORE_READ_INTO((u32 *)e->address, ip, saddr);
	}
}

/* Where a search for a member stands. */
struct member_search {
	u64 group, sk;
	u32 socks;
	u32 index; /* of the member, once it is found */
};

static long member_step(u32 index, struct member_search *s)
{
	if (index >= s->socks)
		return 1;
	if (group__member((struct sock_reuseport *)s->group, index) != s->sk)
		return 0;
	s->index = index;
	return 1;
}

/* For the verifier this is one turn, where it follows all of the next one's. */
static __noinline u32 index_by_callback(struct sock_reuseport *group, u32 socks, u64 sk)
{
	struct member_search s, begin = {
					.group = (u64)group,
					.sk = sk,
					.socks = socks,
					.index = RECORD_NO_INDEX,
				};

	begin_search(&s, &begin);
	bpf_loop(LOOP_TURNS, member_step, &s, 0);
	return s.index;
}

/* Numbers in registers: a state in memory, as repeat() needs it, is too much for 5.10 in as many turns. */
static __noinline u32 index_by_turns(struct sock_reuseport *group, u32 socks, u64 sk)
{
	for (u32 i = 0; i < LONG_SEARCH; i++) {
		if (i >= socks)
			break;
		if (group__member(group, i) == sk)
			return i;
	}
	return RECORD_NO_INDEX;
}

static __always_inline u32 index_of(struct sock_reuseport *group, u32 socks, u64 sk, bool loops)
{
	return loops ? index_by_callback(group, socks, sk) : index_by_turns(group, socks, sk);
}

/*
 * reuseport_select_sock() without a program of the group takes reciprocal_scale(hash, socks) and,
 * where that one will not do (6.1: incoming_cpu, established), searches on from there.
 */
static __always_inline int handle_select(struct sk_buff *skb, u32 hash, u64 chosen, bool loops)
{
	struct sock_reuseport *group;
	struct record_select *r;

	if (!chosen || counters.stopped || !bpf_map_lookup_elem(&listeners, &chosen))
		return 0;
	r = RECORD_RESERVE(RECORD_SELECT, select, 0);
	if (!r)
		return 0;
	group = BPF_CORE_READ((struct sock *)chosen, sk_reuseport_cb);
	put_handle(&r->listener, chosen);
	put_handle(&r->group, (u64)group);
	r->hash = hash;
	r->socks = BPF_CORE_READ(group, num_socks);
	r->predicted = (u64)hash * r->socks >> 32;
	r->program = BPF_CORE_READ(group, prog) != NULL;
	r->index = group__member(group, r->predicted) == chosen
			   ? r->predicted
			   : index_of(group, r->socks, chosen, loops);
	r->cpu = bpf_get_smp_processor_id() + 1;
	read_peer(&r->peer, skb);
	record__submit(r);
	return 0;
}

SEC("kprobe/reuseport_select_sock")
int BPF_KPROBE(kprobe_reuseport_select_sock, struct sock *sk, u32 hash, struct sk_buff *skb)
{
	u64 key = (u64)sk;
	struct trace_context *c;

	/* All members of a traced group are traced; other groups are none of ours. */
	if (!bpf_map_lookup_elem(&listeners, &key))
		return 0;
	struct trace_context fresh = {.select_skb = (u64)skb, .select_hash = hash};
	c = context__find();
	if (c) {
		c->select_skb = fresh.select_skb;
		c->select_hash = fresh.select_hash;
	} else {
		context__make(&fresh);
	}
	return 0;
}

static __always_inline int handle_chosen(u64 chosen, bool loops)
{
	struct trace_context *c = context__find();

	if (!c || !c->select_skb)
		return 0;
	handle_select((struct sk_buff *)c->select_skb, c->select_hash, chosen, loops);
	c->select_skb = 0;
	context__put(c);
	return 0;
}

#define SELECT_EXIT(LOOPS)                                                           \
	SEC("fexit/reuseport_select_sock")                                           \
	int BPF_PROG(fexit##LOOPS##reuseport_select_sock, struct sock *sk, u32 hash, \
		     struct sk_buff *skb, int hdr_len, struct sock *chosen)          \
	{                                                                            \
		return handle_select(skb, hash, (u64)chosen, IS##LOOPS);             \
	}                                                                            \
	SEC("kretprobe/reuseport_select_sock")                                       \
	int BPF_KRETPROBE(kretprobe##LOOPS##reuseport_select_sock, u64 chosen)       \
	{                                                                            \
		return handle_chosen(chosen, IS##LOOPS);                             \
	}
#define IS_      false
#define IS_loop_ true

SELECT_EXIT(_)
SELECT_EXIT(_loop_)
