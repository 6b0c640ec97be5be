// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/catalogue.h"

#include <signal.h>
#include <string.h>

/* The load of most claims: one connection after another, each when all workers sleep again. */
#define IN_TURN .workers = 4, .connections = 20, .concurrency = 1

/* Connections enough for a split to show, several at a time to save time. */
#define MANY(CNT) .workers = 4, .connections = (CNT), .concurrency = 8

/* Workers that never accept, then a new generation of them. */
#define HOT_RESTART .workers = 4, .connections = 40, .concurrency = 40, .then_signal = SIGHUP

/* Processes and threads must behave alike. */
#define BOTH(...)                                \
	{                                        \
		{__VA_ARGS__},                   \
		{                                \
			__VA_ARGS__, "--threads" \
		}                                \
	}

/* Abstract: it ends with the server, and is seen in verify's own network namespace only. */
#define UNIX "--unix", "@herdtrace-verify"

const struct claim catalogue[] = {
	/* ---- accept, select, poll ---- */
	{
		.id = "accept",
		.text = "A blocking accept waits exclusively: a connection wakes one worker, and "
			"the workers take turns, first in, first out.",
		.source = "prepare_to_wait_exclusive() in inet_csk_wait_for_connect(), "
			  "net/ipv4/inet_connection_sock.c",
		.expected = "1, in turn",
		.check = check__turns,
		IN_TURN,
		.servers = BOTH("accept-server"),
	},
	{
		.id = "select",
		.text = "A connection wakes every task that waits in select.",
		.source = "add_wait_queue() in __pollwait(), fs/select.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("select-server"),
	},
	{
		.id = "poll",
		.text = "A connection wakes every task that waits in poll.",
		.source = "add_wait_queue() in __pollwait(), fs/select.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("poll-server"),
	},
	{
		.id = "crowd",
		.text = "A hundred tasks in select are woken by one arrival, also where the "
			"kernel walks a long queue in several pieces.",
		.source = "WQ_FLAG_BOOKMARK in __wake_up_common(), kernel/sched/wait.c, until 6.5",
		.expected = "n",
		.check = check__wakes,
		.workers = 100,
		.connections = 3,
		.concurrency = 1,
		.servers = BOTH("select-server"),
	},

	/* ---- epoll ---- */
	{
		.id = "epoll-own-level",
		.text = "With an epoll instance per worker, a connection wakes all workers.",
		.source = "add_wait_queue() in ep_ptable_queue_proc(), fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--own"),
	},
	{
		.id = "epoll-own-edge",
		.text = "EPOLLET does not help: with an epoll instance per worker, a connection "
			"wakes all workers.",
		.source = "add_wait_queue() in ep_ptable_queue_proc(), fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--own", "--edge"),
	},
	{
		.id = "epoll-own-oneshot",
		.text = "EPOLLONESHOT does not help either: with an epoll instance per worker, a "
			"connection wakes all workers.",
		.source = "add_wait_queue() in ep_ptable_queue_proc(), fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--own", "--oneshot"),
	},
	{
		.id = "epoll-shared-level",
		.text = "On one level-triggered epoll instance, the listener wakes one task; that "
			"one puts the event back and wakes the next, and some of these go back to "
			"sleep unseen by user space.",
		.source = "list_add_tail() in ep_send_events() and wake_up() in ep_done_scan(), "
			  "fs/eventpoll.c",
		.expected = "1 + chain, some unseen",
		.check = check__chain,
		IN_TURN,
		.servers = BOTH("epoll-server", "--shared"),
	},
	{
		.id = "epoll-shared-busy",
		.text = "When nobody accepts for a while, the chain on a shared level-triggered "
			"epoll instance goes through all workers.",
		.source = "list_add_tail() in ep_send_events() and wake_up() in ep_done_scan(), "
			  "fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--shared", "--busy", "20"),
	},
	{
		.id = "epoll-shared-edge",
		.text = "On one epoll instance with EPOLLET, a connection wakes one task.",
		.source = "ep_send_events(), fs/eventpoll.c; epoll(7)",
		.expected = "1",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--shared", "--edge"),
	},
	{
		.id = "epoll-shared-oneshot",
		.text = "On one epoll instance with EPOLLONESHOT, a connection wakes one task.",
		.source = "EP_PRIVATE_BITS in ep_send_events(), fs/eventpoll.c; epoll_ctl(2)",
		.expected = "1",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--shared", "--oneshot"),
	},
	{
		.id = "epoll-lifo",
		.text = "epoll_wait on one instance is last in, first out: the task that slept "
			"last is woken, so one at a time it is always the same.",
		.source = "__add_wait_queue_exclusive() in ep_poll(), fs/eventpoll.c",
		.expected = "1, always the same",
		.check = check__turns,
		IN_TURN,
		.servers = BOTH("epoll-server", "--shared", "--edge"),
	},
	{
		.id = "epoll-exclusive",
		.text = "With EPOLLEXCLUSIVE a connection wakes one worker, always that of the "
			"first registration.",
		.source = "add_wait_queue_exclusive() in ep_ptable_queue_proc(), fs/eventpoll.c; "
			  "df0108c5da56 (4.5)",
		.expected = "1, always the same",
		.check = check__turns,
		IN_TURN,
		.servers = BOTH("epoll-server", "--own", "--exclusive"),
	},
	{
		.id = "epoll-exclusive-busy",
		.text = "With EPOLLEXCLUSIVE, when the first worker is busy, the next idle one is "
			"woken instead.",
		.source = "ewake in ep_poll_callback(), fs/eventpoll.c",
		.expected = "1, the next idle",
		.check = check__next_idle,
		.workers = 4,
		.connections = 20,
		.concurrency = 2,
		.servers = BOTH("epoll-server", "--own", "--exclusive", "--busy", "20"),
	},

	/* ---- servers that let one task wait ---- */
	{
		.id = "lock-file",
		.text = "Under a file lock one worker waits on the listener: a connection wakes "
			"one.",
		.source = "prepare_to_wait_exclusive() in inet_csk_wait_for_connect(), "
			  "net/ipv4/inet_connection_sock.c; flock(2), fcntl(2)",
		.expected = "1, the only waiter",
		.check = check__only_waiter,
		IN_TURN,
		.servers = {{"lock-server"},
			    {"lock-server", "--flock"},
			    {"lock-server", "--flock", "--threads"}},
	},
	{
		.id = "lock-mutex",
		.text = "Under a mutex one worker waits on the listener: a connection wakes one.",
		.source = "prepare_to_wait_exclusive() in inet_csk_wait_for_connect(), "
			  "net/ipv4/inet_connection_sock.c; futex(2)",
		.expected = "1, the only waiter",
		.check = check__only_waiter,
		IN_TURN,
		.servers = BOTH("lock-server", "--mutex"),
	},
	{
		.id = "fd-passing",
		.text = "Where one task accepts and passes descriptors on, the listener wakes "
			"that task only.",
		.source = "prepare_to_wait_exclusive() in inet_csk_wait_for_connect(), "
			  "net/ipv4/inet_connection_sock.c; unix(7), SCM_RIGHTS",
		.expected = "1, the acceptor",
		.check = check__acceptor,
		IN_TURN,
		.servers = BOTH("fdpass-server"),
	},
	{
		.id = "accept-mutex",
		.text = "With an accept mutex the listener is in one worker's epoll instance at a "
			"time: a connection wakes one.",
		.source = "ep_poll_callback(), fs/eventpoll.c",
		.expected = "1, the only waiter",
		.check = check__only_waiter,
		IN_TURN,
		.servers = {{"mutex-epoll-server"}},
	},
	{
		.id = "leader-followers",
		.text = "Of leader and followers only the leader waits on the listener: a "
			"connection wakes one.",
		.source = "prepare_to_wait_exclusive() in inet_csk_wait_for_connect(), "
			  "net/ipv4/inet_connection_sock.c",
		.expected = "1, the only waiter",
		.check = check__only_waiter,
		IN_TURN,
		.servers = {{"leader-server"}},
	},
	{
		.id = "watcher",
		.text = "A watcher that replaces dead workers changes nothing: with an epoll "
			"instance per worker, a connection wakes all.",
		.source = "add_wait_queue() in ep_ptable_queue_proc(), fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = {{"watcher-server"}},
	},
	{
		.id = "single",
		.text = "Where one task alone waits, in epoll or in accept before a queue, there "
			"is nobody else to wake.",
		.source = "ep_poll_callback(), fs/eventpoll.c",
		.expected = "1, the acceptor",
		.check = check__acceptor,
		IN_TURN,
		.servers = {{"single-server"}, {"single-server", "--queue"}},
	},
	{
		.id = "mixed",
		.text = "On one listener a connection wakes all that wait in epoll, and one of "
			"those that wait in accept.",
		.source = "__wake_up_common(), kernel/sched/wait.c",
		.expected = "n/2 + 1",
		.check = check__mixed,
		IN_TURN,
		.servers = BOTH("mixed-server"),
	},

	/* ---- SO_REUSEPORT ---- */
	{
		.id = "reuseport-accept",
		.text = "With SO_REUSEPORT and a listener per worker, a connection wakes one, in "
			"accept.",
		.source = "reuseport_select_sock(), net/core/sock_reuseport.c; socket(7)",
		.expected = "1, one of n listeners",
		.check = check__own_listener,
		IN_TURN,
		.servers = BOTH("reuseport-server"),
	},
	{
		.id = "reuseport-epoll",
		.text = "With SO_REUSEPORT and a listener per worker, a connection wakes one, in "
			"epoll.",
		.source = "reuseport_select_sock(), net/core/sock_reuseport.c; socket(7)",
		.expected = "1, one of n listeners",
		.check = check__own_listener,
		IN_TURN,
		.servers = BOTH("reuseport-server", "--epoll"),
	},
	{
		.id = "reuseport-index",
		.text = "The listener of a connection is number hash * n >> 32 of its group, hash "
			"being that of the connection's addresses and ports.",
		.source = "reciprocal_scale() in reuseport_select_sock(), "
			  "net/core/sock_reuseport.c",
		.expected = "hash * n >> 32",
		.check = check__index,
		MANY(200),
		.servers = BOTH("reuseport-server"),
	},
	{
		.id = "reuseport-even",
		.text = "Over many connections the hash spreads evenly over the listeners.",
		.source = "inet_ehashfn(), net/ipv4/inet_hashtables.c",
		.expected = "even",
		.check = check__even,
		MANY(1000),
		.servers = {{"reuseport-server"}},
	},
	{
		.id = "reuseport-cbpf",
		.text = "A classic BPF program of the group chooses the listener, here by the CPU "
			"that handles the SYN.",
		.source = "run_bpf_filter() in net/core/sock_reuseport.c; socket(7), "
			  "SO_ATTACH_REUSEPORT_CBPF",
		.expected = "by CPU",
		.check = check__cpu_modulo,
		.each_cpu = true,
		IN_TURN,
		.servers = BOTH("reuseport-server", "--pin", "--cbpf"),
	},
	{
		.id = "reuseport-incoming-cpu",
		.text = "Of a group whose listeners have SO_INCOMING_CPU, that of the CPU which "
			"handles the SYN is chosen; kernels without this go by the hash.",
		.source = "reuseport_select_sock_by_hash(), net/core/sock_reuseport.c; "
			  "b261eda84ec1 (6.2); socket(7)",
		.feature = FEATURE_INCOMING_CPU,
		.expected = "by CPU",
		.expected_without = "by hash",
		.check = check__incoming_cpu,
		.each_cpu = true,
		IN_TURN,
		.servers = BOTH("reuseport-server", "--pin", "--incoming-cpu"),
	},
	{
		.id = "reuseport-close",
		.text = "Connections in the queue of a listener that closes are lost, though "
			"others of its group are open.",
		.source = "inet_child_forget() in inet_csk_listen_stop(), "
			  "net/ipv4/inet_connection_sock.c",
		.expected = "lost",
		.check = check__fate,
		HOT_RESTART,
		.servers = {{"reuseport-server", "--stall"},
			    {"reuseport-server", "--stall", "--epoll"}},
	},
	{
		.id = "reuseport-migrate",
		.text = "With net.ipv4.tcp_migrate_req=1 connections in the queue of a listener "
			"that closes move to others of its group and are accepted there; on "
			"kernels without this they are lost.",
		.source = "reuseport_migrate_sock() in inet_csk_listen_stop(), "
			  "net/ipv4/inet_connection_sock.c; 54b92e841937 (5.14)",
		.feature = FEATURE_MIGRATE,
		.expected = "moved",
		.expected_without = "lost",
		.check = check__fate,
		.migrate = true,
		HOT_RESTART,
		.servers = {{"reuseport-server", "--stall"},
			    {"reuseport-server", "--stall", "--epoll"}},
	},
	{
		.id = "migrate-wakes",
		.text = "A connection that moves to a listener with a waiter wakes that one; on "
			"kernels where nothing moves it is lost.",
		.source = "sk_data_ready() in inet_csk_listen_stop(), "
			  "net/ipv4/inet_connection_sock.c; seen in 6.1.192, 6.12.117, 7.2.13",
		.feature = FEATURE_MIGRATE,
		.expected = "1",
		.expected_without = "lost",
		.check = check__moved_wakes,
		.migrate = true,
		HOT_RESTART,
		.servers = {{"reuseport-server", "--stall"},
			    {"reuseport-server", "--stall", "--epoll"}},
	},

	/* ---- io_uring ---- */
	{
		.id = "uring-oneshot",
		.text = "An accept request of io_uring waits exclusively: a connection wakes one "
			"ring; on kernels without this all.",
		.source = "poll_exclusive in io_arm_poll_handler(), io_uring/poll.c; 52dd86406dfa "
			  "(5.18)",
		.feature = FEATURE_URING_EXCLUSIVE,
		.expected = "1",
		.expected_without = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("uring-server"),
	},
	{
		.id = "uring-multishot",
		.text = "Of multishot accept requests the first in the queue gets every "
			"connection, as it never leaves the queue; older kernels refuse such "
			"requests.",
		.source = "REQ_F_APOLL_MULTISHOT in io_uring/poll.c; 4e86a2c98013 (5.19); "
			  "io_uring_prep_multishot_accept(3)",
		.feature = FEATURE_URING_MULTISHOT,
		.expected = "1, always the same",
		.expected_without = "refused",
		.check = check__turns,
		IN_TURN,
		.servers = BOTH("uring-server", "--multishot"),
	},

	/* ---- AF_UNIX ---- */
	{
		.id = "unix-accept",
		.text = "On an AF_UNIX listener, too, a blocking accept waits exclusively, and "
			"the workers take turns.",
		.source = "prepare_to_wait_exclusive() in __skb_wait_for_more_packets(), "
			  "net/core/datagram.c",
		.expected = "1, in turn",
		.check = check__turns,
		IN_TURN,
		.servers = BOTH("accept-server", UNIX),
	},
	{
		.id = "unix-epoll-own",
		.text = "On an AF_UNIX listener, too, a connection wakes all workers that have an "
			"epoll instance of their own.",
		.source = "add_wait_queue() in ep_ptable_queue_proc(), fs/eventpoll.c",
		.expected = "n",
		.check = check__wakes,
		IN_TURN,
		.servers = BOTH("epoll-server", "--own", UNIX),
	},
};

const size_t catalogue_cnt = sizeof(catalogue) / sizeof(catalogue[0]);

const struct claim *catalogue__find(const char *id)
{
	for (size_t i = 0; i < catalogue_cnt; i++)
		if (!strcmp(catalogue[i].id, id))
			return &catalogue[i];
	return NULL;
}

const char *claim__expected(const struct claim *claim, bool feature_present)
{
	return claim->feature == FEATURE_NONE || feature_present ? claim->expected
								 : claim->expected_without;
}

const char *feature__name(enum feature_id id)
{
	switch (id) {
	case FEATURE_URING_EXCLUSIVE: return "member poll_exclusive of struct io_issue_def";
	case FEATURE_URING_MULTISHOT: return "enumerator REQ_F_APOLL_MULTISHOT_BIT";
	case FEATURE_INCOMING_CPU: return "member incoming_cpu of struct sock_reuseport";
	case FEATURE_MIGRATE: return "function reuseport_migrate_sock";
	case FEATURE_QUEUE_ENTRIES: return "helper bpf_loop()";
	case FEATURE_NONE:
	case FEATURE_CNT: break;
	}
	return "";
}
