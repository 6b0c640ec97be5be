/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "render/formats.h"

static int write_format(FILE *out, const struct report *report,
			const struct render_options *options)
{
	switch (options->format) {
	case RENDER_TABLE: return render_table__write(out, report, options);
	case RENDER_JSON: return render_json__write(out, report, options);
	case RENDER_CSV: return render_csv__write(out, report, options);
	}
	return -EINVAL;
}

int render__report(FILE *out, const struct report *report, const struct render_options *options)
{
	int err = write_format(out, report, options);

	/* A full disk shows when the buffer is written out, often only now. */
	errno = 0;
	if (fflush(out) == 0 && !ferror(out))
		return err;
	if (errno)
		return -errno;
	/* It failed earlier. The stream does not keep why; the renderer may have. */
	return err ? err : -EIO;
}
