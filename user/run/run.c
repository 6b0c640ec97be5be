// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/procfs.h"
#include "record/recorder.h"
#include "report/restrict.h"
#include "report/verdict.h"
#include "run/head.h"
#include "run/interrupt.h"
#include "run/state.h"
#include "run/view.h"
#include "target/follow.h"
#include "target/network.h"
#include "target/overflows.h"
#include "target/sockets.h"

/* What a server gets to end after SIGTERM. */
#define STOP_GRACE_MS 2000

/* Whatever a sink failed with: what comes after it is missing. */
static int explain_loss(struct run *s, int err)
{
	return error__set(s->error, FAULT_DATA, err, "the trace is incomplete: %s", strerror(-err));
}

static int take_record(void *arg, const void *record, size_t size)
{
	struct run *s = arg;
	int err = stream__push(&s->stream, record, size);

	if (err && s->stream.why)
		return error__set(s->error, FAULT_DATA, err,
				  "the kernel side sent a malformed record: %s", s->stream.why);
	return err ? explain_loss(s, err) : 0;
}

/* ---- opening and closing ---- */

/* The tracer that was given, or one of our own. */
static int open_tracer(struct run *s)
{
	struct tracer_options options = s->options->tracer;
	int err;

	options.cgroup = s->targets.cgroup;
	/* Who shares it may wait already. */
	options.running |= s->options->command && sockets__inherit_listener();
	if (s->tracer) {
		err = tracer__begin(s->tracer, take_record, s);
		return err ? error__set(s->error, FAULT_SYSTEM, err, "cannot trace once more: %s",
					strerror(-err))
			   : 0;
	}
	s->own_tracer = true;
	return tracer__open(&s->tracer, &options, take_record, s, s->error);
}

static struct client *new_client(const struct run_options *o, struct loop *loop)
{
	struct client_options options = o->client;

	options.leaves_queued |= o->then_signal != 0;
	return client__new(&options, loop);
}

static int make_parts(struct run *s)
{
	const struct run_options *o = s->options;
	int err = loop__open(&s->loop);

	if (err)
		return error__set(s->error, FAULT_SYSTEM, err, "cannot wait for events: %s",
				  strerror(-err));
	s->model = model__new();
	if (s->model && o->view && o->view->wants_flows)
		model__keep_flows(s->model);
	if (s->model && o->keeps_stories)
		model__keep_stories(s->model);
	s->stacks = o->tracer.stacks ? stacks__new() : NULL;
	s->rows = o->keeps_rows ? rows__new() : NULL;
	s->client = o->has_client ? new_client(o, &s->loop) : NULL;
	if (!s->model || (o->keeps_rows && !s->rows) || (o->has_client && !s->client) ||
	    (o->tracer.stacks && !s->stacks))
		return error__set(s->error, FAULT_DATA, -ENOMEM, "out of memory");
	return 0;
}

static void add_sinks(struct run *s)
{
	if (s->stacks)
		stream__add_sink(&s->stream, stacks__take, s->stacks);
	if (s->options->recorder)
		stream__add_sink(&s->stream, recorder__take, s->options->recorder);
	stream__add_sink(&s->stream, model__take, s->model);
	stream__add_sink(&s->stream, places__take, &s->places);
	stream__add_sink(&s->stream, epolls__take, &s->epolls);
	if (s->rows)
		model__add_sink(s->model, rows__take, s->rows);
	if (s->options->view && s->options->view->count)
		model__set_counter(s->model, s->options->view->count, s->options->view->arg);
}

static int push_head(struct run *s)
{
	int err = head__push(&s->stream, s->tracer, s->options->command, run__first_pid(s));

	return err ? explain_loss(s, err) : 0;
}

/* Who has come, or was forked, before the first call had followed all is there for the second. */
static int follow_running(struct run *s)
{
	int err = follow__running(s->tracer, &s->stream, &s->targets, s->error);

	if (!err)
		err = targets__find_more(&s->targets, s->options->whom, s->error);
	return err ? err : follow__running(s->tracer, &s->stream, &s->targets, s->error);
}

static int follow_server(struct run *s)
{
	if (!s->options->command)
		return follow_running(s);
	return follow__command(s->tracer, &s->stream, s->launch.pid, s->error);
}

static int scan(struct run *s)
{
	int err = tracer__scan(s->tracer);

	return err ? error__set(s->error, FAULT_SYSTEM, err, "cannot look for open listeners: %s",
				strerror(-err))
		   : 0;
}

