// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include "base/outfile.h"
#include "doctor/doctor.h"

enum exit_status command__doctor(const struct options *options)
{
	struct findings findings = {0};
	struct error error = {0};
	struct outfile out;
	bool good;
	int err;

	if (outfile__open(&out, NULL, &error))
		return command__fail(&error);
	doctor__examine(&findings, &options->tracer, &error);
	good = findings.can_trace;
	err = options->format == RENDER_JSON ? findings_json__write(out.stream, &findings)
					     : findings_table__write(out.stream, &findings);
	findings__drop(&findings);
	if (outfile__finish(&out, err, "what doctor has found", &error))
		good = false;
	return good ? EXIT_RAN : command__fail(&error);
}
