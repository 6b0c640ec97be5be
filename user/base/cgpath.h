/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the path of a cgroup says: whose unit it is, and whose container. */
#ifndef HERDTRACE_BASE_CGPATH_H
#define HERDTRACE_BASE_CGPATH_H

#include <stdbool.h>
#include <stddef.h>

#define CGPATH_NAME_SIZE 256 /* as long as a name of a directory may be, and NUL */

/*
 * The innermost service or scope of systemd: not the scope of a login or of a container, which are nobody's
 * configuration. Returns whether there is one; name is "" otherwise.
 */
bool cgpath__unit(const char *path, char name[CGPATH_NAME_SIZE]);

/* The ID, 64 digits, of the innermost container, as docker, podman, containerd and CRI-O name their cgroups. */
bool cgpath__container(const char *path, char id[CGPATH_NAME_SIZE]);

#endif
