/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The report for a person: tables, then sentences, and the verdicts at the end, where eyes are. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "render/formats.h"
#include "report/words.h"
#include "print/grid.h"
#include "base/text.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* On a narrow terminal these columns may be cut, but so much must be left to tell rows apart. */
#define ENDPOINT_CELLS 21 /* "255.255.255.255:65535": only IPv6 is ever cut */
#define CAUSE_CELLS    8  /* "io_uring" */

/* What the pieces of one table report have in common. */
struct page {
	FILE *out;
	const struct report *report;
	const struct render_options *options;
};

static struct grid *new_grid(const struct page *page)
{
	return grid__new(&page->options->terminal);
}

/* A blank line goes after every table, and the grid is given up. err: from filling it. */
static int finish_grid(const struct page *page, struct grid *grid, int err)
{
	if (!err)
		err = grid__print(grid, page->out);
	grid__free(grid);
	fputc('\n', page->out);
	return err;
}

static void print_colored(const struct page *page, const char *sequence, const char *text)
{
	if (page->options->terminal.color)
		fprintf(page->out, "%s%s%s", sequence, text, PLAIN);
	else
		fputs(text, page->out);
}

static void print_head(const struct page *page)
{
	const struct report *report = page->report;
	const char *mode = report->attach_mode ? report->attach_mode : "";

	fputs("kernel ", page->out);
	text__print(page->out, report->kernel_release);
	fputc(' ', page->out);
	text__print(page->out, report->kernel_arch);
	fputs(", attach mode ", page->out);
	text__print(page->out, mode);
	if (report->hook_cnt)
		fprintf(page->out, "\n%zu hooks, epoll_wait through ", report->hook_cnt);
	for (size_t i = 0; i < report->hook_cnt; i++) {
		/* The one that mostly stands in for another; JSON and doctor have them all. */
		if (!strcmp(report->hooks[i].function, "ep_poll") ||
		    !strcmp(report->hooks[i].function, "do_epoll_wait"))
			text__print(page->out, report->hooks[i].function);
	}
	fputs("\n\n", page->out);
}

static int print_listeners(const struct page *page)
{
	enum { LISTENER, ADDRESS, PROTOCOL, GROUP, CONNECTIONS, ACCEPTED };
	const struct report *report = page->report;
	struct grid *grid = new_grid(page);
	bool groups = false;

	if (!grid)
		return -ENOMEM;
	for (size_t i = 0; i < report->totals.listener_cnt; i++)
		groups |= report->totals.listeners[i].reuseport_group != 0;
	grid__column(grid, "listener", GRID_RIGHT, true);
	grid__cut_column(grid, "address", GRID_LEFT, true, ENDPOINT_CELLS);
	grid__column(grid, "protocol", GRID_LEFT, true);
	grid__column(grid, "reuseport group", GRID_RIGHT, groups);
	grid__column(grid, "connections", GRID_RIGHT, true);
	grid__column(grid, "accepted", GRID_RIGHT, true);
	for (size_t i = 0; i < report->totals.listener_cnt; i++) {
		const struct report_listener *listener = &report->totals.listeners[i];

		grid__line(grid);
		grid__number(grid, LISTENER, listener->id);
		grid__text(grid, ADDRESS, listener->address);
		grid__text(grid, PROTOCOL, listener->protocol);
		if (listener->reuseport_group != 0)
			grid__number(grid, GROUP, listener->reuseport_group);
		grid__number(grid, CONNECTIONS, listener->connections);
		grid__number(grid, ACCEPTED, listener->accepted);
	}
	return finish_grid(page, grid, 0);
}

enum connection_column {
	CONN,
	LISTENER,
	MOVED_FROM,
	PEER,
	WAITING,
	WOKEN,
	BY,
	ACCEPTED_BY,
	WASTED,
	SOCKET,
	PREDICTED,
	WAIT,
};

static void put_accepted_by(struct grid *grid, const struct report_connection *connection)
{
	if (connection->accepted_worker != 0)
		grid__format(grid, ACCEPTED_BY, "worker %u (%" PRIu32 ")",
			     connection->accepted_worker, connection->accepted_by);
	else if (connection->accepted_by != 0)
		grid__format(grid, ACCEPTED_BY, "task %" PRIu32, connection->accepted_by);
	else if (connection->end == CONNECTION_ACCEPTED)
		grid__text(grid, ACCEPTED_BY, "unknown");
	else
		grid__format(grid, ACCEPTED_BY, "nobody (%s)",
			     connection_end__name(connection->end));
}

