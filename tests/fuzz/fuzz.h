/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What libFuzzer calls, and what we call of it: LLVM's Fuzzing API. */
#ifndef HERDTRACE_FUZZ_H
#define HERDTRACE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both return the size of what they have made, max at most. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned seed);

/* Theirs: changes bytes at random. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

#endif
