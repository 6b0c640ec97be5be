// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/descriptors.h"
#include "cli/exit_status.h"
#include "commands/commands.h"

int main(int argc, char **argv)
{
	/* Without /dev/null there may be nobody to tell. */
	return descriptors__prepare() ? EXIT_CANNOT : commands__run(argc, argv);
}
