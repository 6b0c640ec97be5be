/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What this kernel and these privileges can do. */
#ifndef HERDTRACE_DOCTOR_DOCTOR_H
#define HERDTRACE_DOCTOR_DOCTOR_H

#include <stdbool.h>

#include "base/error.h"
#include "tracer/tracer.h"

/*
 * Tries everything, prints on stdout what came of it. Returns whether a trace would work; when not,
 * with an error where something could not even be tried.
 */
bool doctor__examine(const struct tracer_options *options, struct error *error);

#endif
