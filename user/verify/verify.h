/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whether the kernel does what it is said to: every claim of the catalogue, tried out. */
#ifndef HERDTRACE_VERIFY_H
#define HERDTRACE_VERIFY_H

#include "options.h"

enum exit_status verify__run(const struct options *options);

#endif
