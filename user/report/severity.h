/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A herd is true or not; this is what it costs, at the rate of the run. */
#ifndef HERDTRACE_REPORT_SEVERITY_H
#define HERDTRACE_REPORT_SEVERITY_H

#include "report/totals.h"

struct severity {
	double wasted_per_connection;
	double connections_per_sec; /* 0: not known, and so are the following */
	double wasted_per_sec;
	double cpu_percent; /* of one CPU, burnt by wasted wakes */
};

struct severity severity__of(const struct totals *totals);

#endif
