// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The time in which the server runs: records are read, connections made, and the end is noticed. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/procfs.h"
#include "print/progress.h"
#include "run/interrupt.h"
#include "run/state.h"

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

static bool client_goes_on(struct run *s, uint64_t now)
{
	int number = s->options->then_signal;

	if (client__step(s->client, s->model, now) != CLIENT_DONE)
		return s->listened || now - s->begun_ns < LISTEN_LIMIT_SEC * NS_PER_SEC;
	if (!number || s->signalled)
		return false;
	s->signalled = true;
	client__await_rest(s->client, now);
	return !kill(s->launch.pid, number);
}

static bool is_out_of_time(const struct run *s, uint64_t now)
{
	double limit = s->options->duration_sec;

	return limit > 0 && now - s->begun_ns > (uint64_t)(limit * NS_PER_SEC);
}

/* Is there still something to wait for? */
static bool goes_on(struct run *s, uint64_t now)
{
	struct model_progress p;

	if (interrupt__seen() || server_is_gone(s) || is_out_of_time(s, now))
		return false;
	model__progress(s->model, &p);
	s->listened |= p.listeners > 0;
	return !s->client || client_goes_on(s, now);
}

static void show_progress(const struct run *s, struct progress *progress)
{
	uint64_t now = clock__now_ns();
	struct model_progress p;

	if (!s->options->shows_progress || !progress__is_due(progress, now))
		return;
	model__progress(s->model, &p);
	if (p.listeners)
		progress__show(progress, now,
			       "%" PRIu64 " connections, %" PRIu64 " wakes; Ctrl-C reports",
			       p.arrivals, p.wakes);
	else
		progress__show(progress, now, "waiting for a listener");
}

int run__watch(struct run *s)
{
	/* With a client the pace depends on looking often. */
	const int wait_ms = s->client ? 2 : 20;
	struct progress progress;
	int err = 0;

	progress__begin(&progress, stderr);
	s->begun_ns = clock__now_ns();
	while (!err && goes_on(s, clock__now_ns())) {
		err = tracer__poll(s->tracer, wait_ms);
		if (err == -EINTR)
			err = 0;
		launch__reap(&s->launch);
		show_progress(s, &progress);
	}
	progress__end(&progress);
	return err ? error__set(s->error, FAULT_DATA, err, "reading from the kernel failed: %s",
				strerror(-err))
		   : 0;
}
