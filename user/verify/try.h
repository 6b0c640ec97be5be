/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Trying out one claim: its servers, one after another. */
#ifndef HERDTRACE_VERIFY_TRY_H
#define HERDTRACE_VERIFY_TRY_H

#include "load/cpus.h"
#include "tracer/tracer.h"
#include "verify/report.h"

/* What all runs have in common. */
struct verify_context {
	const char *servers; /* the directory of the reference servers */
	struct tracer_options tracer_options;
	struct tracer *tracer;
	struct cpus cpus;
};

/* Runs every server of claim->claim and concludes. Returns 0 or -ENOMEM. */
int verify_claim__try(struct verify_claim *claim, const struct verify_context *context);

#endif
