/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What would avoid what the verdicts have found. */
#ifndef HERDTRACE_REPORT_ADVICE_H
#define HERDTRACE_REPORT_ADVICE_H

#include "report/report.h"

/* A sentence, "" when there is nothing to advise; the caller frees it. NULL: out of memory. */
char *advice__make(const struct verdicts *verdicts, const struct totals *totals);

#endif
