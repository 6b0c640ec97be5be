/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The report for a person: tables, then sentences, and the verdicts at the end, where eyes are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/formats.h"
#include "render/page.h"
#include "report/words.h"

#define SENTENCE_SIZE 256

static void say_hooks(struct page *page)
{
	const struct report *report = page->report;
	const char *through = "";

	if (report->host && *report->host)
		page__say(page, NO_COLOR, "host %s, herdtrace %s", report->host, report->version);
	page__say(page, NO_COLOR, "attach mode %s", report->attach_mode ? report->attach_mode : "");
	for (size_t i = 0; i < report->hook_cnt; i++) {
		/* The one that mostly stands in for another; JSON and doctor have them all. */
		if (!strcmp(report->hooks[i].function, "ep_poll") ||
		    !strcmp(report->hooks[i].function, "do_epoll_wait"))
			through = report->hooks[i].function;
	}
	if (report->hook_cnt)
		page__say(page, NO_COLOR, "%zu hooks, epoll_wait through %s", report->hook_cnt,
			  through);
}

static void say_head(struct page *page)
{
	const struct report *report = page->report;

	page__say(page, NO_COLOR, "kernel %s %s",
		  report->kernel_release ? report->kernel_release : "",
		  report->kernel_arch ? report->kernel_arch : "");
	if (page->options->verbose)
		say_hooks(page);
	fputc('\n', page->out);
}

static const char *plural(uint64_t cnt)
{
	return cnt == 1 ? "" : "s";
}

/* ": 11 EAGAIN, 49 swallowed in the kernel" */
static void list_wastes(const struct report_summary *summary, char text[SENTENCE_SIZE])
{
	static const struct {
		enum wake_outcome outcome;
		const char *words;
	} wastes[] = {
		{OUTCOME_EAGAIN, "EAGAIN"},
		{OUTCOME_SWALLOWED, "swallowed in the kernel"},
		{OUTCOME_IDLE, "idle"},
		{OUTCOME_EXITED, "exited"},
	};
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < sizeof(wastes) / sizeof(wastes[0]); i++)
		if (summary->outcome[wastes[i].outcome])
			used += snprintf(text + used, SENTENCE_SIZE - used, "%s%" PRIu64 " %s",
					 used ? ", " : ": ", summary->outcome[wastes[i].outcome],
					 wastes[i].words);
}

/* " (4.00 per connection)" */
static void compare_wakes(const struct report_summary *summary, char text[SENTENCE_SIZE])
{
	uint64_t hundredths;

	*text = '\0';
	if (!summary->connections)
		return;
	hundredths = (summary->wakes * 100 + summary->connections / 2) / summary->connections;
	snprintf(text, SENTENCE_SIZE, " (%" PRIu64 ".%02" PRIu64 " per connection)",
		 hundredths / 100, hundredths % 100);
}

/* "20 connections, 80 wakes (4.00 per connection), 60 wasted: 11 EAGAIN, 49 swallowed in the kernel" */
static void say_wakes(struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;
	char wastes[SENTENCE_SIZE], each[SENTENCE_SIZE], wasted[32];

	list_wastes(summary, wastes);
	compare_wakes(summary, each);
	snprintf(wasted, sizeof(wasted), "%" PRIu64 " wasted", summary->wasted);
	page__say(page, (struct paragraph_color){summary->wasted ? wasted : NULL, RED},
		  "%" PRIu64 " connection%s, %" PRIu64 " wake%s%s, %s%s", summary->connections,
		  plural(summary->connections), summary->wakes, plural(summary->wakes), each,
		  wasted, wastes);
}

/* What became of the connections, when it is not simply that all were accepted. */
static void say_ends(struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;

	if (summary->accepted != summary->connections)
		page__say(page, NO_COLOR,
			  "%" PRIu64 " accepted, %" PRIu64 " still waiting at the end, %" PRIu64
			  " lost with their listener",
			  summary->accepted, summary->waiting, summary->lost);
	if (summary->migrated > 0)
		page__say(page, NO_COLOR,
			  "%" PRIu64 " connection%s moved to another listener of the group when "
			  "theirs closed",
			  summary->migrated, plural(summary->migrated));
	if (summary->accepted_untracked > 0)
		page__say(page, NO_COLOR,
			  "%" PRIu64 " more connection%s accepted that arrived before the trace",
			  summary->accepted_untracked, plural(summary->accepted_untracked));
}

/* Who has no row, of a run that goes on and on. */
static void say_folded(struct page *page)
{
	const struct folded *folded = &page->report->totals.folded;

	if (folded->workers > 0)
		page__say(page, NO_COLOR,
			  "%zu more worker%s that ended: %" PRIu64 " wake%s, %" PRIu64 " accepted",
			  folded->workers, plural(folded->workers), folded->sum.wakes,
			  plural(folded->sum.wakes), folded->sum.accepted);
	if (folded->listeners > 0)
		page__say(page, NO_COLOR,
			  "%zu more listener%s that closed: %" PRIu64 " connection%s, %" PRIu64
			  " accepted",
			  folded->listeners, plural(folded->listeners), folded->connections,
			  plural(folded->connections), folded->accepted);
}

