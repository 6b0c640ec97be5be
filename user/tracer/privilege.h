/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* May this process trace this kernel, and if not, what would help? */
#ifndef HERDTRACE_TRACER_PRIVILEGE_H
#define HERDTRACE_TRACER_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Looks for what can be known before trying. Returns 0, or negative errno with an error that says
 * what is missing and what to do.
 */
int privilege__check(struct error *error);

/* Makes an error of err, a negative errno from loading or attaching. Returns err. */
int privilege__explain(struct error *error, int err);

/* Likewise where /proc/kallsyms has names, but no addresses. Returns negative errno. */
int privilege__explain_hidden(struct error *error);

/* The kernel's lockdown mode ("none", "integrity", "confidentiality"), "" when it has none. */
void privilege__lockdown(char *mode, size_t size);

#endif
