/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* All that is told of a run at a moment, as one text. */
#ifndef HERDTRACE_METRICS_PAGE_H
#define HERDTRACE_METRICS_PAGE_H

#include <stdio.h>

#include "http/channel.h"
#include "metrics/ledger.h"
#include "report/report.h"

/* What is there now at a place. */
struct page_place {
	uint64_t listeners, workers, queued, backlog;
};

struct page {
	const char *version, *kernel;
	double start_time; /* in seconds since 1970 */
	uint64_t tasks;
	const struct ledger *ledger;
	const struct page_place *places; /* one for each of the ledger's */
	const struct totals *totals;
	const struct report_loss *loss;
	const struct verdicts *verdicts;
};

/* Errors are left in the stream. */
void page__write(FILE *out, enum http_format format, const struct page *page);

#endif
