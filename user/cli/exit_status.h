/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_CLI_EXIT_STATUS_H
#define HERDTRACE_CLI_EXIT_STATUS_H

/* As the manual has it. */
enum exit_status {
	EXIT_RAN = 0,
	EXIT_UNEXPECTED = 1, /* --expect does not hold, a claim is broken, files differ */
	EXIT_USAGE = 2,
	EXIT_CANNOT = 3,     /* this kernel or these privileges cannot do it */
	EXIT_INCOMPLETE = 4, /* data is missing: nothing can be concluded */
};

#endif