static void say_outcomes(struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;
	uint64_t handed_on = summary->outcome[OUTCOME_HANDED_ON];
	uint64_t pending = summary->outcome[OUTCOME_PENDING];
	char burnt[TEXT_DURATION_SIZE];

	if (handed_on > 0)
		page__say(page, NO_COLOR,
			  "%" PRIu64 " wake%s handed on: another thread of the process accepted, "
			  "that no wake was for",
			  handed_on, plural(handed_on));
	if (pending > 0)
		page__say(page, NO_COLOR,
			  "%" PRIu64 " wake%s had no outcome yet when the trace ended: not counted "
			  "as wasted",
			  pending, plural(pending));
	if (summary->wasted_cpu_ns > 0) {
		text__duration(burnt, (int64_t)summary->wasted_cpu_ns);
		page__say(page, NO_COLOR, "CPU time burnt by wasted wakes: %s", burnt);
	}
}

static void say_summary(struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;
	uint64_t locks = summary->wakes_by_cause.of[CAUSE_LOCK];

	page__say_places(page);
	say_wakes(page);
	say_ends(page);
	say_folded(page);
	say_outcomes(page);
	if (locks > 0)
		page__say(page, NO_COLOR,
			  "%" PRIu64
			  " hand-over%s of the socket lock not counted as wakes (%" PRIu64
			  " of them without an arrival)",
			  locks, plural(locks), summary->lock_without_arrival);
	if (summary->selections > 0)
		page__say(page, NO_COLOR,
			  "reuseport: %" PRIu64 " selection%s, %" PRIu64
			  " as the hash predicts, %" PRIu64 " by a BPF program",
			  summary->selections, plural(summary->selections),
			  summary->selections_predicted, summary->selections_by_program);
}

static void say_labelled(struct page *page, const char *label, const char *text)
{
	if (text && text[0] != '\0')
		page__say(page, NO_COLOR, "%s: %s", label, text);
}

static void say_verdict(struct page *page, const char *disease,
			const struct report_verdict *verdict)
{
	struct paragraph_color color = {"INCONCLUSIVE", YELLOW};
	bool reasoned = verdict->reason && verdict->reason[0] != '\0';

	if (verdict->value == VERDICT_PROVED)
		color = (struct paragraph_color){"PROVED", RED};
	if (verdict->value == VERDICT_REFUTED)
		color = (struct paragraph_color){"REFUTED", GREEN};
	page__say(page, color, "%s: %s%s%s", disease, color.text, reasoned ? " - " : "",
		  reasoned ? verdict->reason : "");
}

/* Of each cause. */
#define STACKS_SHOWN 2

static void say_stacks(struct page *page)
{
	const struct report *report = page->report;
	unsigned shown = 0;

	for (size_t i = 0; i < report->stack_cnt; i++) {
		const struct report_stack *stack = &report->stacks[i];

		if (i && stack->cause != stack[-1].cause)
			shown = 0;
		if (shown++ < STACKS_SHOWN)
			page__say(page, NO_COLOR, "stack of %" PRIu64 " %s wake%s: %s",
				  stack->wakes, wake_cause__name(stack->cause),
				  plural(stack->wakes), stack->names);
	}
}

static void say_verdicts(struct page *page)
{
	const struct report *report = page->report;

	say_stacks(page);
	for (size_t i = 0; i < report->note_cnt; i++)
		say_labelled(page, "note", report->notes[i]);
	say_labelled(page, "server", report->server_exit);
	if (report->loss.incomplete)
		page__say(page, (struct paragraph_color){"INCOMPLETE", YELLOW}, "INCOMPLETE: %s",
			  report->loss.reason);
	say_verdict(page, "THUNDERING HERD", &report->verdicts.herd);
	say_verdict(page, "SKEW", &report->verdicts.skew);
	say_verdict(page, "STRANDING", &report->verdicts.stranding);
	say_labelled(page, "advice", report->verdicts.advice);
}

/* What was expected, and what came of it. */
static void say_results(struct page *page)
{
	static const struct paragraph_color colors[] = {
		[EXPECTATION_HOLDS] = {"HOLDS", GREEN},
		[EXPECTATION_FAILS] = {"FAILS", RED},
		[EXPECTATION_INCONCLUSIVE] = {"INCONCLUSIVE", YELLOW},
	};
	const struct expectation_results *results = page->options->results;

	for (size_t i = 0; results && i < results->cnt; i++) {
		const struct expectation_result *r = &results->at[i];

		page__say(page, colors[r->outcome], "expected %s: %s - %s", r->expectation->text,
			  colors[r->outcome].text, r->why);
	}
}

static bool shows_rows(const struct page *page)
{
	const struct render_rows *rows = &page->options->rows;

	return !page->options->summary_only && !(rows->given && !rows->most) &&
	       page->report->totals.summary.connections > 0;
}

int render_table__write(FILE *out, const struct report *report,
			const struct render_options *options)
{
	struct page page = {.out = out, .report = report, .options = options};

	say_head(&page);
	/* One listener is what the reader expects; of more, the ids below need a key. */
	if (report->totals.listener_cnt > 1)
		page__listeners(&page);
	if (shows_rows(&page))
		page__connections(&page);
	if (report->totals.worker_cnt > 0)
		page__workers(&page);
	if (report->totals.summary.connections > 0)
		page__histograms(&page);
	if (page.err)
		return page.err;
	say_summary(&page);
	say_verdicts(&page);
	say_results(&page);
	return page.err;
}
