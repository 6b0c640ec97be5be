/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The network in which a server is to be reached. */
#ifndef HERDTRACE_TARGET_NETWORK_H
#define HERDTRACE_TARGET_NETWORK_H

#include <sys/types.h>

#include "base/error.h"

/* Sockets that this process makes from now on are in the network namespace of pid. Returns 0, or negative errno and an error. */
int network__enter(pid_t pid, struct error *error);

#endif
