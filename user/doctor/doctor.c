// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/clock.h"
#include "doctor/exercise.h"
#include "doctor/recognise.h"
#include "model/model.h"
#include "record/stream.h"
#include "tracer/hooks.h"
#include "tracer/privilege.h"

static int no_memory(struct error *error)
{
	return error__set(error, FAULT_SYSTEM, -ENOMEM, "out of memory");
}

/* ---- before anything is tried ---- */

static void describe(struct doctor_finding *f)
{
	if (!strcmp(f->name, "lockdown")) {
		privilege__lockdown(f->found, sizeof(f->found));
		if (!*f->found)
			strcpy(f->found, "not known");
	}
	if (!strcmp(f->name, "types"))
		snprintf(f->found, sizeof(f->found), "%s", privilege__types());
}

/* All of them, also behind one that fails. Its error is the first that failed. */
static int check_privileges(struct findings *findings, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < privilege_cnt; i++) {
		struct doctor_finding *f =
			findings__add(findings, FINDING_CHECK, privileges[i].name);
		int err;

		if (!f)
			return no_memory(error);
		describe(f);
		err = privileges[i].check(&f->cause);
		if (!err)
			continue;
		f->state = FINDING_FAILED;
		result = error__set(error, f->cause.fault, err, "%s", f->cause.text);
	}
	return result;
}

/* ---- what is attached ---- */

static int take(void *arg, const void *record, size_t size)
{
	return stream__push(arg, record, size);
}

static int open_tracer(struct tracer **tracer, const struct tracer_options *options,
		       struct stream *stream, struct findings *findings, struct error *error)
{
	struct doctor_finding *f = findings__add(findings, FINDING_CHECK, "attach");
	uint64_t begin_ns = clock__now_ns();
	int err;

	if (!f)
		return no_memory(error);
	err = tracer__open(tracer, options, take, stream, &f->cause);
	findings->start_ns = err ? 0 : elapsed_ns(begin_ns, clock__now_ns());
	if (err) {
		f->state = FINDING_FAILED;
		return error__set(error, f->cause.fault, err, "%s", f->cause.text);
	}
	findings->attach_mode = tracer__mode(*tracer);
	snprintf(f->found, sizeof(f->found), "%s", findings->attach_mode);
	return 0;
}

/* A hook that is attached may never be called, where the compiler has inlined its function. */
static enum finding_state judge(const struct hook *hook, const struct tracer_hook *taken,
				uint64_t calls)
{
	if (!taken->function)
		return hook->kind == HOOK_SYSCALL ? FINDING_NOT_NEEDED : FINDING_NOT_THERE;
	if (calls)
		return FINDING_OK;
	return hook->rare ? FINDING_NOT_CALLED : FINDING_FAILED;
}

static int list_hooks(const struct tracer *tracer, struct findings *findings, struct error *error)
{
	for (size_t i = 0; i < hook_cnt; i++) {
		struct tracer_hook taken = tracer__hook(tracer, i);
		struct doctor_finding *f =
			findings__add(findings, FINDING_HOOK,
				      taken.function ? taken.function : hooks[i].functions[0]);

		if (!f)
			return no_memory(error);
		f->how = taken.how;
		f->purpose = hooks[i].purpose;
		f->calls = tracer__calls(tracer, i, &f->programs, &f->run_ns);
		f->state = judge(&hooks[i], &taken, f->calls);
		if (f->state == FINDING_FAILED)
			error__set(
				&f->cause, FAULT_SYSTEM, -EIO,
				"attached, but never called: this kernel does without it, or its "
				"compiler has inlined it");
	}
	return 0;
}

/* ---- what the exercise has shown ---- */

/* Every connection of the exercise has arrived, woken the server and been accepted. */
static int judge_connections(struct tracer *tracer, const struct model *model,
			     struct stream *stream, struct findings *findings, struct error *error)
{
	struct doctor_finding *f = findings__add(findings, FINDING_CHECK, "connections");
	struct model_progress p;
	struct record_end end;
	int err = tracer__finish(tracer, &end);

