// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

int main(int argc, char **argv)
{
	return commands__run(argc, argv);
}
