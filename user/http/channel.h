/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Between the tracer and herdtrace-http: a socket pair of SOCK_SEQPACKET. herdtrace-http says one byte at a time, the
 * tracer sends a text when it was asked for one; the end of either is the end of the channel. The tracer takes
 * nothing else from it, and never waits for it.
 */
#ifndef HERDTRACE_HTTP_CHANNEL_H
#define HERDTRACE_HTTP_CHANNEL_H

#include <stdint.h>

/* Descriptors that herdtrace-http finds open. */
#define HTTP_LISTEN_FD  3
#define HTTP_CHANNEL_FD 4

/* What herdtrace-http says. */
#define HTTP_READY 'r' /* once: it serves */
#define HTTP_WANT  'w' /* it wants a text as of now */

enum http_format {
	HTTP_PROMETHEUS,  /* text format 0.0.4 */
	HTTP_OPENMETRICS, /* 1.0.0 */
	HTTP_FORMAT_CNT,
};

/* What the tracer sends, with a memfd that holds both texts one behind the other. */
struct http_news {
	uint64_t size[HTTP_FORMAT_CNT];
};

#endif
