// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor.h"
#include "options.h"
#include "session.h"

int main(int argc, char **argv)
{
	struct options options;

	options__parse(&options, argc, argv);
	switch (options.action) {
	case ACTION_REPORT: return session__report(&options);
	case ACTION_DOCTOR: return doctor__run(&options);
	default: return session__trace(&options);
	}
}
