// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/conclude.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/expectation.h"
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

static struct render_options render_options(const struct options *options, FILE *out)
{
	return (struct render_options){
		.format = options->format,
		.summary_only =
			options->summary_only || (draws_below(options) && !options->rows.given),
		.verbose = options->verbose,
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
	return !options->summary_only || options->listener || conclude__needs_stories(options);
}

/* ---- what was expected ---- */

static const struct {
	const char *disease;
	size_t verdict; /* its place in struct verdicts */
	enum verdict wanted;
} expectations[EXPECT_CNT] = {
#define WANTS(name, value)                                              \
	{                                                               \
#name, offsetof(struct verdicts, name), VERDICT_##value \
	}
	[EXPECT_HERD] = WANTS(herd, PROVED),
	[EXPECT_NO_HERD] = WANTS(herd, REFUTED),
	[EXPECT_SKEW] = WANTS(skew, PROVED),
	[EXPECT_NO_SKEW] = WANTS(skew, REFUTED),
	[EXPECT_STRANDING] = WANTS(stranding, PROVED),
	[EXPECT_NO_STRANDING] = WANTS(stranding, REFUTED),
};

static enum exit_status explain_incomplete(const char *reason, unsigned expects)
{
	if (!expects)
		log_error("the result is incomplete: %s", reason);
	for (enum expectation e = 0; e < EXPECT_CNT; e++)
		if (expects & EXPECT_BIT(e))
			log_error("--expect=%s is not decided: the result is incomplete: %s",
				  expectation__name(e), reason);
	return EXIT_INCOMPLETE;
}

static bool holds(const struct verdicts *verdicts, enum expectation e)
{
	const struct report_verdict *v =
		(const void *)((const char *)verdicts + expectations[e].verdict);

	if (v->value == expectations[e].wanted)
		return true;
	log_error("--expect=%s does not hold: %s is %s: %s", expectation__name(e),
		  expectations[e].disease, verdict__name(v->value), v->reason);
	return false;
}

/* A line for each that does not hold. */
static enum exit_status judge_verdicts(const struct verdicts *verdicts, unsigned expects)
{
	bool all = true;

	for (enum expectation e = 0; e < EXPECT_CNT; e++)
		if (expects & EXPECT_BIT(e))
			all &= holds(verdicts, e);
	return all ? EXIT_RAN : EXIT_UNEXPECTED;
}

/* Says on stderr why the status is not EXIT_RAN. */
static enum exit_status judge(const struct report *report, unsigned expects)
{
	if (report->loss.incomplete)
		return explain_incomplete(report->loss.reason, expects);
	if (report__is_short(report))
		return explain_incomplete(report->shortfall, expects);
	return judge_verdicts(&report->verdicts, expects);
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
	return judge(report, options->expects);
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

enum exit_status conclude__report(const struct report *report, struct outfile *out,
				  const struct options *options)
{
	struct render_options how = render_options(options, out->stream);
	struct error error = {0};
	int err = check_contents(report, options, &error);

	if (err) {
		outfile__discard(out);
		return command__fail(&error);
	}
	err = render__report(out->stream, report, &how);
	if (!err && draws_below(options))
		err = draw_below(report, out->stream, &how.terminal);
	if (outfile__finish(out, err, "the report", &error))
		return command__fail(&error);
	return judge(report, options->expects);
}
