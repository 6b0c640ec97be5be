/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* May this process trace this kernel, and if not, what would help? */
#ifndef HERDTRACE_TRACER_PRIVILEGE_H
#define HERDTRACE_TRACER_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Looks for what can be known before trying. Returns 0, or negative errno after one line on
 * stderr that says what is missing and what to do.
 */
int privilege__check(void);

/* One line on stderr for an error from loading or attaching. */
void privilege__explain(int err);

/* The kernel's lockdown mode ("none", "integrity", "confidentiality"), "" when it has none. */
void privilege__lockdown(char *mode, size_t size);

#endif
