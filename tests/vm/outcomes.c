/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "outcomes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "trace_text.h"
#include "tracefs.h"

/* ---- tracing ---- */

struct outcome_witness {
	struct tracefs trace;
};

struct outcome_witness *outcome_witness__new(void)
{
	struct outcome_witness *w = calloc(1, sizeof(*w));
	int err = w ? tracefs__open(&w->trace, "outcomes", false) : -ENOMEM;

	if (!err)
		return w;
	free(w);
	errno = -err;
	return NULL;
}

void outcome_witness__free(struct outcome_witness *w)
{
	if (!w)
		return;
	tracefs__close(&w->trace);
	free(w);
}

/* Each event has its own word for whose it is. */
static const struct {
	const char *event, *field;
} events[] = {
	{"sched/sched_waking", "comm"},      {"sched/sched_wakeup", "comm"},
	{"sched/sched_switch", "prev_comm"}, {"raw_syscalls/sys_enter", "comm"},
	{"raw_syscalls/sys_exit", "comm"},
};

static int enable(const struct tracefs *t, size_t i, const char *comm)
{
	char name[64], filter[64];
	int err;

	snprintf(name, sizeof(name), "events/%s/filter", events[i].event);
	snprintf(filter, sizeof(filter), "%s == \"%.15s\"", events[i].field, comm);
	err = tracefs__write(t, name, filter);
	if (err)
		return err;
	snprintf(name, sizeof(name), "events/%s/enable", events[i].event);
	return tracefs__write(t, name, "1");
}

int outcome_witness__start(struct outcome_witness *w, const char *comm)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(events) / sizeof(events[0]); i++)
		err = enable(&w->trace, i, comm);
	return err ? err : tracefs__begin(&w->trace);
}

static int add_lost(void *arg, const struct tracefs *t, const char *cpu)
{
	int64_t lost = tracefs__lost(t, cpu);

	if (lost > 0)
		((struct outcomes *)arg)->lost += lost;
	return lost < 0 ? (int)lost : 0;
}

int outcome_witness__stop(struct outcome_witness *w, const struct oracle_counts *wakes,
			  struct outcomes *outcomes)
{
	int err = tracefs__write(&w->trace, "tracing_on", "0");
	FILE *file;

	if (!err)
		err = tracefs__each_cpu(&w->trace, add_lost, outcomes);
	if (err)
		return err;
	file = tracefs__read(&w->trace, "trace");
	if (!file)
		return -errno;
	err = outcomes__parse(file, wakes, outcomes);
	fclose(file);
	return err;
}

/* ---- what a task did ---- */

/* A task on its way from a wake to what came of it. */
struct story {
	uint32_t tid;
	size_t next_wake;    /* where to look for its next one among the oracle's */
	bool open, runnable; /* a wake counts, and has taken effect */
	bool returned, eagain, accepted;
	bool waits; /* it is in a waiting call */
	struct task_outcomes outcomes;
};

struct reader {
	const struct oracle_counts *wakes;
	struct story *stories;
	size_t story_cnt;
	struct outcomes *outcomes;
};

static void decide(struct story *s, bool over)
{
	enum task_outcome outcome = TASK_PENDING;

	if (!s->open)
		return;
	if (s->accepted)
		outcome = TASK_ACCEPTED;
	else if (over)
		outcome = s->eagain ? TASK_EAGAIN : s->returned ? TASK_IDLE : TASK_SWALLOWED;
	s->outcomes.of[outcome]++;
	s->open = s->runnable = s->returned = s->eagain = s->accepted = false;
}

/* The oracle has seen the same wakes of this task, in the same order. */
static bool wake_counts(const struct oracle_counts *wakes, struct story *s)
{
	size_t i = s->next_wake;

	while (i < wakes->event_cnt && wakes->events[i].tid != s->tid)
		i++;
	s->next_wake = i + 1;
	return i < wakes->event_cnt && wakes->events[i].counts;
}

static void take_waking(const struct reader *r, struct story *s)
{
	if (!wake_counts(r->wakes, s))
		return;
	decide(s, true);
	s->open = true;
}

/*
 * A task may be woken on its way to sleep, before it is off the CPU: that switch comes after the
 * wake and is not what it did with it. One after sched_wakeup is.
 */
static void take_switch(struct story *s, const char *state)
{
	if (s->waits && s->runnable && state[0] == 'S' && (state[1] == ' ' || !state[1]))
		decide(s, true);
}

enum call { CALL_OTHER, CALL_WAIT, CALL_ACCEPT };

static enum call call_of(long number)
{
	switch (number) {
	case 7:   /* poll */
	case 23:  /* select */
	case 232: /* epoll_wait */
	case 270: /* pselect6 */
	case 271: /* ppoll */
	case 281: /* epoll_pwait */
	case 441: /* epoll_pwait2 */ return CALL_WAIT;
	case 43: /* accept */
	case 288: /* accept4 */ return CALL_ACCEPT;
	default: return CALL_OTHER;
	}
}

