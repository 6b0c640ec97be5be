// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "hooks.h"
#include "launch.h"
#include "log.h"
#include "model.h"
#include "output.h"
#include "procfs.h"
#include "progress.h"
#include "stacks.h"
#include "stream.h"

/* A command that has not listened by then is not going to. */
#define LISTEN_LIMIT_SEC 10
/* What a server gets to end after SIGTERM. */
#define STOP_GRACE_MS 2000

#define SEC UINT64_C(1000000000)

static volatile sig_atomic_t interrupted;

struct session {
	const struct options *options;
	struct launch launch;
	struct tracer *tracer;
	struct model *model;
	struct stream stream;
	struct client *client;
	struct stacks *stacks;
	uint64_t begun_ns;
	bool listened;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SEC + now.tv_nsec;
}

/* ---- signals ---- */

static void on_signal(int number)
{
	interrupted = number;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- the head of the stream ---- */

static int take_record(void *arg, const void *record, size_t size)
{
	struct session *s = arg;

	if (s->stacks)
		stacks__note(s->stacks, record);
	return stream__push(&s->stream, record, size);
}

static int push_command(struct session *s)
{
	const struct options *o = s->options;
	char path[64], text[4096];
	size_t got;
	FILE *f;

	for (char **arg = o->command; arg && *arg; arg++)
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

static int push_head(struct session *s)
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

static int follow(struct session *s, pid_t pid, pid_t tid)
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
	struct session *session;
	pid_t pid;
};

static int follow_thread(void *arg, pid_t tid)
{
	struct follow_arg *f = arg;

	return follow(f->session, f->pid, tid);
}

static int follow_process(struct session *s, pid_t pid)
{
	struct follow_arg arg = {s, pid};

	return procfs__each_thread(pid, follow_thread, &arg);
}

/*
 * A running server: itself and everything below it. What forks after it is followed is followed
 * by the kernel side; what a task forked just before is found by the second round.
 */
static int follow_running(struct session *s, pid_t pid)
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

static bool server_is_gone(struct session *s)
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

static const char *server_name(const struct session *s)
{
	return s->options->command ? s->options->command[0] : "the server";
}

/* Is there still something to wait for? */
static bool goes_on(struct session *s, uint64_t now)
{
	struct model_progress p;

	if (interrupted || server_is_gone(s))
		return false;
	if (s->options->duration_sec > 0 &&
	    now - s->begun_ns > (uint64_t)(s->options->duration_sec * SEC))
		return false;
	model__progress(s->model, &p);
	s->listened |= p.listeners > 0;
	if (s->client) {
		if (client__step(s->client, s->model, now) == CLIENT_DONE)
			return false;
		return s->listened || now - s->begun_ns < LISTEN_LIMIT_SEC * SEC;
	}
	return true;
}

static int run(struct session *s)
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
		progress__show(&progress, s->model, now_ns());
	}
	progress__end(&progress);
	if (err)
		log_error("reading from the kernel failed: %s", strerror(-err));
	return err;
}

/* What the reader must know that no count shows. */
static void push_notes(struct session *s)
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

static int finish(struct session *s)
{
	struct record_end end;
	char text[128];
	int err;

	err = tracer__finish(s->tracer, &end);
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
static bool close_recording(struct session *s)
{
	FILE *f = s->stream.recording;

	s->stream.recording = NULL;
	if (!f || !fclose(f))
		return true;
	log_error("cannot write %s: %s", s->options->record, strerror(errno));
	return false;
}

/* Everything up to the moment at which the server may run. */
static enum exit_status prepare(struct session *s)
{
	const struct options *o = s->options;
	int err;

	s->model = s->stream.model = model__new();
	s->stacks = o->tracer.stacks ? stacks__new() : NULL;
	s->client = o->has_client ? client__new(&o->client) : NULL;
	if (!s->model || (o->has_client && !s->client) || (o->tracer.stacks && !s->stacks)) {
		log_error("out of memory");
		return EXIT_INCOMPLETE;
	}
	if (o->record && !(s->stream.recording = open_recording(o->record)))
		return EXIT_USAGE;
	if (o->command && launch__start(&s->launch, o->command, o->user))
		return EXIT_USAGE;
	if (tracer__open(&s->tracer, &o->tracer, take_record, s))
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

static bool says_why_nothing(struct session *s)
{
	char text[128];

	if (s->listened)
		return false;
	if (interrupted || s->options->duration_sec > 0)
		log_error("%s had not listened on a TCP port when the trace ended", server_name(s));
	else if (s->options->pid)
		log_error("process %d listens on no TCP port", s->options->pid);
	else if (s->launch.stopped)
		log_error("%s did not listen on a TCP port within %d s", server_name(s),
			  LISTEN_LIMIT_SEC);
	else {
		launch__describe(&s->launch, text, sizeof(text));
		log_error("%s ended (%s) before it listened on a TCP port", server_name(s), text);
	}
	return true;
}

static void look_for_listeners(struct session *s)
{
	struct model_progress p;

	model__progress(s->model, &p);
	s->listened |= p.listeners > 0 || p.arrivals > 0;
}

static enum exit_status trace(struct session *s, FILE **out)
{
	enum exit_status status = prepare(s);
	int err;

	if (status != EXIT_RAN)
		return status;
	err = run(s);
	if (!err)
		err = finish(s);
	if (err) {
		log_error("the trace is incomplete: %s", strerror(-err));
		return EXIT_INCOMPLETE;
	}
	if (!close_recording(s))
		return EXIT_INCOMPLETE;
	look_for_listeners(s);
	if (says_why_nothing(s))
		return EXIT_INCOMPLETE;
	status = output__report(s->model, *out, s->options);
	*out = NULL;
	return status;
}

enum exit_status session__trace(const struct options *options)
{
	struct session s = {.options = options, .launch = {.release_fd = -1, .result_fd = -1}};
	enum exit_status status;
	FILE *out = output__open(options);

	if (!out)
		return EXIT_USAGE;
	catch_signals();
	status = trace(&s, &out);
	launch__stop(&s.launch, STOP_GRACE_MS);
	tracer__free(s.tracer);
	client__free(s.client);
	stacks__free(s.stacks);
	model__free(s.model);
	close_recording(&s);
	if (out)
		fclose(out);
	return status;
}

enum exit_status session__report(const struct options *options)
{
	FILE *in = fopen(options->report_file, "re"), *out = NULL;
	struct model *model = NULL;
	enum exit_status status = EXIT_USAGE;

	if (!in) {
		log_error("cannot read %s: %s", options->report_file, strerror(errno));
		return EXIT_USAGE;
	}
	model = model__new();
	if (!model)
		log_error("out of memory");
	else if (!recording__read(in, options->report_file, model) && (out = output__open(options)))
		status = output__report(model, out, options);
	model__free(model);
	fclose(in);
	return status;
}
