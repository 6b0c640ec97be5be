// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The time in which the server runs: records are read, connections made, and the end is noticed. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "print/progress.h"
#include "record/recorder.h"
#include "run/interrupt.h"
#include "run/state.h"
#include "target/overflows.h"
#include "run/status.h"

/* As long as records come, and once more: after that the kernel side wakes us. */
#define LOOK_NS (20 * NS_PER_MS)
/* The client waits for what they say. */
#define CLIENT_LOOK_NS (2 * NS_PER_MS)

/* At first, and at most: looking for calls that began before the trace costs us more than the machine, in the end. */
#define EARLY_NS      (NS_PER_SEC / 2)
#define EARLY_MOST_NS (30 * NS_PER_SEC)

/* Who asks for connections has a script that waits: without --wait, so much for a command to listen. */
#define WAIT_SEC 10

/* ---- is there still something to wait for? ---- */

double run__wait_sec(const struct run_options *o)
{
	if (o->wait_sec > 0)
		return o->wait_sec;
	if (!o->command)
		return 0;
	return o->has_client ? WAIT_SEC : INFINITY;
}

pid_t run__first_pid(const struct run *s)
{
	return s->targets.pids.cnt ? s->targets.pids.at[0] : 0;
}

bool run__server_is_gone(const struct run *s)
{
	struct model_progress p;

	/* It may have left a daemon behind. */
	if (s->options->command)
		return s->launch.ended && s->launch.alone;
	model__progress(s->model, &p);
	return !p.live_tasks;
}

static bool client_goes_on(struct run *s, uint64_t now)
{
	int number = s->options->then_signal;

	if (client__step(s->client, s->model, now) != CLIENT_DONE)
		return true;
	if (!number || s->signalled)
		return false;
	s->signalled = true;
	client__await_rest(s->client, now);
	return !kill(s->launch.pid, number);
}

/* When so many seconds of the run are over; LOOP_NEVER where that is too far away. */
static uint64_t after_ns(const struct run *s, double sec)
{
	return sec < 1e9 ? s->begun_ns + (uint64_t)(sec * NS_PER_SEC) : LOOP_NEVER;
}

/* When --duration ends, LOOP_NEVER without. */
static uint64_t end_ns(const struct run *s)
{
	double limit = s->options->duration_sec;

	return after_ns(s, limit > 0 ? limit : INFINITY);
}

/* It has listened, or may still begin to. */
static bool may_listen(struct run *s, uint64_t now)
{
	struct model_progress p;

	model__progress(s->model, &p);
	s->listened |= p.listeners > 0 || p.arrivals > 0;
	return s->listened || now < after_ns(s, run__wait_sec(s->options));
}

/* So has the listener that the report is to be about, or it may still come. */
static bool may_be_named(struct run *s, uint64_t now)
{
	const char *name = s->options->listener;

	s->named = s->named || !name || model__has_listener(s->model, name);
	return s->named || now < after_ns(s, run__wait_sec(s->options));
}

/* Says in s->end why not, where it does not. */
static bool goes_on(struct run *s, uint64_t now)
{
	bool may = may_listen(s, now), may_name = may_be_named(s, now);

	s->end = RUN_DONE;
	if (interrupt__seen() || !run__view_goes_on(s))
		s->end = RUN_INTERRUPTED;
	else if (run__server_is_gone(s))
		s->end = RUN_SERVER_GONE;
	else if (now >= end_ns(s))
		s->end = RUN_DURATION;
	else if (!may)
		s->end = RUN_NOT_LISTENING;
	else if (!may_name)
		s->end = RUN_NOT_NAMED;
	else
		return !s->client || !s->named || client_goes_on(s, now);
	return false;
}

/* What we opened ourselves, where we do; connections of others only confuse there. */
static uint64_t count_connections(const struct run *s, const struct model_progress *p)
{
	return s->client ? client__arrived(s->client, s->model) : p->arrivals;
}

static void show_status(struct run *s, struct progress *progress, const struct model_progress *p,
			uint64_t now)
{
	struct status status = {
		.connections = count_connections(s, p),
		.wakes = p->wakes,
		.asked = s->client ? s->options->client.connections : 0,
		.left_ns = UINT64_MAX,
	};
	char text[128];

	if (!s->first_ns && status.connections)
		s->first_ns = now;
	status.elapsed_ns = s->first_ns ? now - s->first_ns : 0;
	if (end_ns(s) != LOOP_NEVER)
		status.left_ns = end_ns(s) > now ? end_ns(s) - now : 0;
	status__describe(&status, text, sizeof(text));
	progress__show(progress, now, "%s", text);
}

