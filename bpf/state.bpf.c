// SPDX-License-Identifier: GPL-2.0
/* The maps, settings and counters that all programs share; described in state.bpf.h. */
#include "state.bpf.h"

struct tasks_map tasks SEC(".maps");
struct contexts_map contexts SEC(".maps");
struct task_arrivals_map task_arrivals SEC(".maps");
struct listeners_map listeners SEC(".maps");
struct queued_map queued SEC(".maps");
struct cgroups_map cgroups SEC(".maps");
struct heads_map heads SEC(".maps");
struct items_map items SEC(".maps");
struct ring_map ring SEC(".maps");
struct stacks_map stacks SEC(".maps");

const volatile struct settings cfg = {
	.handle_odd = 1,
	.ring_wakeup = 1024 * 1024,
	.addr_ep_poll_callback = -1,
	.addr_pollwake = -1,
	.addr_autoremove_wake_function = -1,
	.addr_receiver_wake_function = -1,
	.addr_io_poll_wake = -1,
	.addr_default_wake_function = -1,
	.addr_socket_file_ops = -1,
	.addr_eventpoll_fops = -1,
};
struct counters counters; /* no "= {}": its padding would make it initialised data */
struct filters filters = {};
struct reader reader = {};

char LICENSE[] SEC("license") = "GPL";