static void take_exit(struct story *s, enum call call, long long result)
{
	if (call == CALL_OTHER)
		return;
	s->waits = false;
	/* -ERESTARTSYS and its like: it goes back by itself. */
	if (!s->open || (result <= -512 && result >= -516))
		return;
	s->returned = true;
	s->accepted |= call == CALL_ACCEPT && result >= 0;
	s->eagain |= call == CALL_ACCEPT && result == -EAGAIN;
}

/* ---- lines ---- */

static struct story *story_of(struct reader *r, uint32_t tid)
{
	struct story *grown;

	for (size_t i = 0; i < r->story_cnt; i++)
		if (r->stories[i].tid == tid)
			return &r->stories[i];
	grown = reallocarray(r->stories, r->story_cnt + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	r->stories = grown;
	grown += r->story_cnt++;
	*grown = (struct story){.tid = tid, .outcomes.tid = tid};
	return grown;
}

/* The event's name stands behind the time; what follows it is put into *rest. */
static const char *find_event(const char *line, const char *name, const char **rest)
{
	const char *at = strstr(line, name);

	if (at)
		*rest = at + strlen(name);
	return at;
}

static int take_sched(struct reader *r, const char *at, const char *pid, bool wakeup)
{
	struct story *s;
	uint32_t tid;

	if (!trace_text__number(at, pid, &tid)) {
		r->outcomes->error_cnt++;
		return 0;
	}
	s = story_of(r, tid);
	if (!s)
		return -ENOMEM;
	if (wakeup)
		s->runnable = s->open;
	else
		take_waking(r, s);
	return 0;
}

static int take_sched_switch(struct reader *r, const char *at)
{
	const char *state = strstr(at, " prev_state=");
	struct story *s;
	uint32_t tid;

	if (!state || !trace_text__number(at, " prev_pid=", &tid)) {
		r->outcomes->error_cnt++;
		return 0;
	}
	s = story_of(r, tid);
	if (!s)
		return -ENOMEM;
	take_switch(s, state + strlen(" prev_state="));
	return 0;
}

static int take_call(struct reader *r, const char *line, const char *at, const char *rest,
		     bool exits)
{
	long number = strtol(rest, NULL, 10);
	const char *result = strstr(rest, " = ");
	struct story *s;
	uint32_t tid;

	if (!trace_text__task(line, at, &tid) || (exits && !result)) {
		r->outcomes->error_cnt++;
		return 0;
	}
	s = story_of(r, tid);
	if (!s)
		return -ENOMEM;
	if (exits)
		take_exit(s, call_of(number), strtoll(result + 3, NULL, 10));
	else
		s->waits = call_of(number) != CALL_OTHER;
	return 0;
}

static int take_line(struct reader *r, const char *line)
{
	const char *at, *rest;

	if ((at = find_event(line, ": sched_waking: ", &rest)))
		return take_sched(r, rest, " pid=", false);
	if ((at = find_event(line, ": sched_wakeup: ", &rest)))
		return take_sched(r, rest, " pid=", true);
	if ((at = find_event(line, ": sched_switch: ", &rest)))
		return take_sched_switch(r, rest);
	if ((at = find_event(line, ": sys_enter: NR ", &rest)))
		return take_call(r, line, at, rest, false);
	if ((at = find_event(line, ": sys_exit: NR ", &rest)))
		return take_call(r, line, at, rest, true);
	r->outcomes->error_cnt += !trace_text__is_remark(line);
	return 0;
}

static bool is_late(const struct reader *r, const char *line)
{
	const char *at = strstr(line, ": s"); /* every event here begins like this */
	uint64_t ns;

	return at && r->wakes->until_ns && trace_text__time(line, at, &ns) &&
	       ns > r->wakes->until_ns;
}

static int finish(struct reader *r)
{
	struct task_outcomes *tasks = calloc(r->story_cnt + 1, sizeof(*tasks));

	if (!tasks)
		return -ENOMEM;
	for (size_t i = 0; i < r->story_cnt; i++) {
		decide(&r->stories[i], false);
		tasks[i] = r->stories[i].outcomes;
	}
	r->outcomes->tasks = tasks;
	r->outcomes->task_cnt = r->story_cnt;
	return 0;
}

int outcomes__parse(FILE *in, const struct oracle_counts *wakes, struct outcomes *outcomes)
{
	struct reader r = {.wakes = wakes, .outcomes = outcomes};
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err = 0;

	while (!err && (len = getline(&line, &size, in)) >= 0) {
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (!is_late(&r, line))
			err = take_line(&r, line);
	}
	if (!err && !feof(in))
		err = -EIO;
	if (!err)
		err = finish(&r);
	free(r.stories);
	free(line);
	return err;
}

void outcomes__free(struct outcomes *outcomes)
{
	free(outcomes->tasks);
	*outcomes = (struct outcomes){0};
}
