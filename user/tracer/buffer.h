/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How large the ring buffer is. */
#ifndef HERDTRACE_TRACER_BUFFER_H
#define HERDTRACE_TRACER_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* For so many CPUs, which write, and bytes of memory. */
size_t buffer__suggest(unsigned cpus, uint64_t memory);

/* The same for this machine. */
size_t buffer__default(void);

/* Up to what the kernel takes: a power of two of pages. */
size_t buffer__round(size_t bytes);

#endif
