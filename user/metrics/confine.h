/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_METRICS_CONFINE_H
#define HERDTRACE_METRICS_CONFINE_H

/*
 * From now on this process is nobody: no user's but that one's, no capability, none to be had by exec, no new process, no
 * file it could write more to, no core. Returns 0 or -1; then it must not go on.
 */
int confine(void);

#endif
