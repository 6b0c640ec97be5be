/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The oracle's half that has the kernel trace: an instance of tracefs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "oracle.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tracefs.h"

#define COMM_MAX 15

struct oracle {
	struct tracefs trace;
};

struct oracle *oracle__new(void)
{
	struct oracle *oracle = calloc(1, sizeof(*oracle));
	int err;

	if (!oracle)
		return NULL;
	err = tracefs__open(&oracle->trace, "oracle", true);
	if (!err)
		return oracle;
	free(oracle);
	errno = -err;
	return NULL;
}

void oracle__free(struct oracle *oracle)
{
	if (!oracle)
		return;
	tracefs__close(&oracle->trace);
	free(oracle);
}

/* The event's own field hides the waker's name, which a filter calls comm as well. */
static int set_filter(const struct tracefs *t, const char *comm)
{
	char filter[COMM_MAX + sizeof("comm == \"\"")];

	if (!comm)
		return tracefs__write(t, "events/sched/sched_waking/filter", "0");
	for (const char *at = comm; *at; at++)
		if (*at == '"' || (unsigned char)*at < ' ')
			return -EINVAL;
	snprintf(filter, sizeof(filter), "comm %s \"%.*s\"",
		 strchr(comm, '*') ? "~" : "==", COMM_MAX, comm);
	return tracefs__write(t, "events/sched/sched_waking/filter", filter);
}

int oracle__start(struct oracle *oracle, const char *comm)
{
	int err = set_filter(&oracle->trace, comm);

	if (!err)
		err = tracefs__write(&oracle->trace, "events/sched/sched_waking/enable", "1");
	return err ? err : tracefs__begin(&oracle->trace);
}

struct reading {
	struct oracle_counts *counts;
	size_t cnt;
};

static int read_cpu(void *arg, const struct tracefs *t, const char *cpu)
{
	int64_t lost = tracefs__lost(t, cpu);
	struct reading *reading = arg;
	char name[NAME_MAX + sizeof("per_cpu//trace")];
	FILE *file;
	int err;

	if (lost < 0)
		return (int)lost;
	for (size_t i = 0; i < reading->cnt; i++)
		reading->counts[i].lost += lost;
	snprintf(name, sizeof(name), "per_cpu/%s/trace", cpu);
	file = tracefs__read(t, name);
	if (!file)
		return -errno;
	err = oracle__parse(file, reading->counts, reading->cnt);
	fclose(file);
	return err;
}

/* CPU after CPU: an event and its stack stand together, and comments do not come between. */
int oracle__stop(struct oracle *oracle, struct oracle_counts counts[], size_t cnt)
{
	struct reading reading = {counts, cnt};
	int err = tracefs__write(&oracle->trace, "tracing_on", "0");

	if (!err)
		err = tracefs__write(&oracle->trace, "events/sched/sched_waking/enable", "0");
	return err ? err : tracefs__each_cpu(&oracle->trace, read_cpu, &reading);
}
