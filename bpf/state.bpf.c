// SPDX-License-Identifier: GPL-2.0
/* The maps, settings and counters that all programs share; described in state.bpf.h. */
#include "state.bpf.h"

struct tasks_map tasks SEC(".maps");
struct contexts_map contexts SEC(".maps");
struct task_arrivals_map task_arrivals SEC(".maps");
struct listeners_map listeners SEC(".maps");
struct heads_map heads SEC(".maps");
struct items_map items SEC(".maps");
struct ring_map ring SEC(".maps");
struct stacks_map stacks SEC(".maps");

const volatile __u64 cfg_handle_xor = 0;
const volatile __u64 cfg_handle_odd = 1;
const volatile __u64 cfg_ring_wakeup = 1024 * 1024;
const volatile __u8 cfg_switch_has_state = 0;
const volatile __u8 cfg_stacks = 0;
const volatile __u8 cfg_exit_by_syscall = 0;
const volatile __u8 cfg_running = 0;
const volatile __u8 cfg_unix = 0;

const volatile __u64 addr_ep_poll_callback = -1;
const volatile __u64 addr_pollwake = -1;
const volatile __u64 addr_autoremove_wake_function = -1;
const volatile __u64 addr_receiver_wake_function = -1;
const volatile __u64 addr_io_poll_wake = -1;
const volatile __u64 addr_default_wake_function = -1;
const volatile __u64 addr_socket_file_ops = -1;
const volatile __u64 addr_eventpoll_fops = -1;

__u64 total_arrivals = 0;
__u64 total_wakes = 0;
__u64 total_accepts = 0;
__u64 loss_ring_drops = 0;
__u64 loss_map_full = 0;
__u64 loss_unbalanced_frames = 0;
__u64 loss_missed_calls = 0;
__u64 stopped = 0;
__u64 open_frames = 0;
__u64 open_wakes = 0;

char LICENSE[] SEC("license") = "GPL";
