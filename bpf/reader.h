/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Who reads the ring, and what wakes him. */
#ifndef HERDTRACE_READER_H
#define HERDTRACE_READER_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

struct reader {
	/* Bytes waiting from which on a record wakes him. He sets it to 0 before he sleeps without a limit: the first
	 * record then wakes him, and sets it to cfg.ring_wakeup. */
	__u64 wake_at;
	__u32 tgid; /* to wake him is nobody's wake: it may happen in an interrupt, wherever that comes */
	__u32 pad;
};

#endif
