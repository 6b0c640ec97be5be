/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What each program hangs on, found by its section's name in our types: libbpf searches all of them each time. */
#ifndef HERDTRACE_TRACER_ATTACH_TARGET_H
#define HERDTRACE_TRACER_ATTACH_TARGET_H

#include "tracer/types.h"

/* For all objects that are opened from now on. Returns 0 or negative errno. */
int attach_target__register(void);

/* Where to look while an object is loaded. Not owned; NULL: it is loaded. */
void attach_target__look_in(const struct types *types);

#endif
