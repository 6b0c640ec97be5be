/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The witness of outcomes: what each task did after a wake, by the kernel's own events for wakes,
 * switches and system calls. Nothing of herdtrace; which wakes count is for the oracle to say. For
 * servers that wait in accept, epoll, poll or select and in nothing else that looks alike. x86-64.
 */
#ifndef HERDTRACE_OUTCOMES_H
#define HERDTRACE_OUTCOMES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "oracle.h"

enum task_outcome {
	TASK_ACCEPTED,
	TASK_EAGAIN,
	TASK_SWALLOWED,
	TASK_IDLE,
	TASK_PENDING,
	TASK_OUTCOME_CNT,
};

/* The wakes of one task by what came of them. */
struct task_outcomes {
	uint32_t tid;
	uint64_t of[TASK_OUTCOME_CNT];
};

struct outcomes {
	struct task_outcomes *tasks;
	size_t task_cnt;
	uint64_t error_cnt; /* lines that were not understood: unless 0, nothing is to be trusted */
	uint64_t lost;      /* events that did not fit into the buffer: likewise */
};

struct outcome_witness;

/* As oracle__new(); NULL with errno. */
struct outcome_witness *outcome_witness__new(void);

/* Watches tasks with this comm from now on; it must be started before any of them is there. */
int outcome_witness__start(struct outcome_witness *witness, const char *comm);

/*
 * Ends the watching. wakes: what the oracle said of the same tasks, started as early. The caller frees
 * what is in outcomes with outcomes__free(). 0 or negative errno.
 */
int outcome_witness__stop(struct outcome_witness *witness, const struct oracle_counts *wakes,
			  struct outcomes *outcomes);

void outcome_witness__free(struct outcome_witness *witness);

/* The part without a kernel: the text of a trace of all CPUs, in order. */
int outcomes__parse(FILE *in, const struct oracle_counts *wakes, struct outcomes *outcomes);

void outcomes__free(struct outcomes *outcomes);

#endif