/* The client goes where the server is: into its network, and to what its paths mean to it. */
static int enter_surroundings(struct run *s)
{
	pid_t pid = run__first_pid(s);
	char root[64];
	int err = network__enter(pid, s->error);

	if (err)
		return err;
	snprintf(root, sizeof(root), "/proc/%d/root", procfs__living_thread(pid));
	err = client__set_root(s->client, root);
	return err ? error__set(s->error, FAULT_SYSTEM, err,
				"cannot look below the root of process %d: %s", pid, strerror(-err))
		   : 0;
}

/* Everything up to the moment at which the server may run. */
static int prepare(struct run *s)
{
	const struct run_options *o = s->options;
	int err = make_parts(s);

	if (err)
		return err;
	add_sinks(s);
	if (o->command)
		err = launch__start(&s->launch, o->command, o->user, o->output_fd, s->error);
	else
		err = targets__find(&s->targets, o->whom, s->error);
	if (!err)
		err = open_tracer(s);
	if (!err)
		err = push_head(s);
	if (!err)
		err = follow_server(s);
	if (!err)
		err = scan(s);
	if (!err && o->has_client && !o->command)
		err = enter_surroundings(s);
	if (!err && o->command)
		err = launch__release(&s->launch, o->command[0], s->error);
	return err;
}

/* ---- the result ---- */

static bool has_udp(const struct run *s)
{
	bool found = s->options->command && sockets__take_udp(getpid());

	for (size_t i = 0; i < s->targets.pids.cnt && !found; i++)
		found = sockets__take_udp(s->targets.pids.at[i]);
	return found;
}

/* Before anybody is stopped, who could not be looked at any more. */
static void describe_silence(struct run *s)
{
	const struct run_options *o = s->options;
	struct shortfall why = {
		.end = s->end,
		.command = o->command ? o->command[0] : NULL,
		.running = s->targets.name,
		.wait_sec = run__wait_sec(o),
		.has_udp = has_udp(s),
	};
	char end[128] = "";

	if (s->end == RUN_SERVER_GONE)
		launch__describe(&s->launch, end, sizeof(end));
	why.server_end = end;
	shortfall__describe_silence(&why, s->shortfall, sizeof(s->shortfall));
}

/* After the last record. The user knows why there is less: that is a note, then. */
static void describe_connections(struct run *s)
{
	const struct launch *launch = &s->launch;
	struct shortfall why = {
		.end = s->server_gone && !run_end__by_user(s->end) ? RUN_SERVER_GONE : s->end,
		.killed = launch->pid && WIFSIGNALED(launch->status),
		.asked = s->options->client.connections,
		.arrived = client__arrived(s->client, s->model),
	};
	char end[128], text[RUN_PROBLEM_SIZE];

	why.failed = client__failed(s->client, &why.error);
	launch__describe(launch, end, sizeof(end));
	why.server_end = end;
	if (why.failed && why.end != RUN_DONE) {
		snprintf(text, sizeof(text), "%u of %u connections could not be made: %s",
			 why.failed, client__opened(s->client), strerror(why.error));
		stream__push_meta(&s->stream, META_NOTE, text);
	}
	if (why.arrived >= why.asked)
		return;
	shortfall__describe_connections(&why, text, sizeof(text));
	if (run_end__by_user(s->end))
		stream__push_meta(&s->stream, META_NOTE, text);
	else
		strcpy(s->shortfall, text);
}

/* They are no arrivals, but stand beside stranding: nobody accepted in time. */
static void describe_overflows(struct run *s, uint64_t now)
{
	char text[128];

	if (now == UINT64_MAX || s->overflows == UINT64_MAX || now <= s->overflows)
		return;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " times a connection found the queue of a listener full "
		 "(ListenOverflows of its network namespace)",
		 now - s->overflows);
	stream__push_meta(&s->stream, META_NOTE, text);
}

/* Why there is a loss then. */
static void describe_switch(struct run *s)
{
	const char *which = tracer__switched_off(s->tracer);
	char text[128];

	if (!which)
		return;
	snprintf(text, sizeof(text),
		 "%s was set to 0 during the run: the kernel called no hook from then on", which);
	stream__push_meta(&s->stream, META_NOTE, text);
}

