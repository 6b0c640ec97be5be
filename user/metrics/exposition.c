// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/exposition.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* ---- families ---- */

static const char *type_name(const struct exposition *t)
{
	switch (t->family->type) {
	case FAMILY_GAUGE: return "gauge";
	case FAMILY_COUNTER: return "counter";
	case FAMILY_HISTOGRAM: return "histogram";
	case FAMILY_INFO: return t->format == HTTP_OPENMETRICS ? "info" : "gauge";
	}
	return "unknown";
}

static const char *suffix(const struct exposition *t)
{
	return t->family->type == FAMILY_COUNTER ? "_total"
	       : t->family->type == FAMILY_INFO  ? "_info"
						 : "";
}

/* OpenMetrics speaks of the family, the older format of its samples. */
static void describe(const struct exposition *t, const char *what, const char *text)
{
	fprintf(t->out, "# %s %s%s %s\n", what, t->family->name,
		t->format == HTTP_OPENMETRICS ? "" : suffix(t), text);
}

void exposition__begin(struct exposition *t, enum family_id family)
{
	t->family = &families[family];
	describe(t, "HELP", t->family->help);
	describe(t, "TYPE", type_name(t));
	if (*t->family->unit && t->format == HTTP_OPENMETRICS)
		describe(t, "UNIT", t->family->unit);
}

/* ---- samples ---- */

/* What is harmless is one line: only these two are left to be escaped. */
static void write_value(FILE *out, const char *value)
{
	char *harmless = text__harmless(value);

	for (const char *c = harmless ? harmless : ""; *c; c++) {
		if (*c == '\\' || *c == '"')
			putc('\\', out);
		putc(*c, out);
	}
	free(harmless);
}

static void write_labels(FILE *out, const struct labels *labels)
{
	const struct label *label = labels ? labels->at : NULL;

	if (!label || !label->name)
		return;
	for (char before = '{'; label->name; label++, before = ',') {
		fprintf(out, "%c%s=\"", before, label->name);
		write_value(out, label->value);
		putc('"', out);
	}
	putc('}', out);
}

static void write_name(const struct exposition *t, const char *end, const struct labels *labels)
{
	fprintf(t->out, "%s%s", t->family->name, end);
	write_labels(t->out, labels);
}

void exposition__count(struct exposition *t, const struct labels *labels, uint64_t value)
{
	write_name(t, suffix(t), labels);
	fprintf(t->out, " %" PRIu64 "\n", value);
}

void exposition__number(struct exposition *t, const struct labels *labels, double value)
{
	write_name(t, suffix(t), labels);
	fprintf(t->out, " %.15g\n", value);
}

/* ---- histograms ---- */

/* As OpenMetrics wants numbers in labels: it is always seen that they need not be whole. */
static void write_bound(char to[32], size_t bucket)
{
	double bound = (double)(UINT64_C(1) << bucket) / 1e6;

	if (bucket == SPREAD_BUCKETS)
		strcpy(to, "+Inf");
	else
		snprintf(to, 32, "%.15g%s", bound, bound == (double)(uint64_t)bound ? ".0" : "");
}

void exposition__spread(struct exposition *t, const struct labels *labels, const struct spread *s)
{
	struct labels with = labels ? *labels : (struct labels){0};
	struct label *free_place = with.at;
	uint64_t sum = 0;
	char bound[32];

	while (free_place->name)
		free_place++;
	*free_place = (struct label){"le", bound};
	for (size_t i = 0; i <= SPREAD_BUCKETS; i++) {
		sum += s->of[i];
		write_bound(bound, i);
		write_name(t, "_bucket", &with);
		fprintf(t->out, " %" PRIu64 "\n", sum);
	}
	write_name(t, "_sum", labels);
	fprintf(t->out, " %.15g\n", (double)s->sum_ns / NS_PER_SEC);
	write_name(t, "_count", labels);
	fprintf(t->out, " %" PRIu64 "\n", sum);
}

void exposition__finish(struct exposition *t)
{
	if (t->format == HTTP_OPENMETRICS)
		fputs("# EOF\n", t->out);
}
