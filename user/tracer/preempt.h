/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whether the kernel preempts tasks inside of BPF programs: then it skips these programs for others. */
#ifndef HERDTRACE_TRACER_PREEMPT_H
#define HERDTRACE_TRACER_PREEMPT_H

#include <stdbool.h>

/*
 * version: as uname -v has it, which names what the kernel was built for. modes: what
 * /sys/kernel/debug/sched/preempt holds, the chosen one in parentheses (PREEMPT_DYNAMIC); NULL: it cannot be
 * read. True where it does, or may.
 */
bool preempt__is_possible(const char *version, const char *modes);

/* The same of the running kernel. */
bool preempt__is_on(void);

#endif
