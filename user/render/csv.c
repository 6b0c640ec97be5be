/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* RFC 4180 with LF: a row for each connection or, of the summary, a row for each number. */
#include <inttypes.h>
#include <string.h>

#include "render/formats.h"
#include "report/words.h"
#include "base/text.h"

/* The comma belongs before every field of a row but the first. */
struct row {
	FILE *out;
	bool begun;
};

static void put_separator(struct row *row)
{
	if (row->begun)
		fputc(',', row->out);
	row->begun = true;
}

static void end_row(struct row *row)
{
	fputc('\n', row->out);
	row->begun = false;
}

static void put_absent(struct row *row)
{
	put_separator(row);
}

static void put_number(struct row *row, uint64_t number)
{
	put_separator(row);
	fprintf(row->out, "%" PRIu64, number);
}

static void put_number_if(struct row *row, bool present, uint64_t number)
{
	if (present)
		put_number(row, number);
	else
		put_absent(row);
}

static bool needs_quotes(const char *text)
{
	size_t len = strlen(text);

	if (strpbrk(text, ",\""))
		return true;
	/* Some readers strip blanks around a field that is not quoted. */
	return len > 0 && (text[0] == ' ' || text[len - 1] == ' ');
}

/* A spreadsheet runs a cell that begins like this as a formula, quoted or not; some take the wide forms, too. */
static bool begins_formula(const char *piece)
{
	static const char *const begins[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (!strcmp(piece, begins[i]))
			return true;
	return false;
}

/* Tabs and line ends never come out of text__take(): no field spans lines. */
static void put_pieces(FILE *out, const char *text)
{
	char piece[TEXT_PIECE_SIZE];
	bool begins = true;

	while (text__take(&text, piece) > 0) {
		if (begins && begins_formula(piece))
			fputc('\'', out);
		fputs(piece[0] == '"' ? "\"\"" : piece, out);
		/* Where commas are decimal points, a cell begins behind each semicolon, whatever the quotes say. */
		begins = piece[0] == ';' || (begins && piece[0] == ' ');
	}
}

static void put_text(struct row *row, const char *text)
{
	const char *from = text ? text : "";
	bool quotes = needs_quotes(from);

	put_separator(row);
	if (quotes)
		fputc('"', row->out);
	put_pieces(row->out, from);
	if (quotes)
		fputc('"', row->out);
}

static void put_bool(struct row *row, bool value)
{
	put_text(row, value ? "true" : "false");
}

static void put_selection(struct row *row, const struct report_selection *selection)
{
	bool present = selection->present;

	put_number_if(row, present, selection->hash);
	put_number_if(row, present, selection->socks);
	put_number_if(row, present && selection->index != RECORD_NO_INDEX, selection->index);
	put_number_if(row, present, selection->predicted);
}

static void put_connection(struct row *row, const struct report_connection *connection,
			   bool incomplete)
{
	char causes[WORDS_CAUSES_SIZE];

	report_connection__causes(causes, connection);
	put_number(row, connection->id);
	put_number_if(row, connection->time_ns >= 0, (uint64_t)connection->time_ns);
	put_number(row, connection->listener);
	put_text(row, connection->peer);
	put_number(row, connection->waiters);
	put_number(row, connection->offers);
	put_number(row, connection->woken);
	put_number(row, connection->wasted);
	put_text(row, causes);
	put_text(row, connection_end__name(connection->end));
	put_number_if(row, connection->accepted_by != 0, connection->accepted_by);
	put_number_if(row, connection->accepted_worker != 0, connection->accepted_worker);
	put_number_if(row, connection->arrival_to_accept_ns >= 0,
		      (uint64_t)connection->arrival_to_accept_ns);
	put_bool(row, connection->stranded);
	put_selection(row, &connection->selection);
	/* Data is missing somewhere: no row may pass for a whole one. */
	put_bool(row, incomplete);
	end_row(row);
}

static int write_connections(FILE *out, const struct report *report)
{
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	struct row row = {.out = out};
	int err;

	fputs("id,time_ns,listener,peer,waiters,offers,woken,wasted,causes,outcome,accepted_by,"
	      "accepted_worker,arrival_to_accept_ns,stranded,hash,sockets,index,predicted_index,"
	      "incomplete\n",
	      out);
	while ((connection = report__next(report, &cursor, &err)))
		put_connection(&row, connection, report->loss.incomplete);
	report_cursor__end(&cursor);
	return err;
}

static void number_line(FILE *out, const char *key, uint64_t number)
{
	fprintf(out, "%s,%" PRIu64 "\n", key, number);
}

static void text_line(FILE *out, const char *key, const char *text)
{
	struct row row = {.out = out};

	put_text(&row, key);
	put_text(&row, text);
	end_row(&row);
}

static void write_numbers(FILE *out, const struct report_summary *summary)
{
	number_line(out, "summary.connections", summary->connections);
	number_line(out, "summary.accepted", summary->accepted);
	number_line(out, "summary.wakes", summary->wakes);
	number_line(out, "summary.wasted", summary->wasted);
	for (unsigned cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++)
		if (cause != CAUSE_OTHER)
			fprintf(out, "summary.wakes_by_cause.%s,%" PRIu64 "\n",
				wake_cause__name(cause), summary->wakes_by_cause.of[cause]);
	number_line(out, "summary.waiting", summary->waiting);
	number_line(out, "summary.lost", summary->lost);
	number_line(out, "summary.migrated", summary->migrated);
	number_line(out, "summary.accepted_untracked", summary->accepted_untracked);
	number_line(out, "summary.offers", summary->offers);
	for (unsigned outcome = 0; outcome < OUTCOME_CNT; outcome++)
		fprintf(out, "summary.wakes_by_outcome.%s,%" PRIu64 "\n",
			wake_outcome__name(outcome), summary->outcome[outcome]);
	number_line(out, "summary.lock_without_arrival", summary->lock_without_arrival);
	number_line(out, "summary.wasted_cpu_ns", summary->wasted_cpu_ns);
	number_line(out, "summary.reuseport.selections", summary->selections);
	number_line(out, "summary.reuseport.as_predicted", summary->selections_predicted);
	number_line(out, "summary.reuseport.by_program", summary->selections_by_program);
	number_line(out, "summary.reuseport.not_predicted", summary->selections_unpredicted);
}

/* The keys are the paths of the same values in the JSON document. */
static void write_summary(FILE *out, const struct report *report)
{
	const struct report_loss *loss = &report->loss;

	fputs("key,value\n", out);
	write_numbers(out, &report->totals.summary);
	if (report->asked)
		number_line(out, "summary.asked", report->asked);
	number_line(out, "loss.ring_drops", loss->ring_drops);
	number_line(out, "loss.map_full", loss->map_full);
	number_line(out, "loss.missed_probes", loss->missed_probes);
	number_line(out, "loss.long_lists", loss->long_lists);
	number_line(out, "loss.early_calls", loss->early_calls);
	number_line(out, "loss.unbalanced", loss->unbalanced);
	text_line(out, "loss.incomplete", loss->incomplete ? "true" : "false");
	text_line(out, "loss.reason", loss->reason);
	text_line(out, "verdict.herd", verdict__name(report->verdicts.herd.value));
	text_line(out, "verdict.skew", verdict__name(report->verdicts.skew.value));
	text_line(out, "verdict.stranding", verdict__name(report->verdicts.stranding.value));
	text_line(out, "verdict.herd_reason", report->verdicts.herd.reason);
	text_line(out, "verdict.skew_reason", report->verdicts.skew.reason);
	text_line(out, "verdict.stranding_reason", report->verdicts.stranding.reason);
	if (report__is_short(report))
		text_line(out, "shortfall", report->shortfall);
}

int render_csv__write(FILE *out, const struct report *report, const struct render_options *options)
{
	if (!options->summary_only)
		return write_connections(out, report);
	write_summary(out, report);
	return 0;
}
