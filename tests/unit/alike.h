/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reports of the same records with rows and without: they may differ in nothing but the rows. */
#ifndef HERDTRACE_TEST_ALIKE_H
#define HERDTRACE_TEST_ALIKE_H

#include "report/report.h"

/*
 * Both have their verdicts. What of sums, samples and verdicts differs, NULL: nothing. A worker that a text names by
 * its number may have another one when workers were folded (report/fold.h).
 */
const char *report__differs(const struct report *with_rows, const struct report *without);

#endif
