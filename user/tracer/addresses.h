/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where the running kernel has a few symbols, asked for by name: a look at all of them takes a second. */
#ifndef HERDTRACE_TRACER_ADDRESSES_H
#define HERDTRACE_TRACER_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

/* Names that are longer are not asked for. */
#define ADDRESS_NAME_MAX 31

/*
 * Fills in an address for each name, 0 for one that the kernel has not. Returns 0; -EPERM where the kernel hides
 * them from this process (sysctl kernel.kptr_restrict), as /proc/kallsyms would; -EOPNOTSUPP where it cannot be
 * asked (before 5.16).
 */
int addresses__ask(const char *const *names, size_t cnt, uint64_t *addresses);

#endif
