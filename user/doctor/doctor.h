/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What this kernel and these privileges can do. */
#ifndef HERDTRACE_DOCTOR_DOCTOR_H
#define HERDTRACE_DOCTOR_DOCTOR_H

#include "base/error.h"
#include "doctor/findings.h"
#include "tracer/tracer.h"

/*
 * Tries everything and adds what came of it to empty findings, which the caller drops, and whose can_trace
 * says whether a trace would work. When not, with an error where something could not even be tried.
 */
void doctor__examine(struct findings *findings, const struct tracer_options *options,
		     struct error *error);

#endif
