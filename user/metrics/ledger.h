/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Counters that never go down and whose labels are few, whatever comes and goes: connections that are over, by where
 * they arrived and by the command names of workers. Neither listeners nor workers that are gone take theirs with
 * them, and who takes another name leaves to the old one what it did under it. What is beyond the first so many
 * of a kind is counted as one, "other".
 */
#ifndef HERDTRACE_METRICS_LEDGER_H
#define HERDTRACE_METRICS_LEDGER_H

#include <stdint.h>

#include "report/totals.h"

#define LEDGER_PLACES  32
#define LEDGER_CLASSES 16
#define LEDGER_OTHER   "other"

/* Times: [i] up to 2^i microseconds, the last all that is longer than 16 seconds. */
#define SPREAD_BUCKETS 25

struct spread {
	uint64_t of[SPREAD_BUCKETS + 1];
	uint64_t sum_ns;
};

void spread__add(struct spread *spread, int64_t ns);

/* An address, and all listeners that ever had it. */
struct ledger_place {
	char *name;
	uint64_t connections, accepted, lost, wasted, handovers;
	uint64_t stranded[STRANDING_CAUSE_CNT];
	uint64_t wakes[CAUSE_CNT][OUTCOME_CNT]; /* without cause lock */
	struct spread waits, runs;
};

/* Workers that have one command name. */
struct ledger_class {
	char name[RECORD_COMM_LEN + 1];
	uint64_t accepted, wasted_cpu_ns;
	uint64_t wakes[OUTCOME_CNT];
};

/* The last of each is what the others have no place for; it is counted only once it is used. */
struct ledger {
	struct ledger_place places[LEDGER_PLACES + 1];
	size_t place_cnt;
	struct ledger_class classes[LEDGER_CLASSES + 1];
	size_t class_cnt;
};

void ledger__drop(struct ledger *ledger);

/* The place of an address, made where there is none. NULL when out of memory. */
struct ledger_place *ledger__place(struct ledger *ledger, const char *address);

/* Counts a connection that is over: a model_counter, whose arg is the ledger. Returns 0 or -ENOMEM. */
int ledger__count(void *ledger, const struct totals *totals, const struct closed_connection *c);

#endif