static void put_selection(struct grid *grid, const struct report_selection *selection)
{
	if (!selection->present) {
		grid__text(grid, SOCKET, "-");
		grid__text(grid, PREDICTED, "-");
		return;
	}
	if (selection->index == RECORD_NO_INDEX)
		grid__text(grid, SOCKET, "-");
	else
		grid__format(grid, SOCKET, "%" PRIu32 " of %" PRIu32, selection->index,
			     selection->socks);
	/* The formula was not asked where a program chose. */
	if (selection->program)
		grid__text(grid, PREDICTED, "program");
	else if (report_selection__as_predicted(selection))
		grid__text(grid, PREDICTED, "yes");
	else
		grid__format(grid, PREDICTED, "no (%" PRIu32 ")", selection->predicted);
}

static void put_connection(struct grid *grid, const struct report_connection *connection)
{
	char causes[WORDS_CAUSES_SIZE];

	report_connection__causes(causes, connection);
	grid__line(grid);
	grid__number(grid, CONN, connection->id);
	grid__number(grid, LISTENER, connection->listener);
	if (connection->migrated_from != 0)
		grid__number(grid, MOVED_FROM, connection->migrated_from);
	grid__text(grid, PEER, connection->peer);
	grid__format(grid, WAITING, "%u%s", connection->waiters,
		     connection->waiters_truncated ? "+" : "");
	grid__number(grid, WOKEN, connection->woken);
	grid__text(grid, BY, causes[0] != '\0' ? causes : "-");
	put_accepted_by(grid, connection);
	grid__number(grid, WASTED, connection->wasted);
	if (connection->wasted > 0)
		grid__color(grid, WASTED, RED);
	put_selection(grid, &connection->selection);
	grid__duration(grid, WAIT, connection->arrival_to_accept_ns);
}

static int print_connections(const struct page *page)
{
	const struct report *report = page->report;
	struct grid *grid = new_grid(page);
	bool selections = report->totals.summary.selections > 0;
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	int err;

	if (!grid)
		return -ENOMEM;
	grid__column(grid, "conn", GRID_RIGHT, true);
	grid__column(grid, "listener", GRID_RIGHT, report->totals.listener_cnt > 1);
	grid__column(grid, "moved from", GRID_RIGHT, report->totals.summary.migrated > 0);
	grid__cut_column(grid, "peer", GRID_LEFT, true, ENDPOINT_CELLS);
	grid__column(grid, "waiting", GRID_RIGHT, true);
	grid__column(grid, "woken", GRID_RIGHT, true);
	grid__cut_column(grid, "by", GRID_LEFT, true, CAUSE_CELLS);
	grid__column(grid, "accepted by", GRID_LEFT, true);
	grid__column(grid, "wasted", GRID_RIGHT, true);
	grid__column(grid, "socket", GRID_RIGHT, selections);
	grid__column(grid, "predicted", GRID_LEFT, selections);
	grid__column(grid, "wait", GRID_RIGHT, true);
	while ((connection = report__next(report, &cursor, &err)))
		put_connection(grid, connection);
	report_cursor__end(&cursor);
	return finish_grid(page, grid, err);
}

enum worker_column {
	WORKER,
	PID,
	TID,
	COMMAND,
	WAKES,
	ACCEPTED,
	HANDED_ON,
	EAGAIN_CNT,
	SWALLOWED,
	IDLE,
	EXITED,
	PENDING,
	LOCK,
	WASTED_CPU,
};