static void show_progress(struct run *s, struct progress *progress)
{
	uint64_t now = clock__now_ns();
	struct model_progress p;

	if (!s->options->shows_progress || !progress__is_due(progress, now))
		return;
	s->has_news = false;
	model__progress(s->model, &p);
	if (p.listeners && (s->named || !s->client))
		show_status(s, progress, &p, now);
	else
		progress__show(progress, now, "waiting for a listener");
}

/* ---- waiting ---- */

static void reap(void *launch)
{
	launch__reap(launch);
}

static int add_source(struct loop *loop, struct loop_source *source, uint32_t events)
{
	return source->fd < 0 ? 0 : loop__add(loop, source, events);
}

static int add_sources(struct run *s)
{
	int err;

	s->ring = (struct loop_source){.fd = tracer__fd(s->tracer)};
	s->interrupt = (struct loop_source){.fd = interrupt__fd()};
	s->children = (struct loop_source){
		.fd = s->launch.child_fd,
		.ready = reap,
		.arg = &s->launch,
	};
	/* What comes after it was emptied is told of again, or waits for its time. */
	err = add_source(&s->loop, &s->ring, EPOLLIN | EPOLLET);
	if (!err)
		err = add_source(&s->loop, &s->children, EPOLLIN);
	if (!err)
		err = add_source(&s->loop, &s->interrupt, EPOLLIN);
	return err;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When to look again, after a look that found so many. */
static void plan_look(struct run *s, int found, uint64_t now)
{
	uint64_t next = now + (s->client ? CLIENT_LOOK_NS : LOOK_NS);

	s->has_news |= found > 0;
	if (found)
		s->look_ns = next;
	else if (now >= s->look_ns || s->look_ns == LOOP_NEVER)
		s->look_ns = tracer__may_sleep(s->tracer) ? LOOP_NEVER : next;
}

/* Calls that began before the trace end soon in a server that has work to do, and one that has none waits long. */
static void ask_for_early_calls(struct run *s, uint64_t now)
{
	if (now < s->early_ns)
		return;
	s->early_ns = tracer__drop_exits(s->tracer) ? LOOP_NEVER : now + s->early_wait_ns;
	if (s->early_wait_ns < EARLY_MOST_NS)
		s->early_wait_ns *= 2;
}

/* Brings the model up to date. */
static int drain(struct run *s)
{
	int found = tracer__drain(s->tracer);

	if (found < 0)
		return found;
	if (found && s->options->recorder)
		recorder__flush(s->options->recorder);
	plan_look(s, found, clock__now_ns());
	return places__tell(&s->places, &s->stream);
}

/* What listens already: its records are there. It may be gone in the end, and its epoll instances with it. */
static int look_around(struct run *s)
{
	int err = drain(s);

	return err || s->options->command ? err : epolls__tell(&s->epolls, &s->stream, s->model);
}

/* What is shown goes stale: the rate, and the time that is left. */
static uint64_t next_status_ns(const struct run *s, const struct progress *progress)
{
	bool changes = s->has_news || s->first_ns || end_ns(s) != LOOP_NEVER;

	return s->options->shows_progress && changes ? progress__next_ns(progress, s->has_news)
						     : LOOP_NEVER;
}

/* Waits until something happens or is due. */
static int wait_and_drain(struct run *s, const struct progress *progress)
{
	uint64_t until = earlier(s->look_ns, end_ns(s));
	int err;

	until = earlier(until, next_status_ns(s, progress));
	until = earlier(until, earlier(s->view_ns, s->early_ns));
	if (!s->listened || !s->named)
		until = earlier(until, after_ns(s, run__wait_sec(s->options)));
	if (s->client)
		until = earlier(until, client__next_ns(s->client, clock__now_ns()));
	err = loop__wait(&s->loop, until);
	return err == -EINTR ? 0 : err ? err : drain(s);
}

static int explain_reading(struct run *s, int err)
{
	return error__set(s->error, FAULT_DATA, err, "reading from the kernel failed: %s",
			  strerror(-err));
}

static int watch(struct run *s, struct progress *progress)
{
	int err = 0;

	while (!err && goes_on(s, clock__now_ns())) {
		err = wait_and_drain(s, progress);
		if (err)
			return explain_reading(s, err);
		show_progress(s, progress);
		ask_for_early_calls(s, clock__now_ns());
		err = run__look_if_due(s);
	}
	return err ? err : run__look_last(s);
}

int run__watch(struct run *s)
{
	struct progress progress;
	int err;

	progress__begin(&progress, stderr);
	s->begun_ns = clock__now_ns();
	s->early_ns = s->begun_ns;
	s->early_wait_ns = EARLY_NS;
	s->overflows = overflows__count(run__first_pid(s));
	err = add_sources(s);
	if (!err)
		err = look_around(s);
	err = err ? explain_reading(s, err) : run__begin_view(s);
	if (!err)
		err = watch(s, &progress);
	progress__end(&progress);
	return err;
}
