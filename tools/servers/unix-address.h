/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_UNIX_ADDRESS_H
#define HERDTRACE_UNIX_ADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

/*
 * Fills in the address of the file text, or with '@NAME' the abstract one NAME. Returns its length;
 * -ENAMETOOLONG: it does not fit; -EINVAL: it is empty.
 */
int unix_address__parse(const char *text, struct sockaddr_un *address);

#endif
