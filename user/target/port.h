/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Who listens on a TCP port, in any network namespace that has a process. */
#ifndef HERDTRACE_TARGET_PORT_H
#define HERDTRACE_TARGET_PORT_H

#include "target/targets.h"

/* Adds every process that has a listener there open. Returns 0, or negative errno and an error that names ports nearby. */
int port__find(struct targets *targets, unsigned port, struct error *error);

#endif
