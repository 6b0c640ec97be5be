// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracer/hooks.h"
#include "target/launch.h"
#include "base/log.h"
#include "run/interrupt.h"
#include "model/model.h"
#include "base/procfs.h"
#include "print/progress.h"
#include "run/stacks.h"
#include "record/recording.h"
#include "record/stream.h"
#include "report/verdict.h"

/* A command that has not listened by then is not going to. */
#define LISTEN_LIMIT_SEC 10
/* What a server gets to end after SIGTERM. */
#define STOP_GRACE_MS 2000

#define SEC UINT64_C(1000000000)

struct run {
	const struct run_options *options;
	struct launch launch;
	struct tracer *tracer;
	bool own_tracer;
	struct model *model;
	struct rows *rows; /* NULL: not kept */
	struct stream stream;
	FILE *recording; /* NULL: none */
	struct client *client;
	struct stacks *stacks;
	uint64_t begun_ns;
	bool listened;
	bool signalled;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SEC + now.tv_nsec;
}

/* ---- the head of the stream ---- */

static int take_record(void *arg, const void *record, size_t size)
{
	struct run *s = arg;
	int err = stream__push(&s->stream, record, size);

	if (err && s->stream.why)
		log_error("the kernel side sent a malformed record: %s", s->stream.why);
	return err;
}

static int push_command(struct run *s)
{
	const struct run_options *o = s->options;
	char path[64], text[4096];
	size_t got;
	FILE *f;

	for (char *const *arg = o->command; arg && *arg; arg++)
		stream__push_meta(&s->stream, META_ARGUMENT, *arg);
	if (o->command)
		return s->stream.error;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", o->pid);
	f = fopen(path, "re");
	got = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[got] = '\0';
	for (char *arg = text; arg < text + got; arg += strlen(arg) + 1)
		stream__push_meta(&s->stream, META_ARGUMENT, arg);
	return s->stream.error;
}

static int push_head(struct run *s)
{
	struct utsname system;
	char text[128];

	uname(&system);
	stream__push_meta(&s->stream, META_RELEASE, system.release);
	stream__push_meta(&s->stream, META_ARCH, system.machine);
	stream__push_meta(&s->stream, META_MODE, tracer__mode(s->tracer));
	for (size_t i = 0; i < hook_cnt; i++) {
		struct tracer_hook hook = tracer__hook(s->tracer, i);

		if (!hook.function)
			continue;
		snprintf(text, sizeof(text), "%s %s", hook.function, hook.how);
		stream__push_meta(&s->stream, META_HOOK, text);
	}
	return push_command(s);
}

/* ---- whom to follow ---- */

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

static int follow(struct run *s, pid_t pid, pid_t tid)
{
	struct record_task r = {
		.header = {.type = RECORD_TASK, .len = sizeof(r), .tid = tid, .time_ns = now_ns()},
		.event = TASK_SEEN,
		.tgid = pid,
	};
	int err = tracer__follow(s->tracer, tid, pid);

	if (err)
		return err;
	read_comm(pid, tid, r.comm);
	return stream__push(&s->stream, &r, sizeof(r));
}

struct follow_arg {
	struct run *run;
	pid_t pid;
};

static int follow_thread(void *arg, pid_t tid)
{
	struct follow_arg *f = arg;

	return follow(f->run, f->pid, tid);
}

static int follow_process(struct run *s, pid_t pid)
{
	struct follow_arg arg = {s, pid};

	return procfs__each_thread(pid, follow_thread, &arg);
}

/*
 * A running server: itself and everything below it. What forks after it is followed is followed
 * by the kernel side; what a task forked just before is found by the second round.
 */
static int follow_running(struct run *s, pid_t pid)
{
	int err = 0;

	for (int round = 0; round < 2 && !err; round++) {
		pid_t *pids;
		size_t cnt = procfs__descendants(pid, &pids);

		err = follow_process(s, pid);
		for (size_t i = 0; i < cnt && !err; i++) {
			err = follow_process(s, pids[i]);
			if (err == -ESRCH)
				err = 0;
		}
		free(pids);
	}
	if (err == -ESRCH)
		log_error("there is no process %d", pid);
	else if (err)
		log_error("cannot follow process %d: %s", pid, strerror(-err));
	return err;
}

/* ---- the run ---- */

