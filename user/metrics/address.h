/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From --listen to a listening socket. */
#ifndef HERDTRACE_METRICS_ADDRESS_H
#define HERDTRACE_METRICS_ADDRESS_H

#include <stddef.h>

#include "base/error.h"

/*
 * A listening socket at HOST:PORT, [HOST]:PORT or :PORT (all addresses), numbers all of them. url gets where it
 * is. Returns the descriptor, or negative errno with an error (FAULT_INPUT).
 */
int address__listen(const char *address, char *url, size_t size, struct error *error);

#endif
