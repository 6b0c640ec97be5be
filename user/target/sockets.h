/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What sockets a server has, by /proc: for the reason why it does not listen. */
#ifndef HERDTRACE_TARGET_SOCKETS_H
#define HERDTRACE_TARGET_SOCKETS_H

#include <stdbool.h>
#include <sys/types.h>

/* Has this process, or one below it, a UDP socket that takes what comes from anywhere? */
bool sockets__take_udp(pid_t root);

/* Will a program that we start have a listener that is open here? */
bool sockets__inherit_listener(void);

#endif
