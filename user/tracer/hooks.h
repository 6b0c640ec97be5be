/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which kernel functions are hooked, what each is for, and what to take where one is missing. */
#ifndef HERDTRACE_TRACER_HOOKS_H
#define HERDTRACE_TRACER_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

enum hook_kind {
	HOOK_FUNCTION,   /* fentry and fexit, or kprobe and kretprobe */
	HOOK_TRACEPOINT, /* tp_btf */
	HOOK_SYSCALL,    /* tp_btf/sys_exit, with kprobes and for a server that runs already */
};

#define HOOK_CANDIDATES 3

struct hook {
	const char *purpose;
	/* In order of preference; the programs are called fentry_FUNCTION and so on (programs.h). */
	const char *functions[HOOK_CANDIDATES];
	enum hook_kind kind;
	/* Copies of its programs, beyond the first, where it runs in tasks that can be preempted: attached on
	 * kernels that do that inside of programs (calls.bpf.h, preempt.h). kprobes have none. */
	unsigned spare_copies;
	bool optional; /* counts stay exact without it: the kernel has no such waiters */
	bool af_unix;  /* of those without which AF_UNIX listeners are not traced */
	bool rare;     /* called only for what doctor does not try: fast open, other waiters */
};

extern const struct hook hooks[];
extern const size_t hook_cnt;

#endif
