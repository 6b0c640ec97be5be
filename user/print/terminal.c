// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

void terminal__describe(FILE *out, bool *color, unsigned *width)
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