/* Some numbers are rare: they take a column only where there is one. */
static void add_worker_columns(struct grid *grid, const struct report *report)
{
	bool threads = false, handed = false, exited = false, pending = false, lock = false;

	for (size_t i = 0; i < report->totals.worker_cnt; i++) {
		const struct report_worker *worker = &report->totals.workers[i];

		threads |= worker->tid != worker->pid;
		handed |= worker->outcome[OUTCOME_HANDED_ON] != 0;
		exited |= worker->outcome[OUTCOME_EXITED] != 0;
		pending |= worker->outcome[OUTCOME_PENDING] != 0;
		lock |= worker->lock_wakes != 0;
	}
	grid__column(grid, "worker", GRID_RIGHT, true);
	grid__column(grid, "pid", GRID_RIGHT, true);
	grid__column(grid, "tid", GRID_RIGHT, threads);
	grid__column(grid, "command", GRID_LEFT, true);
	grid__column(grid, "wakes", GRID_RIGHT, true);
	grid__column(grid, "accepted", GRID_RIGHT, true);
	grid__column(grid, "handed on", GRID_RIGHT, handed);
	grid__column(grid, "eagain", GRID_RIGHT, true);
	grid__column(grid, "swallowed", GRID_RIGHT, true);
	grid__column(grid, "idle", GRID_RIGHT, true);
	grid__column(grid, "exited", GRID_RIGHT, exited);
	grid__column(grid, "pending", GRID_RIGHT, pending);
	grid__column(grid, "lock", GRID_RIGHT, lock);
	grid__column(grid, "wasted CPU", GRID_RIGHT, true);
}

static void put_worker(struct grid *grid, const struct report_worker *worker)
{
	grid__line(grid);
	grid__number(grid, WORKER, worker->id);
	grid__number(grid, PID, worker->pid);
	grid__number(grid, TID, worker->tid);
	grid__text(grid, COMMAND, worker->comm);
	grid__number(grid, WAKES, worker->wakes);
	grid__number(grid, ACCEPTED, worker->accepted);
	grid__number(grid, HANDED_ON, worker->outcome[OUTCOME_HANDED_ON]);
	grid__number(grid, EAGAIN_CNT, worker->outcome[OUTCOME_EAGAIN]);
	grid__number(grid, SWALLOWED, worker->outcome[OUTCOME_SWALLOWED]);
	grid__number(grid, IDLE, worker->outcome[OUTCOME_IDLE]);
	grid__number(grid, EXITED, worker->outcome[OUTCOME_EXITED]);
	grid__number(grid, PENDING, worker->outcome[OUTCOME_PENDING]);
	grid__number(grid, LOCK, worker->lock_wakes);
	grid__duration(grid, WASTED_CPU, (int64_t)worker->wasted_cpu_ns);
	if (worker->wasted_cpu_ns > 0)
		grid__color(grid, WASTED_CPU, RED);
}

static int print_workers(const struct page *page)
{
	const struct report *report = page->report;
	struct grid *grid = new_grid(page);

	if (!grid)
		return -ENOMEM;
	add_worker_columns(grid, report);
	for (size_t i = 0; i < report->totals.worker_cnt; i++)
		put_worker(grid, &report->totals.workers[i]);
	return finish_grid(page, grid, 0);
}

static void print_count(FILE *out, uint64_t cnt, const char *thing)
{
	fprintf(out, "%" PRIu64 " %s%s", cnt, thing, cnt == 1 ? "" : "s");
}

/* "80 wakes (4.00 per connection), 60 wasted: 11 EAGAIN, 49 swallowed in the kernel" */
static void print_wakes(const struct page *page)
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
	const struct report_summary *summary = &page->report->totals.summary;
	const char *before = ": ";
	char wasted[32];

	print_count(page->out, summary->wakes, "wake");
	if (summary->connections > 0) {
		uint64_t hundredths =
			(summary->wakes * 100 + summary->connections / 2) / summary->connections;

		fprintf(page->out, " (%" PRIu64 ".%02" PRIu64 " per connection)", hundredths / 100,
			hundredths % 100);
	}
	fputs(", ", page->out);
	snprintf(wasted, sizeof(wasted), "%" PRIu64 " wasted", summary->wasted);
	print_colored(page, summary->wasted > 0 ? RED : "", wasted);
	for (size_t i = 0; i < sizeof(wastes) / sizeof(wastes[0]); i++) {
		if (summary->outcome[wastes[i].outcome] == 0)
			continue;
		fprintf(page->out, "%s%" PRIu64 " %s", before, summary->outcome[wastes[i].outcome],
			wastes[i].words);
		before = ", ";
	}
	fputc('\n', page->out);
}

/* What became of the connections, when it is not simply that all were accepted. */
static void print_ends(const struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;

	if (summary->accepted != summary->connections)
		fprintf(page->out,
			"%" PRIu64 " accepted, %" PRIu64 " still waiting at the end, %" PRIu64
			" lost with their listener\n",
			summary->accepted, summary->waiting, summary->lost);
	if (summary->migrated > 0) {
		print_count(page->out, summary->migrated, "connection");
		fputs(" moved to another listener of the group when theirs closed\n", page->out);
	}
	if (summary->accepted_untracked > 0) {
		print_count(page->out, summary->accepted_untracked, "more connection");
		fputs(" accepted that arrived before the trace\n", page->out);
	}
}

