/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the renderers: one file for each format, each of which render.c lists. */
#ifndef HERDTRACE_RENDER_FORMATS_H
#define HERDTRACE_RENDER_FORMATS_H

#include "render/render.h"

/*
 * Each returns 0 or a negative errno for what does not show
 * in the stream; write errors are left there for render__report() to find.
 */
int render_table__write(FILE *out, const struct report *report,
			const struct render_options *options);
int render_json__write(FILE *out, const struct report *report,
		       const struct render_options *options);
int render_csv__write(FILE *out, const struct report *report, const struct render_options *options);

#endif
