/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Every family of metrics, once: the texts, their tests and docs/metrics.md have these names. */
#ifndef HERDTRACE_METRICS_FAMILIES_H
#define HERDTRACE_METRICS_FAMILIES_H

enum family_type {
	FAMILY_GAUGE,
	FAMILY_COUNTER, /* its samples end in _total, its name here does not */
	FAMILY_HISTOGRAM,
	FAMILY_INFO, /* always 1; OpenMetrics has a type for it, and its samples end in _info */
};

struct family {
	const char *name;
	enum family_type type;
	const char *unit; /* the end of its name, "": none */
	const char *help;
};

enum family_id {
	BUILD,
	START_TIME,
	CONNECTIONS,
	ACCEPTED,
	LOST,
	STRANDED,
	WAKES,
	WASTED,
	HANDOVERS,
	ACCEPT_WAIT,
	WAKE_TO_RUN,
	WORKER_ACCEPTED,
	WORKER_WAKES,
	WORKER_WASTED_CPU,
	OPPORTUNITIES,
	HERDS,
	BUSY_ARRIVALS,
	LISTENERS,
	WORKERS,
	QUEUE,
	BACKLOG,
	TASKS,
	VERDICT,
	LOST_RECORDS,
	INCOMPLETE,
	FAMILY_CNT,
};

/* Indexed by enum family_id. */
extern const struct family families[FAMILY_CNT];

#endif
