// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/programs.h"

/*
 * kprobes are skipped while any other one runs on the CPU (trace_call_bpf()). That happens to what
 * an interrupt does, from beginning to end: mostly to wakes that are none of ours. An arrival
 * that is missed like this shows when it is accepted, a walk at the end of its arrival.
 */
const struct program_kind program_kinds[] = {
	{"fentry", "fentry_loop", PROGRAM_FENTRY, 1, false},
	{"fentry_again", NULL, PROGRAM_FENTRY, 2, false},
	{"fentry_third", NULL, PROGRAM_FENTRY, 3, false},
	{"fexit", "fexit_loop", PROGRAM_FENTRY, 1, false},
	{"fexit_again", NULL, PROGRAM_FENTRY, 2, false},
	{"fexit_third", NULL, PROGRAM_FENTRY, 3, false},
	{"kprobe", "kprobe_loop", PROGRAM_KPROBE, 1, true},
	{"kretprobe", "kretprobe_loop", PROGRAM_KPROBE, 1, true},
	{"tp", NULL, PROGRAM_TRACEPOINT, 1, false},
	{"tp_again", NULL, PROGRAM_TRACEPOINT, 2, false},
	{"tp_third", NULL, PROGRAM_TRACEPOINT, 3, false},
};

const size_t program_kind_cnt = sizeof(program_kinds) / sizeof(program_kinds[0]);

const char *program_how__name(enum program_how how)
{
	static const char *const names[] = {
		[PROGRAM_FENTRY] = "fentry",
		[PROGRAM_KPROBE] = "kprobe",
		[PROGRAM_TRACEPOINT] = "tracepoint",
	};

	return names[how];
}