/* What the reader must know that no count shows. */
static void push_notes(struct run *s, uint64_t overflows)
{
	char asked[16];

	describe_switch(s);
	describe_overflows(s, overflows);
	if (s->client && s->listened && s->end != RUN_NOT_NAMED)
		describe_connections(s);
	if (s->client) {
		snprintf(asked, sizeof(asked), "%u", s->options->client.connections);
		stream__push_meta(&s->stream, META_ASKED, asked);
	}
	if (*s->shortfall)
		stream__push_meta(&s->stream, META_SHORTFALL, s->shortfall);
}

static int finish(struct run *s)
{
	/* Before a server with a namespace of its own is stopped. */
	uint64_t overflows = overflows__count(run__first_pid(s));
	struct record_end end;
	char text[128];
	int err;

	if (!s->listened)
		describe_silence(s);
	err = tracer__tell_holders(s->tracer);
	if (!err && s->own_tracer)
		err = tracer__finish(s->tracer, &end);
	else if (!err)
		err = tracer__rest(s->tracer, &end);
	/* As long as everybody is there. */
	if (!err)
		err = places__tell(&s->places, &s->stream);
	if (!err)
		err = epolls__tell(&s->epolls, &s->stream, s->model);
	if (err)
		return explain_loss(s, err);
	launch__reap(&s->launch);
	s->server_gone = run__server_is_gone(s);
	launch__stop(&s->launch, STOP_GRACE_MS);
	launch__describe(&s->launch, text, sizeof(text));
	if (*text)
		stream__push_meta(&s->stream, META_SERVER_EXIT, text);
	push_notes(s, overflows);
	err = s->stacks ? stacks__push(s->stacks, s->tracer, &s->stream) : 0;
	if (err)
		return explain_loss(s, err);
	head__push_end(&s->stream);
	err = stream__push(&s->stream, &end, sizeof(end));
	return err ? explain_loss(s, err) : 0;
}

/* Names those that there are. */
static int refuse_listener(const struct report *report, const char *name, struct error *error)
{
	char known[512] = "";

	for (size_t i = 0; i < report->totals.listener_cnt; i++) {
		const struct report_listener *l = &report->totals.listeners[i];
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%u (%s)", used ? ", " : "", l->id,
			 l->address);
	}
	return error__set(error, FAULT_INPUT, -ENOENT, "there is no listener '%s': there are %s",
			  name, *known ? known : "none");
}

static int restrict_to(struct report *report, const char *listener, struct error *error)
{
	int meant = listener ? report__restrict(report, listener) : 1;

	return meant ? meant : refuse_listener(report, listener, error);
}

struct report *run__conclude(struct model *model, struct rows *rows, const char *listener,
			     struct error *error)
{
	struct report *report = model__finish(model, rows);

	if (report && restrict_to(report, listener, error) > 0 &&
	    !verdicts__decide(&report->verdicts, &report->totals, &report->loss))
		return report;
	report__free(report);
	error__set(error, FAULT_DATA, -ENOMEM, "out of memory");
	return NULL;
}

static int conclude(struct run *s, struct run_result *result)
{
	result->too_late = s->end == RUN_NOT_LISTENING;
	if (!s->listened)
		strcpy(result->problem, s->shortfall);
	if (s->launch.ended && !s->launch.stopped && WIFEXITED(s->launch.status))
		result->server_status = WEXITSTATUS(s->launch.status);
	result->report = run__conclude(s->model, s->rows, s->options->listener, s->error);
	s->rows = NULL;
	return result->report ? 0 : -ENOMEM;
}

static int trace(struct run *s, struct run_result *result)
{
	int err = prepare(s);

	if (!err)
		err = run__watch(s);
	result->begun_ns = s->begun_ns;
	result->refused = s->end == RUN_NOT_NAMED;
	result->server_gone = s->end == RUN_SERVER_GONE;
	if (!err)
		err = finish(s);
	return err ? err : conclude(s, result);
}

int run__trace(const struct run_options *options, struct tracer *tracer, struct run_result *result,
	       struct error *error)
{
	struct run s = {
		.options = options,
		.error = error,
		.tracer = tracer,
		.launch = LAUNCH_NONE,
		.loop = LOOP_CLOSED,
	};
	int err;

	*result = (struct run_result){.server_status = -1};
	err = trace(&s, result);
	launch__stop(&s.launch, STOP_GRACE_MS);
	targets__free(&s.targets);
	places__free(&s.places);
	epolls__free(&s.epolls);
	result->tracer = s.own_tracer ? s.tracer : NULL;
	client__free(s.client);
	loop__close(&s.loop);
	stacks__free(s.stacks);
	model__free(s.model);
	rows__free(s.rows);
	return err;
}
