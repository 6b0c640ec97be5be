/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A network of our own, where ports are free and settings concern nobody else. */
#ifndef HERDTRACE_VERIFY_NETNS_H
#define HERDTRACE_VERIFY_NETNS_H

#include <stdbool.h>

#include "base/error.h"

/* Moves this process to a new network namespace with lo up. Returns 0, or negative errno and error. */
int netns__enter(struct error *error);

/*
 * Sets net.ipv4.tcp_migrate_req there. Returns 0 or negative errno; a kernel that has it not is as
 * one where it is off.
 */
int netns__set_migrate(bool on);

#endif
