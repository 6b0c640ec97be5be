// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

FILE *output__open(const char *name, struct error *error)
{
	FILE *out;

	if (!name)
		return stdout;
	out = fopen(name, "we");
	if (!out)
		error__set(error, FAULT_INPUT, -errno, "cannot write %s: %s", name,
			   strerror(errno));
	return out;
}

void output__terminal(FILE *out, bool *color, unsigned *width)
{
	struct winsize size;

	*color = false;
	*width = 0;
	if (!isatty(fileno(out)))
		return;
	*color = !getenv("NO_COLOR");
	if (!ioctl(fileno(out), TIOCGWINSZ, &size))
		*width = size.ws_col;
}

int output__finish(FILE *out, int err, const char *name, const char *what, struct error *error)
{
	/* What failed before the last flush has left no reason. */
	if (ferror(out) && !err)
		err = -EIO;
	if (fclose(out) && (!err || err == -EIO))
		err = -errno;
	if (err)
		error__set(error, FAULT_DATA, err, "cannot write %s: %s", name ? name : what,
			   strerror(-err));
	return err;
}
