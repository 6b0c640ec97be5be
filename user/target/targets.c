// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "target/cgroup.h"
#include "target/check.h"
#include "target/port.h"

int targets__add(struct targets *t, pid_t pid)
{
	pid_t *slot;

	for (size_t i = 0; i < t->pids.cnt; i++)
		if (t->pids.at[i] == pid)
			return 0;
	slot = vector_add(&t->pids);
	if (!slot)
		return -ENOMEM;
	*slot = pid;
	return 0;
}

static int take_pids(struct targets *t, const struct whom *whom, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < whom->pid_cnt && !err; i++) {
		err = check__process(whom->pids[i], error);
		if (!err)
			err = targets__add(t, whom->pids[i]);
	}
	if (whom->pid_cnt == 1)
		snprintf(t->name, sizeof(t->name), "process %d", whom->pids[0]);
	else
		snprintf(t->name, sizeof(t->name), "process %d and %zu others", whom->pids[0],
			 whom->pid_cnt - 1);
	return err;
}

/* The directory of a cgroup, and who is in it or below. */
static int take_cgroup(struct targets *t, const struct whom *whom, struct error *error)
{
	int err = cgroup__find(&t->cgroup, whom, error);

	if (!err)
		err = cgroup__read(t, t->cgroup);
	if (err || t->pids.cnt)
		return err;
	return error__set(error, FAULT_INPUT, -ESRCH, "nobody runs in %s: %s is not running",
			  t->cgroup, t->name);
}

static void name_cgroup(struct targets *t, const struct whom *whom)
{
	if (whom->unit)
		snprintf(t->name, sizeof(t->name), "unit %s", whom->unit);
	else if (whom->container)
		snprintf(t->name, sizeof(t->name), "container %s", whom->container);
	else
		snprintf(t->name, sizeof(t->name), "cgroup %s", whom->cgroup);
}

int targets__find(struct targets *t, const struct whom *whom, struct error *error)
{
	int err;

	*t = (struct targets){0};
	err = check__proc(error);
	if (err)
		return err;
	if (whom->pid_cnt)
		return take_pids(t, whom, error);
	if (whom->port) {
		snprintf(t->name, sizeof(t->name), "port %u", whom->port);
		return port__find(t, whom->port, error);
	}
	name_cgroup(t, whom);
	return take_cgroup(t, whom, error);
}

int targets__find_more(struct targets *t, const struct whom *whom, struct error *error)
{
	struct error gone = {0};
	int err = t->cgroup ? cgroup__read(t, t->cgroup) : 0;

	/* Whoever has closed the port since was found before. */
	if (whom->port)
		port__find(t, whom->port, &gone);
	return err ? error__set(error, FAULT_SYSTEM, err, "cannot look into %s once more", t->name)
		   : 0;
}

void targets__free(struct targets *t)
{
	free(t->pids.at);
	free(t->cgroup);
	*t = (struct targets){0};
}
