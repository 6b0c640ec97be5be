/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The listener's address, for server.c; server__listen() itself is in server.h. */
#ifndef HERDTRACE_LISTENER_H
#define HERDTRACE_LISTENER_H

#include "server.h"

/* Fills in the default address; one that is no address is a usage error. */
void listener__check_address(struct server_options *options, struct argp_state *state);

#endif
