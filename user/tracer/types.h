/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The running kernel's types by their names. libbpf looks at each of 150,000 for every program and for every name that
 * it is asked for.
 */
#ifndef HERDTRACE_TRACER_TYPES_H
#define HERDTRACE_TRACER_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>

struct types {
	struct btf *btf;
	uint32_t *slots; /* numbers of types, by a hash of their names; 0: free */
	uint32_t slot_cnt;
};

/* Returns 0 or negative errno; to be freed in any case. */
int types__load(struct types *types);

/* The same of types that are there already, and are then owned by it. */
int types__index(struct types *types, struct btf *btf);
void types__free(struct types *types);

/* The number of the first one of that name and BTF_KIND_..., 0: there is none. */
uint32_t types__find(const struct types *types, const char *name, unsigned kind);

/*
 * Numbers of the types that have a name, whatever their kinds: "x", "x___old" and "x___new" are one name. *at: 0 to begin
 * with. Returns 0 past the last.
 */
uint32_t types__next(const struct types *types, const char *name, uint32_t *at);

/* Has the enum a constant of that name? */
bool types__has_constant(const struct types *types, const char *enum_name, const char *name);

/* How many parameters the function has that a typedef stands for, or points to; 0: there is none. */
unsigned types__parameter_cnt(const struct types *types, const char *name);

#endif
