/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A run as metrics, while it goes on: for whoever asks by HTTP, or for a file each period. */
#ifndef HERDTRACE_METRICS_EXPORTER_H
#define HERDTRACE_METRICS_EXPORTER_H

#include "metrics/endpoint.h"
#include "metrics/ledger.h"
#include "run/view.h"

struct exporter {
	struct endpoint *endpoint; /* NULL: textfile; not owned, as this is not */
	const char *textfile;
	const char *version, *kernel;
	struct ledger ledger;
};

/* How the exporter looks at a run. period_ns: between two files. */
struct run_view exporter__view(struct exporter *exporter, uint64_t period_ns);

void exporter__drop(struct exporter *exporter);

/* Could a file of that name be written? Returns 0, or negative errno with an error. */
int exporter__check_textfile(const char *name, struct error *error);

#endif
