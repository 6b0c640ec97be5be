// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "base/outfile.h"
#include "doctor/doctor.h"

enum exit_status command__doctor(const struct options *options)
{
	struct error error = {0};
	struct outfile out;
	bool good;

	if (outfile__open(&out, NULL, &error))
		return command__fail(&error);
	good = doctor__examine(&options->tracer, &error);
	if (outfile__finish(&out, 0, "what doctor has found", &error))
		good = false;
	return good ? EXIT_RAN : command__fail(&error);
}
