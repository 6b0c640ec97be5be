// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/procfs.h"

static void read_comm(pid_t pid, pid_t tid, char comm[RECORD_COMM_LEN])
{
	char path[64];
	size_t got;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	f = fopen(path, "re");
	got = f ? fread(comm, 1, RECORD_COMM_LEN - 1, f) : 0;
	if (f)
		fclose(f);
	if (got && comm[got - 1] == '\n')
		comm[got - 1] = '\0';
}

static int follow_task(struct tracer *tracer, struct stream *stream, pid_t pid, pid_t tid)
{
	struct record_task r = {
		.header = {.type = RECORD_TASK,
			   .len = sizeof(r),
			   .tid = tid,
			   .time_ns = clock__now_ns()},
		.event = TASK_SEEN,
		.tgid = pid,
	};
	int err = tracer__follow(tracer, tid, pid);

	if (err)
		return err;
	read_comm(pid, tid, r.comm);
	return stream__push(stream, &r, sizeof(r));
}

struct process {
	struct tracer *tracer;
	struct stream *stream;
	pid_t pid;
};

static int follow_thread(void *arg, pid_t tid)
{
	struct process *p = arg;

	/* Nobody would tell of its end. */
	if (procfs__rest(p->pid, tid) == TASK_GONE)
		return 0;
	return follow_task(p->tracer, p->stream, p->pid, tid);
}

static int follow_process(struct tracer *tracer, struct stream *stream, pid_t pid)
{
	struct process process = {tracer, stream, pid};

	return procfs__each_thread(pid, follow_thread, &process);
}

static int follow_tree(struct tracer *tracer, struct stream *stream, pid_t root)
{
	pid_t *pids;
	size_t cnt = procfs__descendants(root, &pids);
	int err = follow_process(tracer, stream, root);

	for (size_t i = 0; i < cnt && !err; i++) {
		err = follow_process(tracer, stream, pids[i]);
		if (err == -ESRCH)
			err = 0;
	}
	free(pids);
	return err;
}

static int explain(struct error *error, int err, pid_t pid)
{
	if (!err)
		return 0;
	if (err == -ESRCH)
		return error__set(error, FAULT_INPUT, err, "there is no process %d", pid);
	return error__set(error, FAULT_INPUT, err, "cannot follow process %d: %s", pid,
			  strerror(-err));
}

int follow__command(struct tracer *tracer, struct stream *stream, pid_t pid, struct error *error)
{
	return explain(error, follow_task(tracer, stream, pid, pid), pid);
}

int follow__running(struct tracer *tracer, struct stream *stream, const struct targets *targets,
		    struct error *error)
{
	for (size_t i = 0; i < targets->pids.cnt; i++) {
		int err = follow_tree(tracer, stream, targets->pids.at[i]);

		/* Of several, one may have ended since they were found. */
		if (err && (err != -ESRCH || targets->pids.cnt == 1))
			return explain(error, err, targets->pids.at[i]);
	}
	return 0;
}
