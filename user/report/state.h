/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the room: a file for each of the three verdicts, and verdict.c that puts them together. */
#ifndef HERDTRACE_REPORT_STATE_H
#define HERDTRACE_REPORT_STATE_H

#include "report/report.h"

/* "one at a time, every worker asleep": what the run was like. SIZE is enough. */
#define LOAD_TEXT_SIZE 128
void load__describe(char to[LOAD_TEXT_SIZE], const struct totals *totals);

/* Was each connection accepted before the next came, by workers that slept? */
bool load__is_idle(const struct totals *totals);

/* Each decides on complete data; false when out of memory. */
bool herd__decide(struct report_verdict *verdict, double *bound, const struct totals *totals);
bool skew__decide(struct report_verdict *verdict, struct skew_finding *finding,
		  const struct totals *totals);
bool stranding__decide(struct report_verdict *verdict, const struct totals *totals);

#endif
