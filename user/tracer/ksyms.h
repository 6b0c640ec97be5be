/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where the running kernel has its functions: /proc/kallsyms, read once. */
#ifndef HERDTRACE_TRACER_KSYMS_H
#define HERDTRACE_TRACER_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksyms;

/* NULL with errno set when it cannot be read. */
struct ksyms *ksyms__load(void);
void ksyms__free(struct ksyms *ksyms);

/* Is there such a symbol? Known even where its address is hidden. */
bool ksyms__has(const struct ksyms *ksyms, const char *name);

/* Its address, 0 when there is none or it is hidden (sysctl kernel.kptr_restrict). */
uint64_t ksyms__address(const struct ksyms *ksyms, const char *name);

/* The name of the function that holds an address; NULL when it is in none. Owned by ksyms. */
const char *ksyms__name(const struct ksyms *ksyms, uint64_t address);

#endif
