/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Connections that found the queue of their listener full: no arrival, and so in nobody's row. */
#ifndef HERDTRACE_TARGET_OVERFLOWS_H
#define HERDTRACE_TARGET_OVERFLOWS_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * ListenOverflows (net/ipv4/tcp_ipv4.c, tcp_input.c) of the network namespace of this process, 0: ours, whoever's
 * listeners these were. A client that tries again counts again. UINT64_MAX: not known.
 */
uint64_t overflows__count(pid_t pid);

/* The same from what /proc/PID/net/netstat says: a line of names, and one of numbers. */
uint64_t overflows__parse(FILE *netstat);

#endif
