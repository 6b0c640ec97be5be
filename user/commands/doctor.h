/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* 'herdtrace doctor': what this kernel and these privileges can do. */
#ifndef HERDTRACE_COMMANDS_DOCTOR_H
#define HERDTRACE_COMMANDS_DOCTOR_H

#include "cli/options.h"

/* Tries everything, prints what came of it. EXIT_RAN when a trace would work, else EXIT_CANNOT. */
enum exit_status doctor__run(const struct options *options);

#endif
