/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The end of herdtrace-http that is the tracer's. That program has the listening socket, no privileges, and is nobody's
 * child: a COMMAND that is traced has the tracer's children for itself (target/launch.c). Nothing here waits for it
 * once it is started.
 */
#ifndef HERDTRACE_METRICS_ENDPOINT_H
#define HERDTRACE_METRICS_ENDPOINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/loop.h"
#include "http/channel.h"

#define ENDPOINT_DEFAULT "127.0.0.1:9435"

struct endpoint {
	int channel; /* -1: closed */
	struct loop_source source;
	bool wanted;  /* somebody waits for a text */
	bool gone;    /* herdtrace-http has ended */
	char url[96]; /* where it serves */
};

#define ENDPOINT_CLOSED ((struct endpoint){.channel = -1})

/*
 * Listens at an address such as 127.0.0.1:9435, [::1]:9435 or :9435, and starts herdtrace-http, which is looked for
 * beside this program and in its libexec; program: where it is, NULL: there. Returns 0, or negative errno with an error:
 * FAULT_INPUT where the address cannot be had.
 */
int endpoint__open(struct endpoint *endpoint, const char *address, const char *program,
		   struct error *error);

/* Adds it to a loop, where .wanted and .gone are set. Returns 0 or negative errno. */
int endpoint__add_to(struct endpoint *endpoint, struct loop *loop);

/* write writes a text in a format. Returns 0 or negative errno; that nobody takes it is no error. */
typedef void (*endpoint_writer)(void *arg, FILE *out, enum http_format format);
int endpoint__send(struct endpoint *endpoint, endpoint_writer write, void *arg);

/* herdtrace-http ends with it. */
void endpoint__close(struct endpoint *endpoint);

#endif