static bool server_is_gone(struct run *s)
{
	struct model_progress p;
	pid_t *pids;
	size_t left;

	if (s->options->pid) {
		model__progress(s->model, &p);
		return !p.live_tasks;
	}
	if (!s->launch.ended)
		return false;
	/* It may have left a daemon behind. */
	left = procfs__descendants(getpid(), &pids);
	free(pids);
	return !left;
}

static const char *server_name(const struct run *s)
{
	return s->options->command ? s->options->command[0] : "the server";
}

static bool client_goes_on(struct run *s, uint64_t now)
{
	int number = s->options->then_signal;

	if (client__step(s->client, s->model, now) != CLIENT_DONE)
		return s->listened || now - s->begun_ns < LISTEN_LIMIT_SEC * SEC;
	if (!number || s->signalled)
		return false;
	s->signalled = true;
	client__await_rest(s->client, now);
	return !kill(s->launch.pid, number);
}

/* Is there still something to wait for? */
static bool goes_on(struct run *s, uint64_t now)
{
	struct model_progress p;

	if (interrupt__seen() || server_is_gone(s))
		return false;
	if (s->options->duration_sec > 0 &&
	    now - s->begun_ns > (uint64_t)(s->options->duration_sec * SEC))
		return false;
	model__progress(s->model, &p);
	s->listened |= p.listeners > 0;
	return !s->client || client_goes_on(s, now);
}

static int follow_to_the_end(struct run *s)
{
	/* With a client the pace depends on looking often. */
	const int wait_ms = s->client ? 2 : 20;
	struct progress progress;
	int err = 0;

	progress__begin(&progress);
	s->begun_ns = now_ns();
	while (!err && goes_on(s, now_ns())) {
		err = tracer__poll(s->tracer, wait_ms);
		if (err == -EINTR)
			err = 0;
		launch__reap(&s->launch);
		if (s->options->shows_progress)
			progress__show(&progress, s->model, now_ns());
	}
	progress__end(&progress);
	if (err)
		log_error("reading from the kernel failed: %s", strerror(-err));
	return err;
}

/* What the reader must know that no count shows. */
static void push_notes(struct run *s)
{
	char text[256];
	int error = 0;
	unsigned failed = s->client ? client__failed(s->client, &error) : 0;

	if (failed) {
		snprintf(text, sizeof(text), "%u of %u connections could not be made: %s", failed,
			 client__opened(s->client), strerror(error));
		stream__push_meta(&s->stream, META_NOTE, text);
	}
	if (s->stacks)
		stacks__push(s->stacks, s->tracer, &s->stream);
}

static int finish(struct run *s)
{
	struct record_end end;
	char text[128];
	int err;

	if (s->own_tracer)
		err = tracer__finish(s->tracer, &end);
	else
		err = tracer__rest(s->tracer, &end);
	if (err)
		return err;
	launch__stop(&s->launch, STOP_GRACE_MS);
	launch__describe(&s->launch, text, sizeof(text));
	if (*text)
		stream__push_meta(&s->stream, META_SERVER_EXIT, text);
	push_notes(s);
	return stream__push(&s->stream, &end, sizeof(end));
}

/* ---- opening and closing ---- */

static FILE *open_recording(const char *name)
{
	FILE *f = fopen(name, "we");

	if (!f || recording__begin(f)) {
		log_error("cannot write %s: %s", name, strerror(errno));
		if (f)
			fclose(f);
		return NULL;
	}
	return f;
}

/* Writes the rest of the recording. False after a line on stderr. */
static bool close_recording(struct run *s)
{
	FILE *f = s->recording;

	s->recording = NULL;
	if (!f || !fclose(f))
		return true;
	log_error("cannot write %s: %s", s->options->record, strerror(errno));
	return false;
}

/* The tracer that was given, or one of our own. */
static int open_tracer(struct run *s)
{
	struct error error = {0};
	int err;

	if (!s->tracer) {
		s->own_tracer = true;
		err = tracer__open(&s->tracer, &s->options->tracer, take_record, s, &error);
		if (err)
			log_error("%s", error.text);
		return err;
	}
	err = tracer__begin(s->tracer, take_record, s);
	if (err)
		log_error("cannot trace once more: %s", strerror(-err));
	return err;
}

static struct client *new_client(const struct run_options *o)
{
	struct client_options options = o->client;

	options.leaves_queued |= o->then_signal != 0;
	return client__new(&options);
}

static enum exit_status make_parts(struct run *s)
{
	const struct run_options *o = s->options;

