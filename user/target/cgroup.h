/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Cgroups, and the units and containers that are in one of their own: by the file system alone. */
#ifndef HERDTRACE_TARGET_CGROUP_H
#define HERDTRACE_TARGET_CGROUP_H

#include "target/targets.h"

/*
 * Finds the directory of what is named (unit, cgroup or container). Returns 0 and *path, owned by the caller; or
 * negative errno and an error.
 */
int cgroup__find(char **path, const struct whom *whom, struct error *error);

/* The same below a directory, where cgroups are mounted there. */
int cgroup__find_below(char **path, const char *mount, const struct whom *whom,
		       struct error *error);

/* Adds everybody who is there or below. Returns 0 or negative errno. */
int cgroup__read(struct targets *targets, const char *path);

/*
 * Does a directory of this name belong to the container whose ID begins so? Runtimes have the ID itself, or a scope:
 * docker-ID.scope, libpod-ID.scope, cri-containerd-ID.scope. libpod-conmon-ID is the one who watches the container.
 */
bool cgroup__is_container(const char *name, const char *id);

#endif
