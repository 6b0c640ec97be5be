/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* --stacks: the kernel stacks of each kind of wake, kept as notes in the stream. */
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

/* Adds a note for each distinct stack, the most frequent of a cause first. */
void stacks__push(struct stacks *stacks, struct tracer *tracer, struct stream *stream);

#endif
