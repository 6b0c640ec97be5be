/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The processes that a name stands for, now. */
#ifndef HERDTRACE_TARGET_TARGETS_H
#define HERDTRACE_TARGET_TARGETS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/vector.h"
#include "target/whom.h"

struct targets {
	VECTOR(pid_t) pids; /* their descendants belong to them, and need not be named */
	char *cgroup; /* the directory that they were found in, NULL: none; who comes there belongs to them */
	char name[128]; /* of all, for people: "process 17", "unit nginx.service" */
};

/* Adds one, unless it is there. Returns 0 or -ENOMEM. */
int targets__add(struct targets *targets, pid_t pid);

/*
 * Finds them: at least one. Returns 0, or negative errno and an error that says what there is instead. The caller
 * frees them in any case.
 */
int targets__find(struct targets *targets, const struct whom *whom, struct error *error);

/* Adds who has come since, where that can be: to a cgroup, to a port. Returns 0, or negative errno and an error. */
int targets__find_more(struct targets *targets, const struct whom *whom, struct error *error);

void targets__free(struct targets *targets);

#endif
