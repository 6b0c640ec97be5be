// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "base/outfile.h"
#include "cli/command_table.h"
#include "commands/conclude.h"
#include "commands/enough.h"
#include "record/recorder.h"
#include "run/interrupt.h"
#include "run/run.h"
#include "target/check.h"

/* Who wants a flame graph wants stacks; a picture shows all who waited. */
static struct tracer_options tracer_options(const struct options *o)
{
	struct tracer_options tracer = o->tracer;

	tracer.stacks |= render_format__wants_stacks(o->format);
	tracer.all_waiters |= conclude__needs_stories(o);
	return tracer;
}

static struct run_options run_options(const struct options *o, struct recorder *recorder)
{
	return (struct run_options){
		.command = o->command,
		.whom = &o->whom,
		.user = o->user,
		.output_fd = -1,
		.has_client = o->has_client,
		.client = o->client,
		.duration_sec = o->duration_sec,
		.wait_sec = o->wait_sec,
		.recorder = o->record ? recorder : NULL,
		.keeps_rows = conclude__needs_rows(o),
		.keeps_stories = conclude__needs_stories(o),
		.listener = o->listener,
		.shows_progress = !o->quiet,
		.tracer = tracer_options(o),
	};
}

/* ---- what a run writes: a report, and a recording with -w ---- */

struct results {
	struct outfile report;
	struct recorder recorder; /* closed without -w */
};

static int open_recorder(struct results *r, const struct options *o, struct error *error)
{
	r->recorder = RECORDER_CLOSED;
	if (!o->record)
		return 0;
	if (outfile__is_at(&r->report, o->record))
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "%s cannot hold both the report and the recording: give -w "
				  "another file",
				  o->record);
	return recorder__open(&r->recorder, o->record, error);
}

static int open_results(struct results *r, const struct options *o, struct error *error)
{
	int err = outfile__open(&r->report, o->output, error);

	if (err)
		return err;
	err = conclude__check(&r->report, o, error);
	err = err ? err : open_recorder(r, o, error);
	if (err)
		outfile__discard(&r->report);
	return err;
}

/* Of a command of ours that is mistyped nobody wants to hear that it cannot be run. */
static int check_mistyped(const struct options *o, struct error *error)
{
	const char *word = o->command ? o->command[0] : "", *near = command_table__near(word);

	if (!near || !check__command(word))
		return 0;
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "there is no command or program '%s': did you mean 'herdtrace %s'?", word,
			  near);
}

/*
 * There is no report. The recording of a run in which nothing listened says so, that of one that broke off is
 * worth keeping; of one that never began, or was refused as it did, it is not.
 */
static enum exit_status fail(struct results *r, const struct run_result *run, bool broke_off,
			     const struct error *error)
{
	enum exit_status status = command__fail(error);
	struct error recording = {0};

	outfile__discard(&r->report);
	if (!r->recorder.file.stream)
		return status;
	if (!run->begun_ns || run->refused)
		recorder__discard(&r->recorder);
	else if (broke_off)
		recorder__leave(&r->recorder, &recording);
	else
		recorder__finish(&r->recorder, &recording);
	if (recording.text[0])
		command__fail(&recording);
	return status;
}

static enum exit_status conclude(struct results *r, const struct report *report,
				 const struct options *o)
{
	struct error error = {0};
	int err = o->record ? recorder__finish(&r->recorder, &error) : 0;
	enum exit_status status = conclude__report(report, &r->report, o);

	return err ? command__fail(&error) : status;
}

/* For who sits there and can start again; the report will say it in any case. */
static void advise(const struct options *o)
{
	char text[256];

	if (isatty(STDERR_FILENO) && enough__describe(o, text, sizeof(text)))
		log_note("%s", text);
}

enum exit_status command__trace_again(const struct options *options, struct tracer *tracer)
{
	struct results results;
	struct run_options run = run_options(options, &results.recorder);
	struct run_result result;
	struct error error = {0};
	enum exit_status status;
	int err;

	if (open_results(&results, options, &error))
		return command__fail(&error);
	interrupt__catch();
	result = (struct run_result){0};
	err = check_mistyped(options, &error);
	if (!err)
		advise(options);
	if (!err)
		err = run__trace(&run, tracer, &result, &error);
	if (!err && *result.problem)
		error__set(&error, FAULT_DATA, -ENODATA, "%s%s", result.problem,
			   result.too_late ? " (--wait SEC gives it more time)" : "");
	if (err || *result.problem)
		status = fail(&results, &result, err, &error);
	else
		status = conclude(&results, result.report, options);
	report__free(result.report);
	tracer__free(result.tracer);
	return status;
}

enum exit_status command__trace(const struct options *options)
{
	return command__trace_again(options, NULL);
}