	s->model = model__new();
	s->stacks = o->tracer.stacks ? stacks__new() : NULL;
	s->rows = o->keeps_rows ? rows__new() : NULL;
	s->client = o->has_client ? new_client(o) : NULL;
	if (!s->model || (o->keeps_rows && !s->rows) || (o->has_client && !s->client) ||
	    (o->tracer.stacks && !s->stacks)) {
		log_error("out of memory");
		return EXIT_INCOMPLETE;
	}
	if (o->record && !(s->recording = open_recording(o->record)))
		return EXIT_USAGE;
	if (s->stacks)
		stream__add_sink(&s->stream, stacks__take, s->stacks);
	if (s->recording)
		stream__add_sink(&s->stream, recording__take, s->recording);
	stream__add_sink(&s->stream, model__take, s->model);
	if (s->rows)
		model__add_sink(s->model, rows__take, s->rows);
	return EXIT_RAN;
}

/* Everything up to the moment at which the server may run. */
static enum exit_status prepare(struct run *s)
{
	const struct run_options *o = s->options;
	enum exit_status status = make_parts(s);
	int err;

	if (status != EXIT_RAN)
		return status;
	if (o->command && launch__start(&s->launch, o->command, o->user, o->output_fd))
		return EXIT_USAGE;
	if (open_tracer(s))
		return EXIT_CANNOT;
	err = push_head(s);
	if (err)
		return EXIT_INCOMPLETE;
	if (o->command ? follow(s, s->launch.pid, s->launch.pid) : follow_running(s, o->pid))
		return EXIT_USAGE;
	err = tracer__scan(s->tracer);
	if (err) {
		log_error("cannot look for open listeners: %s", strerror(-err));
		return EXIT_CANNOT;
	}
	if (o->command && launch__release(&s->launch, o->command[0]))
		return EXIT_USAGE;
	return EXIT_RAN;
}

/* ---- the result ---- */

static void look_for_listeners(struct run *s)
{
	struct model_progress p;

	model__progress(s->model, &p);
	s->listened |= p.listeners > 0 || p.arrivals > 0;
}

static void describe_problem(const struct run *s, char *text, size_t size)
{
	char end[128];

	if (s->listened)
		*text = '\0';
	else if (interrupt__seen() || s->options->duration_sec > 0)
		snprintf(text, size, "%s had not listened when the trace ended", server_name(s));
	else if (s->options->pid)
		snprintf(text, size, "process %d does not listen", s->options->pid);
	else if (s->launch.stopped)
		snprintf(text, size, "%s did not listen within %d s", server_name(s),
			 LISTEN_LIMIT_SEC);
	else {
		launch__describe(&s->launch, end, sizeof(end));
		snprintf(text, size, "%s ended (%s) before it listened", server_name(s), end);
	}
}

struct report *run__conclude(struct model *model, struct rows *rows)
{
	struct report *report = model__finish(model, rows);

	if (report && verdicts__decide(&report->verdicts, &report->totals, &report->loss)) {
		report__free(report);
		report = NULL;
	}
	if (!report)
		log_error("out of memory");
	return report;
}

static enum exit_status trace(struct run *s, struct run_result *result)
{
	enum exit_status status = prepare(s);
	int err;

	if (status != EXIT_RAN)
		return status;
	err = follow_to_the_end(s);
	if (!err)
		err = finish(s);
	if (err) {
		log_error("the trace is incomplete: %s", strerror(-err));
		return EXIT_INCOMPLETE;
	}
	if (!close_recording(s))
		return EXIT_INCOMPLETE;
	look_for_listeners(s);
	describe_problem(s, result->problem, sizeof(result->problem));
	result->begun_ns = s->begun_ns;
	if (s->launch.ended && !s->launch.stopped && WIFEXITED(s->launch.status))
		result->server_status = WEXITSTATUS(s->launch.status);
	result->report = run__conclude(s->model, s->rows);
	s->rows = NULL;
	return result->report ? EXIT_RAN : EXIT_INCOMPLETE;
}

enum exit_status run__trace(const struct run_options *options, struct tracer *tracer,
			    struct run_result *result)
{
	struct run s = {
		.options = options,
		.tracer = tracer,
		.launch = {.release_fd = -1, .result_fd = -1},
	};
	enum exit_status status;

	*result = (struct run_result){.server_status = -1};
	status = trace(&s, result);
	launch__stop(&s.launch, STOP_GRACE_MS);
	if (s.own_tracer)
		tracer__free(s.tracer);
	client__free(s.client);
	stacks__free(s.stacks);
	model__free(s.model);
	rows__free(s.rows);
	close_recording(&s);
	return status;
}
