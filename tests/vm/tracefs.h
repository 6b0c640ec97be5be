/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * An instance of tracefs: events that the kernel tells of by itself, without disturbing other tracers.
 * Functions that return int return 0 or a negative errno.
 */
#ifndef HERDTRACE_TRACEFS_H
#define HERDTRACE_TRACEFS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct tracefs {
	char path[PATH_MAX];
	int dir; /* of the instance */
};

/*
 * Makes one whose name begins with herdtrace- and this; stacks: each event comes with its kernel stack.
 * Nothing is traced yet. -ENOENT where tracefs is not mounted, -EACCES or -EPERM without root. A process
 * that is killed leaves its instance behind, running: rmdir /sys/kernel/tracing/instances/herdtrace-*
 */
int tracefs__open(struct tracefs *t, const char *name, bool stacks);

/* The buffer of each CPU of those that are made from now on; 0: as much as most runs take. */
void tracefs__set_buffer_kb(unsigned kb);

/* Removes it. */
void tracefs__close(struct tracefs *t);

/* Writes a text into a file of the instance. */
int tracefs__write(const struct tracefs *t, const char *name, const char *text);

/* Opens one to read, NULL with errno; the caller closes it. */
FILE *tracefs__read(const struct tracefs *t, const char *name);

/* Empties the buffer and traces from now on. */
int tracefs__begin(const struct tracefs *t);

/* For each CPU, by its name in per_cpu, until one returns an error. */
typedef int (*tracefs_visitor)(void *arg, const struct tracefs *t, const char *cpu);
int tracefs__each_cpu(const struct tracefs *t, tracefs_visitor visit, void *arg);

/* Events of this CPU that its buffer did not take, or no longer has; negative errno. */
int64_t tracefs__lost(const struct tracefs *t, const char *cpu);

#endif
