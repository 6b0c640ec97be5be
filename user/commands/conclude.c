// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/conclude.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/commands.h"
#include "print/terminal.h"
#include "render/render.h"

/* What most terminals have at least, and mails and logs. */
#define USUAL_WIDTH 80

static struct terminal describe_terminal(const struct options *options, FILE *out)
{
	struct terminal terminal = terminal__describe(out, options->color);

	if (!terminal.width)
		terminal.width = USUAL_WIDTH;
	return terminal;
}

/* A drawing below the table: in place of its rows, unless these are asked for. */
static bool draws_below(const struct options *options)
{
	return options->explains && options->format == RENDER_TABLE;
}

static struct render_options render_options(const struct options *options,
					    const struct expectation_results *results, FILE *out)
{
	return (struct render_options){
		.format = options->format,
		.summary_only =
			options->summary_only || (draws_below(options) && !options->rows.given),
		.verbose = options->verbose,
		.results = results->cnt ? results : NULL,
		.rows = options->rows,
		.terminal = describe_terminal(options, out),
	};
}

bool conclude__needs_stories(const struct options *options)
{
	return options->explains || options->tracer.all_waiters ||
	       render_format__is_picture(options->format);
}

bool conclude__needs_rows(const struct options *options)
{
	return !options->summary_only || options->listener || conclude__needs_stories(options) ||
	       expectations__want_rows(&options->expects);
}

/* ---- what was expected ---- */

/* Known for each line: the first half of it. */
static const char *say_outcome(const struct report *report, const struct expectation_result *r)
{
	if (r->outcome == EXPECTATION_FAILS)
		return "does not hold";
	if (report->loss.incomplete || report__is_short(report))
		return "is not decided";
	/* What it says of a verdict ends with its own word. */
	return r->expectation->quantity ? "is INCONCLUSIVE" : "does not hold";
}

/* A line for each that does not hold. */
static bool say_results(const struct report *report, const struct expectation_results *results)
{
	bool all = true;

	for (size_t i = 0; i < results->cnt; i++) {
		const struct expectation_result *r = &results->at[i];

		if (r->outcome == EXPECTATION_HOLDS)
			continue;
		all = false;
		log_error("--expect=%s %s: %s", r->expectation->text, say_outcome(report, r),
			  r->why);
	}
	return all;
}

/* Says on stderr why the status is not EXIT_RAN. */
static enum exit_status judge(const struct report *report,
			      const struct expectation_results *results)
{
	bool all = say_results(report, results);
	const char *missing = report->loss.incomplete    ? report->loss.reason
			      : report__is_short(report) ? report->shortfall
							 : NULL;

	if (missing && !results->cnt)
		log_error("the result is incomplete: %s", missing);
	if (missing)
		return EXIT_INCOMPLETE;
	return all ? EXIT_RAN : EXIT_UNEXPECTED;
}

static int draw_below(const struct report *report, FILE *out, const struct terminal *terminal)
{
	struct explain_choice choice;
	int err = explain__choose(report, 0, &choice);

	if (err || !choice.id)
		return err;
	fputc('\n', out);
	return explain__write(out, report, &choice, terminal);
}

enum exit_status conclude__drawing(const struct report *report, const struct explain_choice *choice,
				   struct outfile *out, const struct options *options)
{
	struct terminal terminal = describe_terminal(options, out->stream);
	int err = explain__write(out->stream, report, choice, &terminal);
	struct error error = {0};

	if (outfile__finish(out, err, "the drawing", &error))
		return command__fail(&error);
	return judge(report, &(struct expectation_results){0});
}

int conclude__check(const struct outfile *out, const struct options *options, struct error *error)
{
	if (!render_format__is_binary(options->format) || !isatty(fileno(out->stream)))
		return 0;
	return error__set(error, FAULT_INPUT, -EINVAL,
			  "a trace for Perfetto is nothing for a terminal: write it to a file with "
			  "-o FILE, or pipe it");
}

/* Whatever was asked for, there must be something to make it of. */
static int check_contents(const struct report *report, const struct options *options,
			  struct error *error)
{
	if (!render_format__wants_stacks(options->format) || report->stack_cnt ||
	    !report->totals.summary.wakes)
		return 0;
	return error__set(error, FAULT_INPUT, -ENODATA,
			  "there are no stacks in these records: trace with --stacks");
}

static int write_report(const struct report *report, const struct options *options,
			const struct expectation_results *results, FILE *out)
{
	struct render_options how = render_options(options, results, out);
	int err = render__report(out, report, &how);

	return !err && draws_below(options) ? draw_below(report, out, &how.terminal) : err;
}

enum exit_status conclude__report(const struct report *report, struct outfile *out,
				  const struct options *options)
{
	struct expectation_results results;
	struct error error = {0};
	int err = check_contents(report, options, &error);

	if (err) {
		outfile__discard(out);
		return command__fail(&error);
	}
	err = expectations__judge(&options->expects, report, &results);
	if (!err)
		err = write_report(report, options, &results, out->stream);
	if (outfile__finish(out, err, "the report", &error))
		return command__fail(&error);
	return judge(report, &results);
}
