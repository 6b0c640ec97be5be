/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Where the running kernel has its functions: all of /proc/kallsyms. The kernel needs most of a second to write that;
 * addresses.h asks for a few.
 */
#ifndef HERDTRACE_TRACER_KSYMS_H
#define HERDTRACE_TRACER_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ksyms;

/* NULL with errno set when it cannot be read or names nothing. */
struct ksyms *ksyms__load(void);
/* The same from a file that is open already, and stays so. */
struct ksyms *ksyms__parse(FILE *file);
void ksyms__free(struct ksyms *ksyms);

/* Is there such a symbol? Known even where its address is hidden. */
bool ksyms__has(const struct ksyms *ksyms, const char *name);

/* Its address, 0 when there is none or it is hidden (sysctl kernel.kptr_restrict). */
uint64_t ksyms__address(const struct ksyms *ksyms, const char *name);

/* Are all addresses 0: does the kernel hide them from this process? */
bool ksyms__are_hidden(const struct ksyms *ksyms);

/* The name of the function that holds an address; NULL when it is in none. Owned by ksyms. */
const char *ksyms__name(const struct ksyms *ksyms, uint64_t address);

#endif
