// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "record/recording.h"
#include "report/verdict.h"
#include "run/head.h"
#include "run/interrupt.h"
#include "run/state.h"
#include "target/follow.h"

/* What a server gets to end after SIGTERM. */
#define STOP_GRACE_MS 2000

static int take_record(void *arg, const void *record, size_t size)
{
	struct run *s = arg;
	int err = stream__push(&s->stream, record, size);

	if (err && s->stream.why)
		log_error("the kernel side sent a malformed record: %s", s->stream.why);
	return err;
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

static int follow_server(struct run *s)
{
	if (!s->options->command)
		return follow__running(s->tracer, &s->stream, s->options->pid);
	return follow__task(s->tracer, &s->stream, s->launch.pid, s->launch.pid);
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
	if (head__push(&s->stream, s->tracer, o->command, o->pid))
		return EXIT_INCOMPLETE;
	if (follow_server(s))
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

static void look_for_listeners(struct run *s)
{
	struct model_progress p;

	model__progress(s->model, &p);
	s->listened |= p.listeners > 0 || p.arrivals > 0;
}

static const char *server_name(const struct run *s)
{
	return s->options->command ? s->options->command[0] : "the server";
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
	err = run__watch(s);
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
