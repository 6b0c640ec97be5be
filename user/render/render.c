// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/render.h"

#include <errno.h>

#include "render/formats.h"

static int (*const writers[RENDER_FORMAT_CNT])(FILE *out, const struct report *report,
					       const struct render_options *options) = {
#define RENDER_WRITER(NAME, word) [RENDER_##NAME] = render_##word##__write,
	RENDER_FORMATS(RENDER_WRITER)
#undef RENDER_WRITER
};

bool render_format__is_picture(enum render_format format)
{
	return format == RENDER_HTML || format == RENDER_PERFETTO || format == RENDER_FOLDED;
}

int render__report(FILE *out, const struct report *report, const struct render_options *options)
{
	int err = -EINVAL;

	if ((unsigned)options->format < RENDER_FORMAT_CNT)
		err = writers[options->format](out, report, options);
	/* A full disk shows when the buffer is written out, often only now. */
	errno = 0;
	if (fflush(out) == 0 && !ferror(out))
		return err;
	if (errno)
		return -errno;
	/* It failed earlier. The stream does not keep why; the renderer may have. */
	return err ? err : -EIO;
}
