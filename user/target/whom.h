/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How a server that runs already is named: by numbers, by its port, by where it was put. */
#ifndef HERDTRACE_TARGET_WHOM_H
#define HERDTRACE_TARGET_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WHOM_PIDS_MAX 64

/* One of them at most has a value. */
struct whom {
	pid_t pids[WHOM_PIDS_MAX];
	size_t pid_cnt;        /* may be above WHOM_PIDS_MAX: there were more */
	unsigned port;         /* 0: none */
	const char *unit;      /* of systemd, NULL: none */
	const char *cgroup;    /* as /proc/PID/cgroup has it, or a directory; NULL: none */
	const char *container; /* the beginning of its ID, NULL: none */
};

/* Does it name any? */
static inline bool whom__is_named(const struct whom *whom)
{
	return whom->pid_cnt || whom->port || whom->unit || whom->cgroup || whom->container;
}

#endif
