/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From totals to verdicts on herd, skew and stranding, and the advice that follows. */
#ifndef HERDTRACE_REPORT_VERDICT_H
#define HERDTRACE_REPORT_VERDICT_H

#include "report/report.h"

/*
 * Decides herd, skew and stranding, and writes the advice; what is incomplete is inconclusive. The
 * texts belong to the verdicts. Returns 0 or -ENOMEM.
 */
int verdicts__decide(struct verdicts *verdicts, const struct totals *totals,
		     const struct report_loss *loss);

#endif
