/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The part of the kernel's types that an object asks for (CO-RE): libbpf compares each name with all that it is given.
 */
#ifndef HERDTRACE_TRACER_SUBSET_H
#define HERDTRACE_TRACER_SUBSET_H

#include "tracer/types.h"

/*
 * Writes to a file, as BTF, all types that have a name of wanted, and what they hold; pointers point to nothing,
 * as it makes no difference where. Returns 0 or negative errno.
 */
int subset__write(const struct types *types, const struct btf *wanted, int fd);

#endif
