/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kinds of BPF programs that a hook can have: what they are called, how they hang on its
 * function, on which kernels they are taken. Choosing, attaching, counting and judging misses all
 * go through this one table.
 */
#ifndef HERDTRACE_TRACER_PROGRAMS_H
#define HERDTRACE_TRACER_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

enum program_how {
	PROGRAM_FENTRY, /* fentry and fexit */
	PROGRAM_KPROBE, /* kprobe and kretprobe */
	PROGRAM_TRACEPOINT,
};

struct program_kind {
	const char *prefix; /* the program is called PREFIX_FUNCTION */
	/* The prefix of its version for kernels with bpf_loop(), of programs that search
	 * (compat.bpf.h); NULL where none does. */
	const char *loop_prefix;
	enum program_how how;
	unsigned copy; /* 1: the first; the further ones are for hooks that want them (hooks.h) */
	/* Whether what the kernel skips of it is noticed by what is missing then. That of copies
	 * is, too, while there is more than one: calls.bpf.h. */
	bool misses_show;
};

/* In the order in which the programs of a hook are attached. */
extern const struct program_kind program_kinds[];
extern const size_t program_kind_cnt;

/* "fentry", "kprobe", "tracepoint" */
const char *program_how__name(enum program_how how);

#endif
