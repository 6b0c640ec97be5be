// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The story step by step, each with the kernel function in which it happens. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/vector.h"
#include "explain/drawing.h"
#include "explain/names.h"
#include "print/grid.h"

/* More are left out from the middle: what it begins and ends with says the most. */
#define STEPS_HEAD 14
#define STEPS_TAIL 6

enum step_kind {
	STEP_SYN,
	STEP_ARRIVAL,
	STEP_TOLD,
	STEP_WOKEN,
	STEP_RETURN,
	STEP_ACCEPT,
	STEP_SLEEP
};

struct step {
	int64_t ns; /* since the arrival; of the SYN: before it */
	size_t order;
	enum step_kind kind;
	const struct report_wake *wake; /* NULL: it is about none */
};

struct steps {
	VECTOR(struct step) all;
};

enum step_column { TIME, WHAT, WHERE };

static int add(struct steps *s, int64_t ns, enum step_kind kind, const struct report_wake *wake)
{
	struct step *step = vector_add(&s->all);

	if (!step)
		return -ENOMEM;
	*step = (struct step){ns, s->all.cnt, kind, wake};
	return 0;
}

static int add_moment(struct steps *s, const struct drawing *d, int64_t ns, enum step_kind kind,
		      const struct report_wake *wake)
{
	bool known = ns != REPORT_UNKNOWN_NS && ns >= d->row->time_ns;

	return known ? add(s, ns - d->row->time_ns, kind, wake) : 0;
}

/* A sleep is told where it is all that came of the wake. */
static bool tells_sleep(const struct report_wake *wake)
{
	return wake->outcome == OUTCOME_SWALLOWED || wake->outcome == OUTCOME_IDLE ||
	       wake->outcome == OUTCOME_EXITED;
}

static int add_wake(struct steps *s, const struct drawing *d, const struct report_wake *wake)
{
	int err = add_moment(s, d, wake->woken_ns, STEP_WOKEN, wake);

	if (!err && wake->returned_ns != wake->accept_ns)
		err = add_moment(s, d, wake->returned_ns, STEP_RETURN, wake);
	if (!err)
		err = add_moment(s, d, wake->accept_ns, STEP_ACCEPT, wake);
	if (!err && tells_sleep(wake))
		err = add_moment(s, d, wake->slept_ns, STEP_SLEEP, wake);
	return err;
}

