/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the renderers: one file for each format that render.h lists. */
#ifndef HERDTRACE_RENDER_FORMATS_H
#define HERDTRACE_RENDER_FORMATS_H

#include "render/render.h"

/*
 * Each returns 0 or a negative errno for what does not show
 * in the stream; write errors are left there for render__report() to find.
 */
#define RENDER_WRITER(NAME, word)                                          \
	int render_##word##__write(FILE *out, const struct report *report, \
				   const struct render_options *options);
RENDER_FORMATS(RENDER_WRITER)
#undef RENDER_WRITER

#endif
