/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What a look at a run shows: rates since the look before and since the beginning, for each listener, each worker and
 * for all. Pure: no clock, no terminal.
 */
#ifndef HERDTRACE_TOP_NUMBERS_H
#define HERDTRACE_TOP_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"
#include "model/model.h"
#include "report/report.h"

enum top_span {
	TOP_PERIOD, /* since the look before */
	TOP_WHOLE,  /* since the beginning */
	TOP_SPAN_CNT,
};

/* As in struct flow; waits in nanoseconds, -1: nothing was accepted. */
struct top_counts {
	uint64_t connections, wakes, wasted, wasted_cpu_ns;
	int64_t p50_ns, p99_ns;
};

/* A listener, a worker, or all. */
struct top_row {
	unsigned id;       /* of a listener */
	uint32_t pid, tid; /* of a worker */
	char *name;        /* address or comm, harmless; owned by the numbers */
	bool is_here;      /* open, or alive */
	size_t queued;     /* connections, now */
	int64_t backlog;   /* -1: not known */
	struct top_counts of[TOP_SPAN_CNT];
};

struct top_rows {
	VECTOR(struct top_row);
};

enum top_verdict {
	TOP_HERD,
	TOP_SKEW,
	TOP_STRANDING,
	TOP_VERDICT_CNT,
};

#define TOP_REASON_SIZE 512

struct top_numbers {
	uint64_t span_ns[TOP_SPAN_CNT]; /* how long it was */
	struct top_row all;
	struct top_rows workers, listeners;  /* in the order of the totals */
	size_t workers_here, listeners_here; /* of them */
	bool is_over;                        /* nobody is here any more */
	uint64_t most_queued;
	double most[TOP_SPAN_CNT], least[TOP_SPAN_CNT]; /* share of a worker that is here, 0 to 1 */
	struct {
		enum verdict value;
		char reason[TOP_REASON_SIZE];
	} verdicts[TOP_VERDICT_CNT];
	bool is_incomplete;
	char loss[TOP_REASON_SIZE];
};

/* What the next look is compared with. */
struct top_meter {
	uint64_t last_ns;                /* when the last look was, 0: none */
	VECTOR(struct flow) flows;       /* by then, by serial ... */
	VECTOR(struct waits_part) parts; /* ... and all of their waits */
};

struct top_look {
	uint64_t begun_ns, now_ns;
	const struct totals *totals; /* that keep flows */
	const struct report_loss *loss;
	const struct verdicts *verdicts;
	const struct model *model; /* NULL: the run is over, nobody is here any more */
};

/*
 * Fills numbers, which hold another look, or zeros. Returns 0 or -ENOMEM: then they are to be dropped, and so is the
 * meter.
 */
int numbers__take(struct top_numbers *numbers, struct top_meter *meter,
		  const struct top_look *look);

void numbers__drop(struct top_numbers *numbers);
void meter__drop(struct top_meter *meter);

/* Did anything happen there, or is it here? Then it has a row. */
bool top_row__is_shown(const struct top_row *row);

/* Each is negative where there is nothing to divide by. */
double numbers__per_sec(uint64_t cnt, uint64_t span_ns);
double numbers__ratio(uint64_t cnt, uint64_t of);

#endif
