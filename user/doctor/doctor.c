// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/exercise.h"
#include "doctor/recognise.h"
#include "model/model.h"
#include "record/stream.h"
#include "tracer/hooks.h"
#include "tracer/privilege.h"

static void print_system(void)
{
	struct utsname system;
	char lockdown[32];

	uname(&system);
	privilege__lockdown(lockdown, sizeof(lockdown));
	printf("kernel     %s %s\n", system.release, system.machine);
	printf("user       %s\n", geteuid() ? "not root" : "root");
	printf("types      %s\n", privilege__types());
	printf("lockdown   %s\n", *lockdown ? lockdown : "not known");
	fflush(stdout);
}

/* A hook that is attached may never be called, where the compiler has inlined its function. */
static const char *judge(const struct hook *hook, const struct tracer_hook *taken, uint64_t calls)
{
	if (!taken->function)
		return hook->kind == HOOK_SYSCALL ? "not needed" : "not in this kernel";
	if (calls)
		return "works";
	if (hook->rare)
		return "attached, not called by this test";
	return "NEVER CALLED";
}

static bool print_hook(const struct tracer *tracer, size_t index)
{
	struct tracer_hook taken = tracer__hook(tracer, index);
	unsigned programs;
	uint64_t calls = tracer__calls(tracer, index, &programs);
	const char *verdict = judge(&hooks[index], &taken, calls);

	printf("%-28s %-11s %8u %7" PRIu64 "  %-34s %s\n",
	       taken.function ? taken.function : hooks[index].functions[0],
	       taken.how ? taken.how : "-", programs, calls, verdict, hooks[index].purpose);
	return strcmp(verdict, "NEVER CALLED");
}

static int take(void *arg, const void *record, size_t size)
{
	return stream__push(arg, record, size);
}

/* Every connection of the exercise has arrived, woken the server and been accepted. */
static bool print_result(struct tracer *tracer, const struct model *model, struct stream *stream)
{
	struct model_progress p;
	struct record_end end;
	bool good;
	int err = tracer__finish(tracer, &end);

	if (!err)
		err = stream__push(stream, &end, sizeof(end));
	model__progress(model, &p);
	good = !err && p.arrivals && p.accepted == p.arrivals && p.wakes >= p.arrivals;
	printf("\n%" PRIu64 " connections, %" PRIu64 " accepted, %" PRIu64 " wakes: %s\n",
	       p.arrivals, p.accepted, p.wakes, good ? "as it should be" : "NOT as it should be");
	return good;
}

static bool traces_unix(const struct tracer *tracer)
{
	for (size_t i = 0; i < hook_cnt; i++)
		if (hooks[i].af_unix && !tracer__hook(tracer, i).function)
			return false;
	return true;
}

/* Hooks that work say nothing of who waits: he is found by where the kernel's functions are. */
static bool examine(struct tracer *tracer, const struct model *model, struct stream *stream,
		    struct exercise *exercise, struct error *error)
{
	struct recognition seen = {.pid = exercise->pid};
	bool good = true;
	int counting = tracer__count_calls(), err;

	stream__add_sink(stream, recognition__take, &seen);
	err = tracer__follow(tracer, exercise->pid, exercise->pid);
	if (!err)
		err = exercise__run(exercise);
	if (err) {
		error__set(error, FAULT_SYSTEM, err, "the test server did not work: %s",
			   strerror(-err));
		return false;
	}
	printf("attach     %s\n\n%-28s %-11s %8s %7s\n", tracer__mode(tracer), "function", "how",
	       "programs", "calls");
	for (size_t i = 0; i < hook_cnt; i++)
		good &= print_hook(tracer, i);
	if (counting >= 0)
		close(counting);
	good &= print_result(tracer, model, stream);
	return recognition__print(&seen, exercise, traces_unix(tracer), stdout) && good;
}

bool doctor__examine(const struct tracer_options *options, struct error *error)
{
	struct model *model = model__new();
	struct stream stream = {0};
	struct exercise exercise;
	struct tracer *tracer = NULL;
	bool good = false;

	print_system();
	stream__add_sink(&stream, model__take, model);
	if (!model || exercise__start(&exercise))
		error__set(error, FAULT_SYSTEM, -EIO, "cannot start the test server");
	else if (!tracer__open(&tracer, options, take, &stream, error))
		good = examine(tracer, model, &stream, &exercise, error);
	tracer__free(tracer);
	model__free(model);
	if (good)
		printf("herdtrace can trace this kernel\n");
	return good;
}