static bool accept_is_told(const struct report_connection *row)
{
	for (size_t i = 0; i < row->wake_cnt; i++)
		if (row->wakes[i].accept_ns == row->accepted_ns)
			return true;
	return row->accepted_ns == REPORT_UNKNOWN_NS;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* When one was moved is told by whom that woke. */
static int64_t told_ns(const struct drawing *d)
{
	const struct report_connection *row = d->row;
	bool known = row->migrated_from && row->wake_cnt && row->wakes[0].woken_ns > row->time_ns;

	return known ? row->wakes[0].woken_ns - row->time_ns : 0;
}

static int gather(struct steps *s, const struct drawing *d)
{
	const struct report_connection *row = d->row;
	int err = 0;

	if (row->syn_to_arrival_ns != REPORT_UNKNOWN_NS)
		err = add(s, -row->syn_to_arrival_ns, STEP_SYN, NULL);
	err = err ? err : add(s, 0, STEP_ARRIVAL, NULL);
	err = err ? err : add(s, told_ns(d), STEP_TOLD, NULL);
	for (size_t i = 0; i < row->wake_cnt && !err; i++)
		err = add_wake(s, d, &row->wakes[i]);
	if (!err && !accept_is_told(row))
		err = add_moment(s, d, row->accepted_ns, STEP_ACCEPT, NULL);
	if (!err)
		qsort(s->all.at, s->all.cnt, sizeof(*s->all.at), by_time);
	return err;
}

/* ---- words ---- */

static void put_woken(struct grid *grid, const struct report_wake *wake, const char *who)
{
	bool on = wake->waker_cpu >= 0;

	if (wake->cause == CAUSE_LOCK)
		grid__format(grid, WHAT, "%s gets the socket's lock", who);
	else if (wake->waker_context == WAKER_SOFTIRQ && on)
		grid__format(grid, WHAT, "%s woken (softirq, CPU %d)", who, wake->waker_cpu);
	else if (wake->cause == CAUSE_CHAIN && wake->waker_tid)
		grid__format(grid, WHAT, "%s woken by task %" PRIu32, who, wake->waker_tid);
	else
		grid__format(grid, WHAT, "%s woken", who);
}

static void put_accept(const struct drawing *d, struct grid *grid, const struct step *step,
		       const char *who)
{
	const struct report_wake *wake = step->wake;

	if (!wake)
		grid__format(grid, WHAT, "worker %u accepts it", d->row->accepted_worker);
	else if (wake->outcome != OUTCOME_ACCEPTED)
		grid__format(grid, WHAT, "%s: accept() gives EAGAIN", who);
	else if (wake->accepted_connection == d->row->id)
		grid__format(grid, WHAT, "%s accepts it", who);
	else
		grid__format(grid, WHAT, "%s accepts another", who);
	grid__text(grid, WHERE, names__accept(d));
}

static void put_sleep(const struct drawing *d, struct grid *grid, const struct report_wake *wake,
		      const char *who)
{
	bool swallowed = wake->outcome == OUTCOME_SWALLOWED;

	if (wake->outcome == OUTCOME_EXITED)
		grid__format(grid, WHAT, "%s ends", who);
	else
		grid__format(grid, WHAT, "%s sleeps again%s", who,
			     swallowed ? ": swallowed" : ", no accept()");
	grid__text(grid, WHERE, swallowed ? names__return(d, wake->cause) : "");
}

static void put_what(const struct drawing *d, struct grid *grid, const struct step *step)
{
	char who[WHO_SIZE] = "";

	if (step->wake)
		snprintf(who, sizeof(who), "worker %u", step->wake->worker);
	switch (step->kind) {
	case STEP_SYN:
		grid__text(grid, WHAT,
			   d->row->selection.present ? "its SYN gets a listener"
						     : "its SYN is answered");
		grid__text(grid, WHERE, names__syn(d));
		return;
	case STEP_ARRIVAL:
		grid__format(grid, WHAT, "queued on listener %u",
			     d->row->migrated_from ? d->row->migrated_from : d->row->listener);
		grid__text(grid, WHERE, names__arrival(d));
		return;
	case STEP_TOLD:
		if (d->row->migrated_from) {
			grid__format(grid, WHAT, "moved to listener %u: %u called",
				     d->row->listener, d->row->offers);
			grid__text(grid, WHERE, "reuseport_migrate_sock");
			return;
		}
		grid__format(grid, WHAT, "wait queue walked: %u called", d->row->offers);
		grid__text(grid, WHERE, "sock_def_readable > __wake_up_common");
		return;
	case STEP_WOKEN:
		put_woken(grid, step->wake, who);
		grid__text(grid, WHERE, names__wake(d, step->wake));
		return;
	case STEP_RETURN:
		grid__format(grid, WHAT, "%s returns to user space", who);
		grid__text(grid, WHERE, names__return(d, step->wake->cause));
		return;
	case STEP_ACCEPT: put_accept(d, grid, step, who); return;
	case STEP_SLEEP: put_sleep(d, grid, step->wake, who); return;
	}
}

static void put_step(const struct drawing *d, struct grid *grid, const struct step *step)
{
	char text[TEXT_DURATION_SIZE];

	grid__line(grid);
	drawing__time(text, step->ns < 0 ? -step->ns : step->ns);
	if (!step->ns)
		grid__text(grid, TIME, "0");
	else
		grid__format(grid, TIME, "%s%s", step->ns < 0 ? "-" : "+", text);
	put_what(d, grid, step);
}

static void put_steps(const struct drawing *d, struct grid *grid, const struct steps *s)
{
	size_t cnt = s->all.cnt, most = STEPS_HEAD + STEPS_TAIL + 1;

	for (size_t i = 0; i < cnt; i++) {
		if (cnt > most && i == STEPS_HEAD) {
			grid__line(grid);
			grid__format(grid, WHAT, "... %zu more", cnt - STEPS_HEAD - STEPS_TAIL);
			i = cnt - STEPS_TAIL;
		}
		put_step(d, grid, &s->all.at[i]);
	}
}

void drawing__steps(struct drawing *d)
{
	struct grid *grid = grid__new(d->terminal);
	struct steps s = {0};
	int err = gather(&s, d);

	if (!grid)
		err = -ENOMEM;
	drawing__say(d, "STEP BY STEP");
	if (!err) {
		grid__column(grid, "time", GRID_RIGHT, true);
		grid__column(grid, "what", GRID_LEFT, true);
		grid__cut_column(grid, "in the kernel", GRID_LEFT, true, 16);
		put_steps(d, grid, &s);
		err = grid__print(grid, d->out);
	}
	drawing__keep_error(d, err);
	grid__free(grid);
	free(s.all.at);
	fputc('\n', d->out);
}