static void print_handed_on(const struct page *page)
{
	uint64_t handed_on = page->report->totals.summary.outcome[OUTCOME_HANDED_ON];

	if (!handed_on)
		return;
	print_count(page->out, handed_on, "wake");
	fputs(" handed on: another thread of the process accepted, that no wake was for\n",
	      page->out);
}

static void print_summary(const struct page *page)
{
	const struct report_summary *summary = &page->report->totals.summary;
	uint64_t pending = summary->outcome[OUTCOME_PENDING];
	uint64_t locks = summary->wakes_by_cause.of[CAUSE_LOCK];
	char burnt[TEXT_DURATION_SIZE];

	print_count(page->out, summary->connections, "connection");
	fputs(", ", page->out);
	print_wakes(page);
	print_ends(page);
	print_handed_on(page);
	if (pending > 0) {
		print_count(page->out, pending, "wake");
		fputs(" had no outcome yet when the trace ended: not counted as wasted\n",
		      page->out);
	}
	if (summary->wasted_cpu_ns > 0) {
		text__duration(burnt, (int64_t)summary->wasted_cpu_ns);
		fprintf(page->out, "CPU time burnt by wasted wakes: %s\n", burnt);
	}
	if (locks > 0) {
		print_count(page->out, locks, "hand-over");
		fprintf(page->out,
			" of the socket lock not counted as wakes (%" PRIu64
			" of them without an arrival)\n",
			summary->lock_without_arrival);
	}
	if (summary->selections > 0) {
		fputs("reuseport: ", page->out);
		print_count(page->out, summary->selections, "selection");
		fprintf(page->out,
			", %" PRIu64 " as the hash predicts, %" PRIu64 " by a BPF program\n",
			summary->selections_predicted, summary->selections_by_program);
	}
}

static void print_labelled(const struct page *page, const char *label, const char *text)
{
	if (!text || text[0] == '\0')
		return;
	fprintf(page->out, "%s: ", label);
	text__print(page->out, text);
	fputc('\n', page->out);
}

static void print_verdict(const struct page *page, const char *disease,
			  const struct report_verdict *verdict)
{
	fprintf(page->out, "%s: ", disease);
	switch (verdict->value) {
	case VERDICT_PROVED: print_colored(page, RED, "PROVED"); break;
	case VERDICT_REFUTED: print_colored(page, GREEN, "REFUTED"); break;
	case VERDICT_INCONCLUSIVE: print_colored(page, YELLOW, "INCONCLUSIVE"); break;
	}
	if (verdict->reason && verdict->reason[0] != '\0') {
		fputs(" - ", page->out);
		text__print(page->out, verdict->reason);
	}
	fputc('\n', page->out);
}

static void print_verdicts(const struct page *page)
{
	const struct report *report = page->report;

	for (size_t i = 0; i < report->note_cnt; i++)
		print_labelled(page, "note", report->notes[i]);
	print_labelled(page, "server", report->server_exit);
	if (report->loss.incomplete) {
		print_colored(page, YELLOW, "INCOMPLETE");
		fputs(": ", page->out);
		text__print(page->out, report->loss.reason);
		fputc('\n', page->out);
	}
	print_verdict(page, "THUNDERING HERD", &report->verdicts.herd);
	print_verdict(page, "SKEW", &report->verdicts.skew);
	print_verdict(page, "STRANDING", &report->verdicts.stranding);
	print_labelled(page, "advice", report->verdicts.advice);
}

int render_table__write(FILE *out, const struct report *report,
			const struct render_options *options)
{
	const struct page page = {.out = out, .report = report, .options = options};
	int err = 0;

	print_head(&page);
	/* One listener is what the reader expects; of more, the ids below need a key. */
	if (report->totals.listener_cnt > 1)
		err = print_listeners(&page);
	if (!err && !options->summary_only && report->totals.summary.connections > 0)
		err = print_connections(&page);
	if (!err && report->totals.worker_cnt > 0)
		err = print_workers(&page);
	if (err)
		return err;
	print_summary(&page);
	print_verdicts(&page);
	return 0;
}
