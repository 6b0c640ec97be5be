// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/hooks.h"

#define FUNCTION(purpose_, ...)                                                        \
	{                                                                              \
		.kind = HOOK_FUNCTION, .functions = {__VA_ARGS__}, .purpose = purpose_ \
	}
#define OPTIONAL(purpose_, ...)                                                      \
	{                                                                            \
		.kind = HOOK_FUNCTION, .functions = {__VA_ARGS__}, .optional = true, \
		.purpose = purpose_                                                  \
	}
#define UNIX(purpose_, name)                                                                   \
	{                                                                                      \
		.kind = HOOK_FUNCTION, .functions = {name}, .optional = true, .af_unix = true, \
		.purpose = purpose_                                                            \
	}
#define RARE(purpose_, name)                                                                  \
	{                                                                                     \
		.kind = HOOK_FUNCTION, .functions = {name}, .rare = true, .purpose = purpose_ \
	}
#define MAYBE_RARE(purpose_, ...)                                                                  \
	{                                                                                          \
		.kind = HOOK_FUNCTION, .functions = {__VA_ARGS__}, .optional = true, .rare = true, \
		.purpose = purpose_                                                                \
	}
#define TRACEPOINT(purpose_, name)                                                \
	{                                                                         \
		.kind = HOOK_TRACEPOINT, .functions = {name}, .purpose = purpose_ \
	}
#define RARE_TRACEPOINT(purpose_, name)                                                         \
	{                                                                                       \
		.kind = HOOK_TRACEPOINT, .functions = {name}, .rare = true, .purpose = purpose_ \
	}
#define SYSCALL(purpose_, name)                                                \
	{                                                                      \
		.kind = HOOK_SYSCALL, .functions = {name}, .purpose = purpose_ \
	}

const struct hook hooks[] = {
	FUNCTION("the walk over a wait queue", "__wake_up_common"),
	FUNCTION("offers to epoll instances", "ep_poll_callback"),
	FUNCTION("offers to blocking accepts", "autoremove_wake_function"),
	FUNCTION("offers to select and poll", "pollwake"),
	FUNCTION("offers to waiters of any other kind", "default_wake_function"),
	MAYBE_RARE("offers to io_uring", "io_poll_wake", "io_async_wake"),
	FUNCTION("end of an epoll instance", "ep_eventpoll_release"),
	/* ep_poll() is inlined into its only caller by most builds. */
	FUNCTION("waiting in epoll", "ep_poll", "do_epoll_wait"),
	FUNCTION("waiting in poll", "do_sys_poll"),
	FUNCTION("waiting in select", "do_select", "core_sys_select"),
	FUNCTION("waiting in accept, and its result", "inet_csk_accept"),
	OPTIONAL("waiting in io_uring", "__x64_sys_io_uring_enter", "__arm64_sys_io_uring_enter"),
	FUNCTION("new listeners", "inet_listen"),
	FUNCTION("closed listeners", "inet_csk_listen_stop"),
	FUNCTION("arrival", "inet_csk_complete_hashdance"),
	RARE("arrival with fast open or SYN cookies", "inet_csk_reqsk_queue_add"),
	FUNCTION("end of an arrival", "tcp_child_process"),
	FUNCTION("end of an arrival with fast open", "tcp_conn_request"),
	FUNCTION("choice among reuseport listeners", "reuseport_select_sock"),
	MAYBE_RARE("connections that move to another listener", "reuseport_migrate_sock"),
	UNIX("new AF_UNIX listeners", "unix_listen"),
	UNIX("closed AF_UNIX sockets", "unix_release"),
	UNIX("arrival on AF_UNIX", "security_unix_stream_connect"),
	UNIX("end of an arrival on AF_UNIX", "unix_stream_connect"),
	UNIX("waiting in accept on AF_UNIX", "unix_accept"),
	TRACEPOINT("wakes", "sched_waking"),
	TRACEPOINT("wakes that took effect", "sched_wakeup"),
	TRACEPOINT("run and sleep of woken tasks", "sched_switch"),
	TRACEPOINT("new tasks of the tree", "sched_process_fork"),
	RARE_TRACEPOINT("programs that they execute", "sched_process_exec"),
	TRACEPOINT("their end", "sched_process_exit"),
	SYSCALL("return from waiting calls", "sys_exit_wait"),
	SYSCALL("result of accept", "sys_exit_accept"),
};

const size_t hook_cnt = sizeof(hooks) / sizeof(hooks[0]);
