// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Under what load a run was taken, and what its wasted wakes cost at that rate. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "report/severity.h"
#include "report/state.h"

bool load__is_idle(const struct totals *t)
{
	return t->load.arrivals && !t->load.busy && t->load.most_queued < 2;
}

/* Of those that hold the listener: they are asleep or busy, but not on it. */
static unsigned count_never_waited(const struct totals *t)
{
	unsigned cnt = t->folded.never_waited;

	for (size_t i = 0; i < t->worker_cnt; i++)
		cnt += !t->workers[i].waited && !t->workers[i].accepted;
	return cnt;
}

static void describe_workers(char *to, size_t size, const struct totals *t)
{
	const struct load_sample *l = &t->load;
	unsigned never = count_never_waited(t);

	if (l->arrivals && !l->busy && never)
		snprintf(to, size, "every worker asleep but %u that never waited", never);
	else if (!l->arrivals)
		snprintf(to, size, "not known who was busy");
	else if (!l->busy)
		snprintf(to, size, "every worker asleep");
	else
		snprintf(to, size, "workers busy at %.0f %% of arrivals",
			 100.0 * (double)l->busy / (double)l->arrivals);
}

void load__describe(char to[LOAD_TEXT_SIZE], const struct totals *t)
{
	char workers[64];

	describe_workers(workers, sizeof(workers), t);
	if (t->load.most_queued < 2)
		snprintf(to, LOAD_TEXT_SIZE, "one at a time, %s", workers);
	else
		snprintf(to, LOAD_TEXT_SIZE, "up to %" PRIu64 " waiting to be accepted at once, %s",
			 t->load.most_queued, workers);
}

/* A rate needs an interval between two arrivals. */
struct severity severity__of(const struct totals *t)
{
	const struct report_summary *s = &t->summary;
	double sec = (double)elapsed_ns(t->first_ns, t->last_arrival_ns) / NS_PER_SEC;
	struct severity of = {0};

	if (!s->connections)
		return of;
	of.wasted_per_connection = (double)s->wasted / (double)s->connections;
	if (s->connections < 2 || sec <= 0)
		return of;
	of.connections_per_sec = (double)(s->connections - 1) / sec;
	of.wasted_per_sec = of.wasted_per_connection * of.connections_per_sec;
	of.cpu_percent = 100 * (double)s->wasted_cpu_ns / NS_PER_SEC / (double)s->connections *
			 of.connections_per_sec;
	return of;
}
