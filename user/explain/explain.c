// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "explain/explain.h"

#include "base/text.h"
#include "explain/drawing.h"

/* ---- the head ---- */

static void say_head(struct drawing *d, const struct explain_choice *choice)
{
	const struct report_connection *row = d->row;

	drawing__say(d, "Connection %u of %zu, from %s, on listener %u%s%s%s", row->id,
		     (size_t)d->report->totals.summary.connections, row->peer, row->listener,
		     d->listener ? " (" : "", d->listener ? d->listener->address : "",
		     d->listener ? ")" : "");
	if (*choice->why)
		drawing__say(d, "Chosen: %s.", choice->why);
	drawing__say(d, "Kernel %s, traced with %s", d->report->kernel_release,
		     d->report->attach_mode);
	if (d->report->loss.incomplete)
		drawing__say(d, "INCOMPLETE: %s", d->report->loss.reason);
}

/* ---- what it comes to ---- */

static const char *plural(unsigned cnt)
{
	return cnt == 1 ? "" : "s";
}

/* ": 1 EAGAIN, 2 swallowed (...)" */
static void list_wasted(const struct report_connection *row, char *text, size_t size)
{
	static const struct {
		enum wake_outcome outcome;
		const char *words;
	} wastes[] = {
		{OUTCOME_EAGAIN, "EAGAIN"},
		{OUTCOME_SWALLOWED, "swallowed (it slept again inside the kernel: user space, and "
				    "strace, never saw it)"},
		{OUTCOME_IDLE, "idle (it returned and did not call accept)"},
		{OUTCOME_EXITED, "exited"},
	};
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < sizeof(wastes) / sizeof(wastes[0]); i++) {
		unsigned cnt = 0;

		for (size_t j = 0; j < row->wake_cnt; j++)
			cnt += row->wakes[j].outcome == wastes[i].outcome &&
			       row->wakes[j].cause != CAUSE_LOCK;
		if (cnt && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%u %s",
						 used ? ", " : ": ", cnt, wastes[i].words);
	}
}

/* Of this one connection; of the run the verdict speaks. */
static const char *judge_herd(const struct report_connection *row)
{
	if (row->woken > 1 && row->wasted)
		return "A thundering herd here";
	return "No herd here";
}

static void say_end(struct drawing *d)
{
	const struct report_connection *row = d->row;
	char waited[TEXT_DURATION_SIZE], wasted[256];

	list_wasted(row, wasted, sizeof(wasted));
	drawing__say(d, "%s: %u task%s slept, %u woken, %u of them for nothing%s.", judge_herd(row),
		     row->waiters, plural(row->waiters), row->woken, row->wasted, wasted);
	text__duration(waited, row->waited_ns);
	if (row->end == CONNECTION_ACCEPTED && !row->accepted_worker)
		drawing__say(d, "Accepted %s after it came.", waited);
	else if (row->end == CONNECTION_ACCEPTED)
		drawing__say(d, "Accepted by worker %u %s after it came%s.", row->accepted_worker,
			     waited,
			     row->stranded ? ", while somebody who could have taken it slept: "
					     "stranded"
					   : "");
	else if (row->end == CONNECTION_LOST)
		drawing__say(d, "Nobody accepted it: it was lost when its listener closed.");
	else
		drawing__say(d, "Nobody had accepted it when the trace ended, %s after it came.",
			     waited);
}

static const struct report_listener *find_listener(const struct report *report, unsigned id)
{
	for (size_t i = 0; i < report->totals.listener_cnt; i++)
		if (report->totals.listeners[i].id == id)
			return &report->totals.listeners[i];
	return NULL;
}

static void draw(struct drawing *d, const struct explain_choice *choice)
{
	say_head(d, choice);
	fputc('\n', d->out);
	drawing__queue(d);
	drawing__walk(d);
	fputc('\n', d->out);
	drawing__lanes(d);
	drawing__steps(d);
	say_end(d);
}

int explain__write(FILE *out, const struct report *report, const struct explain_choice *choice,
		   const struct terminal *terminal)
{
	struct drawing d = {.out = out, .report = report, .terminal = terminal};
	struct report_cursor cursor = {0};
	int err = 0;

	do
		d.row = report__next(report, &cursor, &err);
	while (d.row && d.row->id != choice->id);
	if (d.row) {
		d.listener = find_listener(report, d.row->listener);
		draw(&d, choice);
	}
	report_cursor__end(&cursor);
	return err ? err : d.err;
}
