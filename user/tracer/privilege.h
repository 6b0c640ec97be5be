/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* May this process trace this kernel, and if not, what would help? */
#ifndef HERDTRACE_TRACER_PRIVILEGE_H
#define HERDTRACE_TRACER_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* One thing that a trace needs, and that can be known before trying. */
struct privilege {
	const char *name;
	/* Returns 0, or negative errno with an error as privilege__check() does. */
	int (*check)(struct error *error);
};

/* In this order: the first one that fails is what to see to first. */
extern const struct privilege privileges[];
extern const size_t privilege_cnt;

/*
 * Looks for what can be known before trying. Returns 0, or negative errno with an error that says
 * what is missing and what to do.
 */
int privilege__check(struct error *error);

/* What loading or attaching failed with. */
struct refusal {
	int err;             /* negative errno */
	bool kprobe;         /* with kprobes, not with fentry */
	bool charges_memory; /* this kernel counts maps and programs as locked memory */
	const char *detail;  /* which program, and what libbpf says of it */
};

/* Makes an error that names the cause. Returns refusal->err. */
int privilege__explain(struct error *error, const struct refusal *refusal);

/* Likewise where /proc/kallsyms has names, but no addresses. Returns negative errno. */
int privilege__explain_hidden(struct error *error);

/* Can programs be attached with kprobes here? */
bool privilege__has_kprobes(void);

/*
 * Hooks on functions can be switched off for everybody, at any time: they stay attached and are not called. The switch
 * that is off now, NULL: none is. kprobe: those are the hooks, not fentry's.
 */
const char *privilege__switched_off(bool kprobe);

/* Where the kernel's types are, or why they are not to be had: a line for doctor. */
const char *privilege__types(void);

/* The kernel's lockdown mode ("none", "integrity", "confidentiality"), "" when it has none. */
void privilege__lockdown(char *mode, size_t size);

#endif
