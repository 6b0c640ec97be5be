// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/render.h"

#include <errno.h>

#include "render/formats.h"

static const struct {
	const char *name;
	int (*write)(FILE *out, const struct report *report, const struct render_options *options);
} formats[RENDER_FORMAT_CNT] = {
	[RENDER_TABLE] = {"table", render_table__write},
	[RENDER_JSON] = {"json", render_json__write},
	[RENDER_CSV] = {"csv", render_csv__write},
};

const char *render_format__name(enum render_format format)
{
	return formats[format].name;
}

int render__report(FILE *out, const struct report *report, const struct render_options *options)
{
	int err = -EINVAL;

	if ((unsigned)options->format < RENDER_FORMAT_CNT)
		err = formats[options->format].write(out, report, options);
	/* A full disk shows when the buffer is written out, often only now. */
	errno = 0;
	if (fflush(out) == 0 && !ferror(out))
		return err;
	if (errno)
		return -errno;
	/* It failed earlier. The stream does not keep why; the renderer may have. */
	return err ? err : -EIO;
}
