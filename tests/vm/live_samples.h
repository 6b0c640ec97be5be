/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What commands print, above all samples as Prometheus reads them: "NAME{LABELS} VALUE", a line each. */
#ifndef HERDTRACE_LIVE_SAMPLES_H
#define HERDTRACE_LIVE_SAMPLES_H

#include "live.h"

/* What a command of the shell prints; the caller frees it. */
char *live__read_command(const char *command);

/* The sum of all samples whose line begins so; -1: there is none. */
double live__sum_of(const char *text, const char *begin);

/* Asks the command until it is that, for some minutes at most; what it was last. */
double live__await_sample(const char *command, const char *begin, double wanted);

#define AWAIT(command, begin, wanted) \
	EXPECT_EQ(begin, (long long)live__await_sample(command, begin, wanted), wanted)

/* Where herdtrace answers by default. */
#define CURL "curl -s -m 20 http://127.0.0.1:9435/metrics"

#endif
