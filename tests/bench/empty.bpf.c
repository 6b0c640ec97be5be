// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Programs that do nothing, where herdtrace has its own: what it costs to be called at all. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* clang-format off */
#define EMPTY(name, section) SEC(section) int name(void *ctx) { return 0; }

EMPTY(walk_begins, "fentry/__wake_up_common")
EMPTY(walk_ends, "fexit/__wake_up_common")
EMPTY(wakes_accept, "fentry/autoremove_wake_function")
EMPTY(wakes_default, "fentry/default_wake_function")
EMPTY(wakes_epoll, "fentry/ep_poll_callback")
EMPTY(waking, "tp_btf/sched_waking")
EMPTY(wakeup, "tp_btf/sched_wakeup")
EMPTY(switches, "tp_btf/sched_switch")
EMPTY(epoll_begins, "fentry/do_epoll_wait")
EMPTY(epoll_ends, "fexit/do_epoll_wait")
EMPTY(kprobe, "kprobe/__wake_up_common")
EMPTY(kretprobe, "kretprobe/__wake_up_common")
/* clang-format on */

char _license[] SEC("license") = "Dual BSD/GPL";