	if (!f)
		return no_memory(error);
	if (!err)
		err = stream__push(stream, &end, sizeof(end));
	model__progress(model, &p);
	snprintf(f->found, sizeof(f->found), "%" PRIu64 ", %" PRIu64 " accepted, %" PRIu64 " wakes",
		 p.arrivals, p.accepted, p.wakes);
	if (!err && p.arrivals && p.accepted == p.arrivals && p.wakes >= p.arrivals)
		return 0;
	f->state = FINDING_FAILED;
	error__set(
		&f->cause, FAULT_SYSTEM, -EIO,
		"not every connection of the test was seen to arrive, to wake the server and to be "
		"accepted");
	return 0;
}

static bool traces_unix(const struct tracer *tracer)
{
	for (size_t i = 0; i < hook_cnt; i++)
		if (hooks[i].af_unix && !tracer__hook(tracer, i).function)
			return false;
	return true;
}

static int run_exercise(struct tracer *tracer, struct exercise *exercise, struct findings *findings,
			struct error *error)
{
	int counting = tracer__count_calls(), err;

	err = tracer__follow(tracer, exercise->pid, exercise->pid);
	if (!err)
		err = exercise__run(exercise);
	if (err)
		error__set(error, FAULT_SYSTEM, err, "the test server did not work: %s",
			   strerror(-err));
	else
		err = list_hooks(tracer, findings, error);
	if (counting >= 0)
		close(counting);
	return err;
}

/* Hooks that work say nothing of who waits: he is found by where the kernel's functions are. */
static int examine(struct tracer *tracer, const struct model *model, struct stream *stream,
		   struct exercise *exercise, struct findings *findings, struct error *error)
{
	struct recognition seen = {.pid = exercise->pid};
	int err;

	stream__add_sink(stream, recognition__take, &seen);
	err = run_exercise(tracer, exercise, findings, error);
	if (!err)
		err = judge_connections(tracer, model, stream, findings, error);
	if (!err && recognition__judge(&seen, exercise, traces_unix(tracer), findings))
		err = no_memory(error);
	return err;
}

static int try_all(struct findings *findings, const struct tracer_options *options,
		   struct error *error)
{
	struct model *model = model__new();
	struct stream stream = {0};
	struct exercise exercise;
	struct tracer *tracer = NULL;
	uint64_t end_ns;
	int err;

	stream__add_sink(&stream, model__take, model);
	if (!model || exercise__start(&exercise))
		err = error__set(error, FAULT_SYSTEM, -EIO, "cannot start the test server");
	else
		err = open_tracer(&tracer, options, &stream, findings, error);
	if (!err)
		err = examine(tracer, model, &stream, &exercise, findings, error);
	end_ns = clock__now_ns();
	tracer__free(tracer);
	findings->stop_ns = tracer ? elapsed_ns(end_ns, clock__now_ns()) : 0;
	model__free(model);
	return err;
}

static bool has_check(const struct findings *findings, const char *name)
{
	for (size_t i = 0; i < findings->all.cnt; i++)
		if (findings->all.at[i].kind == FINDING_CHECK &&
		    !strcmp(findings->all.at[i].name, name))
			return true;
	return false;
}

/* What is behind one that failed is listed all the same. */
static void list_untried(struct findings *findings)
{
	static const char *const names[] = {"attach", "connections"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct doctor_finding *f =
			has_check(findings, names[i])
				? NULL
				: findings__add(findings, FINDING_CHECK, names[i]);

		if (f)
			f->state = FINDING_NOT_TRIED;
	}
}

void doctor__examine(struct findings *findings, const struct tracer_options *options,
		     struct error *error)
{
	int err;

	uname(&findings->system);
	surroundings__read(&findings->surroundings, "", findings->system.release);
	findings->libbpf = libbpf_version_string();
	err = check_privileges(findings, error);
	if (!err)
		err = try_all(findings, options, error);
	if (err)
		list_untried(findings);
	findings->can_trace = !err;
	for (size_t i = 0; i < findings->all.cnt; i++)
		findings->can_trace &= findings->all.at[i].state != FINDING_FAILED;
}
