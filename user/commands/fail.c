// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "base/log.h"

enum exit_status command__fail(const struct error *error)
{
	if (error->text[0] != '\0')
		log_error("%s", error->text);
	switch (error->fault) {
	case FAULT_INPUT: return EXIT_USAGE;
	case FAULT_DATA: return EXIT_INCOMPLETE;
	case FAULT_SYSTEM:
	case FAULT_NONE: break;
	}
	return EXIT_CANNOT;
}
