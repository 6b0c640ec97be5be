/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Writes families in the text format of Prometheus (0.0.4) or as OpenMetrics (1.0.0). Pure. */
#ifndef HERDTRACE_METRICS_EXPOSITION_H
#define HERDTRACE_METRICS_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "http/channel.h"
#include "metrics/families.h"
#include "metrics/ledger.h"

struct exposition {
	FILE *out;
	enum http_format format;
	const struct family *family;
};

struct label {
	const char *name, *value; /* the value is untrusted bytes */
};

#define LABELS_MAX 3

/* Labels of one sample; the first without a name ends them. */
struct labels {
	struct label at[LABELS_MAX + 1];
};

#define LABELS(...) (&(struct labels){{__VA_ARGS__}})

/* What comes from now on is of that family. Errors are left in the stream. */
void exposition__begin(struct exposition *exposition, enum family_id family);

/* A sample of the family; of one of type info the value is 1. */
void exposition__count(struct exposition *exposition, const struct labels *labels, uint64_t value);
void exposition__number(struct exposition *exposition, const struct labels *labels, double value);

/* All samples of a histogram; the last place for a label must be free. */
void exposition__spread(struct exposition *exposition, const struct labels *labels,
			const struct spread *spread);

/* Nothing comes any more. */
void exposition__finish(struct exposition *exposition);

#endif
