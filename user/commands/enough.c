// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/expectation.h"
#include "commands/enough.h"

#include <stdio.h>

/* So many opportunities it takes to refute a herd or stranding. */
#define OPPORTUNITIES 20

/* Of four workers one with twice its share is found in 95 of 100 runs with 100 connections. */
#define FOR_EACH_WORKER 25
#define WORKERS_LEAST   2

static bool expects(const struct options *o, enum disease disease, enum verdict wanted)
{
	return expectations__has(&o->expects, disease, wanted);
}

bool enough__describe(const struct options *o, char *text, size_t size)
{
	unsigned connections = o->client.connections;

	*text = '\0';
	if (!o->has_client)
		return false;
	if (connections < OPPORTUNITIES)
		snprintf(
			text, size,
			"-n %u may prove a herd or stranding, but not rule them out: that takes %d "
			"connections, and skew some %d for each worker",
			connections, OPPORTUNITIES, FOR_EACH_WORKER);
	else if (expects(o, DISEASE_STRANDING, VERDICT_REFUTED) && o->client.concurrency == 1 &&
		 o->client.gap_ms < 0)
		snprintf(text, size,
			 "connections one by one, each to idle workers, cannot rule out stranding: "
			 "--concurrency keeps workers busy");
	else if ((expects(o, DISEASE_SKEW, VERDICT_PROVED) ||
		  expects(o, DISEASE_SKEW, VERDICT_REFUTED)) &&
		 connections < WORKERS_LEAST * FOR_EACH_WORKER)
		snprintf(
			text, size,
			"-n %u is little to judge skew by: that takes some %d connections for each "
			"worker",
			connections, FOR_EACH_WORKER);
	return *text;
}
