/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The connections in the data of the page. */
#ifndef HERDTRACE_RENDER_HTML_ROWS_H
#define HERDTRACE_RENDER_HTML_ROWS_H

#include "print/json_text.h"
#include "render/render.h"

/*
 * Writes "connection_fields", "wake_fields", "waiter_fields" and "connections": each connection, wake and waiter is an
 * array of what these name. Of many connections some, unless all are asked for. Returns 0 or negative errno.
 */
int html_rows__write(struct json_text *to, const struct report *report,
		     const struct render_options *options);

#endif
