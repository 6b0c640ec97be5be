/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* --stacks: the kernel stacks of wakes, told as records of their own. */
#ifndef HERDTRACE_RUN_STACKS_H
#define HERDTRACE_RUN_STACKS_H

#include "bpf/record.h"
#include "record/stream.h"
#include "tracer/tracer.h"

struct stacks;

struct stacks *stacks__new(void);
void stacks__free(struct stacks *stacks);

/* Remembers the stack of a WAKE record: a sink of a stream, whose arg is the stacks. Returns 0. */
int stacks__take(void *stacks, const struct record_header *record);

/* Tells of each distinct stack by a STACK record. Returns 0, or negative errno of the stream. */
int stacks__push(const struct stacks *stacks, struct tracer *tracer, struct stream *stream);

#endif
