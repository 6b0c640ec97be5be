// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "compare.h"

enum exit_status compare__run(const struct options *options)
{
	(void)options;
	return EXIT_USAGE;
}
