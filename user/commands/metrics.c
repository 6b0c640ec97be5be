// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/version.h"
#include "metrics/exporter.h"
#include "run/interrupt.h"
#include "run/run.h"

/* What node_exporter looks for each time it is asked, mostly. */
#define INTERVAL_SEC 15

static struct run_options run_options(const struct options *o, const struct run_view *view)
{
	return (struct run_options){
		.command = o->command,
		.whom = &o->whom,
		.user = o->user,
		.output_fd = -1,
		.duration_sec = o->duration_sec,
		.wait_sec = o->wait_sec,
		.view = view,
		.tracer = o->tracer,
	};
}

static int check_textfile(const char *name, struct error *error)
{
	size_t len = strlen(name);

	if (len < 5 || strcmp(name + len - 5, ".prom"))
		log_note("node_exporter reads no file whose name does not end in .prom");
	return exporter__check_textfile(name, error);
}

/* Whatever can be known to fail does so before anything is attached. */
static int open_exporter(struct exporter *e, struct endpoint *endpoint, const struct options *o,
			 struct error *error)
{
	int err;

	e->textfile = o->textfile;
	if (o->textfile)
		return check_textfile(o->textfile, error);
	e->endpoint = endpoint;
	err = endpoint__open(endpoint, o->listen ? o->listen : ENDPOINT_DEFAULT, NULL, error);
	if (!err)
		log_note("metrics are at %s", endpoint->url);
	return err;
}

static enum exit_status run(const struct options *o, struct exporter *e)
{
	double interval = o->interval_sec > 0 ? o->interval_sec : INTERVAL_SEC;
	struct run_view view = exporter__view(e, interval * NS_PER_SEC);
	struct run_options options = run_options(o, &view);
	struct error error = {0};
	struct run_result result;
	enum exit_status status = EXIT_RAN;
	int err = run__trace(&options, NULL, &result, &error);

	if (!err && *result.problem)
		err = error__set(&error, FAULT_DATA, -ENODATA, "%s", result.problem);
	if (err)
		status = command__fail(&error);
	else if (result.report->loss.incomplete)
		log_note("the metrics were incomplete: %s", result.report->loss.reason);
	report__free(result.report);
	tracer__free(result.tracer);
	return status;
}

enum exit_status command__metrics(const struct options *o)
{
	struct endpoint endpoint = ENDPOINT_CLOSED;
	struct exporter exporter = {.version = HERDTRACE_VERSION};
	enum exit_status status;
	struct error error = {0};
	struct utsname system;

	exporter.kernel = uname(&system) ? "" : system.release;
	interrupt__catch();
	status = open_exporter(&exporter, &endpoint, o, &error) ? command__fail(&error)
								: run(o, &exporter);
	endpoint__close(&endpoint);
	exporter__drop(&exporter);
	return status;
}
