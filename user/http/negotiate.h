/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which format a client asks for. */
#ifndef HERDTRACE_HTTP_NEGOTIATE_H
#define HERDTRACE_HTTP_NEGOTIATE_H

#include "http/channel.h"

/*
 * The format that an Accept header (NULL: there is none) asks for: OpenMetrics only where it is named, in version
 * 1.0.0 or without a version, and not liked less than plain text.
 */
enum http_format negotiate(const char *accept);

#endif
