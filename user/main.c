// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/compare.h"
#include "commands/doctor.h"
#include "cli/options.h"
#include "commands/session.h"
#include "commands/verify.h"

int main(int argc, char **argv)
{
	struct options options;

	options__parse(&options, argc, argv);
	switch (options.action) {
	case ACTION_REPORT: return session__report(&options);
	case ACTION_DOCTOR: return doctor__run(&options);
	case ACTION_VERIFY: return verify__run(&options);
	case ACTION_COMPARE: return compare__run(&options);
	default: return session__trace(&options);
	}
}
