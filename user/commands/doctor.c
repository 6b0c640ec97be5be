// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "doctor/doctor.h"

enum exit_status command__doctor(const struct options *options)
{
	struct error error = {0};

	return doctor__examine(&options->tracer, &error) ? EXIT_RAN : command__fail(&error);
}
