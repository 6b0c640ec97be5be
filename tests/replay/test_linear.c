// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_linear: reports 100,000 of everything that a recording can have many of, and a quarter of that. Four
 * times the records may take some more than four times the CPU time, but not sixteen times. TAP.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "model/model.h"
#include "record/recording.h"
#include "records.h"
#include "render/render.h"
#include "report/verdict.h"

#define MANY      100000
#define FEW       (MANY / 4)
#define MAX_RATIO 8
/* What takes less than this for MANY is no trouble, and too short to be measured. */
#define SHORT_NS 100000000

#define LISTENER 1
#define WORKER   11

static void lock_wakes(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__arrival(t, 1, LISTENER);
	tape__task(t, TASK_SEEN, WORKER, "server");
	for (unsigned i = 0; i < cnt; i++)
		tape__wake_by(t, WORKER, 0, WORKER + 1, CAUSE_LOCK);
	tape__accept(t, WORKER, 1);
}

static void moved_connections(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__listen(t, 2, 8888);
	for (unsigned i = 1; i <= cnt; i++)
		tape__arrival(t, i, LISTENER);
	tape__unlisten(t, LISTENER);
	for (unsigned i = 1; i <= cnt; i++)
		tape__migrate(t, i, cnt + i, LISTENER, 2);
	for (unsigned i = 1; i <= cnt; i++)
		tape__accept(t, WORKER, i);
}

/* One connection gets as many names. */
static void aliases(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__listen(t, 2, 8888);
	tape__arrival(t, 1, LISTENER);
	for (unsigned i = 0; i < cnt; i++)
		tape__migrate(t, 1, 2 + i, 1 + i % 2, 2 - i % 2);
	tape__accept(t, WORKER, 1);
}

static void listeners(struct tape *t, unsigned cnt)
{
	for (unsigned i = 1; i <= cnt; i++)
		tape__listen(t, i, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= cnt; i++)
		tape__unlisten(t, i);
}

static void tasks(struct tape *t, unsigned cnt)
{
	for (unsigned i = 1; i <= cnt; i++) {
		tape__task(t, TASK_FORKED, i, "server");
		tape__accept_fails(t, i, EAGAIN);
	}
	for (unsigned i = 1; i <= cnt; i++)
		tape__task(t, TASK_EXITED, i, "server");
}

static void waiters(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__arrival(t, 1, LISTENER);
	for (unsigned i = 1; i <= cnt; i++)
		tape__waiter(t, 1, i)->elsewhere = i % 2;
	tape__accept(t, 1, 1);
}

static void wakes(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__arrival(t, 1, LISTENER);
	for (unsigned i = 1; i <= cnt; i++)
		tape__wake(t, 1, i, CAUSE_EPOLL);
	tape__walk(t, 1, cnt);
	tape__accept(t, 1, 1);
	for (unsigned i = 1; i <= cnt; i++)
		tape__sleep(t, i);
}

/* Each task that is woken wakes the next one. */
static void chains(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__arrival(t, 1, LISTENER);
	tape__wake(t, 1, 1, CAUSE_EPOLL);
	for (unsigned i = 2; i <= cnt; i++)
		tape__wake_by(t, i - 1, 1, i, CAUSE_CHAIN);
	tape__accept(t, cnt, 1);
}

/* Requests whose handshake never ends, each from another address. */
/* Who sleep on another listener while as many connections wait for long. */
static void sleepers(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888);
	tape__listen(t, 2, 9999);
	tape__arrival(t, 1, 2);
	for (unsigned i = 0; i < cnt; i++)
		tape__waiter(t, 1, WORKER + 1 + i);
	for (unsigned i = 0; i < cnt; i++)
		tape__arrival(t, 2 + i, LISTENER);
	t->clock_ns += 2 * STRANDED_NS;
	for (unsigned i = 0; i < cnt; i++)
		tape__accept(t, WORKER, 2 + i)->listener = LISTENER;
}

