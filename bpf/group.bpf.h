/* SPDX-License-Identifier: GPL-2.0 */
/* Looking into a reuseport group (struct sock_reuseport). */
#ifndef HERDTRACE_GROUP_BPF_H
#define HERDTRACE_GROUP_BPF_H

#include "waiters.bpf.h"

static __always_inline u64 group__member(struct sock_reuseport *group, u32 index)
{
	u64 sk = 0;

	bpf_probe_read_kernel(&sk, sizeof(sk), &group->socks[index]);
	return sk;
}

#endif