static void selections(struct tape *t, unsigned cnt)
{
	tape__listen(t, LISTENER, 8888)->reuseport = 1;
	for (unsigned i = 0; i < cnt; i++)
		memcpy(tape__select(t, LISTENER, i)->peer.address, &i, sizeof(i));
}

static void paths(struct tape *t, unsigned cnt)
{
	for (unsigned i = 1; i <= cnt; i++) {
		tape__listen(t, i, 0)->local.family = AF_UNIX;
		tape__path(t, i, "/run/server.sock");
	}
}

/* A process for each connection. */
static void visitors(struct tape *t, unsigned cnt)
{
	for (unsigned i = 1; i <= cnt; i++) {
		tape__task(t, TASK_FORKED, WORKER + i, "server");
		tape__arrival(t, i, LISTENER);
		tape__waiter(t, i, WORKER + i);
		tape__accept(t, WORKER + i, i);
		tape__task(t, TASK_EXITED, WORKER + i, "server");
	}
}

static const struct {
	const char *what;
	void (*make)(struct tape *tape, unsigned cnt);
} kinds[] = {
	{"open hand-overs of the lock", lock_wakes},
	{"moved connections", moved_connections},
	{"names of one connection", aliases},
	{"listeners of one group", listeners},
	{"tasks", tasks},
	{"waiters of one connection", waiters},
	{"wakes of one connection", wakes},
	{"links of an epoll chain", chains},
	{"sleepers", sleepers},
	{"selections without a connection", selections},
	{"AF_UNIX names", paths},
	{"workers that come and go", visitors},
};

/* ---- measuring ---- */

static void or_exit(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

/* Of this process alone: what else runs on the machine is not in it. */
static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void write_report(struct report *report)
{
	FILE *out = fopen("/dev/null", "we");

	or_exit(out && !verdicts__decide(&report->verdicts, &report->totals, &report->loss),
		"no verdicts");
	for (unsigned format = 0; format < RENDER_FORMAT_CNT; format++) {
		const struct render_options options = {.format = format};

		or_exit(!render__report(out, report, &options), "no report");
	}
	fclose(out);
}

/* From the bytes of a recording to its report in every format. */
static int64_t measure(void (*make)(struct tape *tape, unsigned cnt), unsigned cnt)
{
	struct model *model = model__new();
	struct rows *rows = rows__new();
	struct stream stream = {0};
	struct error error = {0};
	struct tape tape = {0};
	struct report *report;
	int64_t begin_ns;
	size_t len;
	char *bytes;
	FILE *in;

	make(&tape, cnt);
	tape__end(&tape);
	bytes = tape__recording(&tape, &len);
	tape__free(&tape);
	in = fmemopen(bytes, len, "r");
	or_exit(model && rows && in, "no memory");
	model__add_sink(model, rows__take, rows);
	stream__add_sink(&stream, model__take, model);
	begin_ns = cpu_ns();
	or_exit(!recording__read(in, "many", &stream, &error), error.text);
	report = model__finish(model, rows);
	or_exit(report, "no report");
	write_report(report);
	report__free(report);
	model__free(model);
	begin_ns = cpu_ns() - begin_ns;
	fclose(in);
	free(bytes);
	return begin_ns;
}

int main(void)
{
	const size_t kind_cnt = sizeof(kinds) / sizeof(kinds[0]);
	unsigned bad = 0;

	setlinebuf(stdout);
	for (size_t i = 0; i < kind_cnt; i++) {
		int64_t few_ns = measure(kinds[i].make, FEW);
		int64_t many_ns = measure(kinds[i].make, MANY);
		bool good = many_ns < SHORT_NS || many_ns < MAX_RATIO * few_ns;

		printf("%sok %zu - linear: %s\n# %.3f s, for a quarter %.3f s\n",
		       good ? "" : "not ", i + 1, kinds[i].what, many_ns / 1e9, few_ns / 1e9);
		bad += !good;
	}
	printf("1..%zu\n", kind_cnt);
	return bad != 0;
}
