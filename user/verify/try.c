// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/interrupt.h"
#include "verify/netns.h"
#include "run/run.h"

/* A run that lost data or connections is made again, so often at most; but not one that took long,
 * as the next would. What it measured does not matter for that. */
#define ATTEMPTS_MAX 3
#define LONG_RUN_NS  UINT64_C(10000000000)

/* "-q", "-w", the number of workers and NULL come on top of a server's own words. */
#define EXTRA_WORDS 4

/* ---- the command ---- */

static char *make_text(const char *format, const char *a, const char *b)
{
	char *text;

	return asprintf(&text, format, a, b) < 0 ? NULL : text;
}

static char **make_command(const struct verify_context *v, const struct claim *claim,
			   const char *const *words)
{
	char **command = calloc(CLAIM_WORDS + EXTRA_WORDS, sizeof(*command)), number[16];
	size_t cnt = 0;

	if (!command)
		return NULL;
	snprintf(number, sizeof(number), "%u", claim->workers);
	command[cnt++] = make_text("%s/%s", v->servers, words[0]);
	while (words[cnt]) {
		command[cnt] = strdup(words[cnt]);
		cnt++;
	}
	command[cnt++] = strdup("-q");
	command[cnt++] = strdup("-w");
	command[cnt++] = strdup(number);
	for (size_t i = 0; i < cnt; i++)
		if (!command[i])
			return NULL;
	return command;
}

/* ---- one attempt ---- */

static struct run_options run_options(const struct verify_context *v, const struct claim *claim,
				      char *const *command, int output_fd)
{
	return (struct run_options){
		.command = command,
		.output_fd = output_fd,
		.has_client = true,
		.client = {.connections = claim->connections,
			   .concurrency = claim->concurrency,
			   .gap_ms = -1,
			   .cpus = claim->each_cpu ? claim->workers : 0},
		.then_signal = claim->then_signal,
		.keeps_rows = true,
		.tracer = v->tracer_options,
	};
}

/* What the server said first, for the reason why it did not work. */
static void add_output(char *reason, size_t size, int output_fd)
{
	char line[128];
	ssize_t got = pread(output_fd, line, sizeof(line) - 1, 0);
	size_t used = strlen(reason);

	if (got <= 0)
		return;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	snprintf(reason + used, size - used, ": %s", line);
}

static int keep_counts(struct verify_run *run, const struct report *report)
{
	free(run->workers);
	run->worker_cnt = 0;
	run->workers = calloc(report->totals.worker_cnt + 1, sizeof(*run->workers));
	if (!run->workers)
		return -ENOMEM;
	for (size_t i = 0; i < report->totals.worker_cnt; i++)
		run->workers[run->worker_cnt++] = (struct verify_worker){
			.tid = report->totals.workers[i].tid,
			.wakes = report->totals.workers[i].wakes,
			.lock = report->totals.workers[i].lock_wakes,
		};
	run->summary = report->totals.summary;
	run->ended_ns = report->ended_ns;
	return 0;
}

static int judge(struct verify_run *run, const struct verify_context *v, const struct claim *claim,
		 const struct run_result *result, int output_fd)
{
	struct claim_view view = {
		.claim = claim,
		.report = result->report,
		.cpus = v->cpus.list,
		.cpu_cnt = v->cpus.cnt,
	};
	int err;

	err = report__load(result->report);
	if (err)
		return err;
	claim__judge(&view, result->server_status, result->problem, &run->finding);
	if (*result->problem)
		add_output(run->finding.reason, sizeof(run->finding.reason), output_fd);
	run->begun_ns = result->begun_ns;
	return keep_counts(run, result->report);
}

/* True in *again: another attempt may say more. */
static int attempt(struct verify_run *run, const struct verify_context *v,
		   const struct claim *claim, bool *again)
{
	int output_fd = memfd_create("output", MFD_CLOEXEC), err = 0;
	struct run_options options = run_options(v, claim, run->command, output_fd);
	struct run_result result;
	struct error error = {0};

	run->attempts++;
	*again = false;
	if (!run__trace(&options, v->tracer, &result, &error)) {
		err = judge(run, v, claim, &result, output_fd);
		*again = !*result.problem && !*run->finding.measured &&
			 run->ended_ns - run->begun_ns < LONG_RUN_NS;
	} else {
		snprintf(run->finding.reason, sizeof(run->finding.reason), "the run failed: %.*s",
			 DETAIL_SIZE - 32, error.text);
	}
	report__free(result.report);
	if (output_fd >= 0)
		close(output_fd);
	return err;
}

/* ---- one server ---- */

/* What can be known before: false and a reason. */
static bool is_ready(struct verify_run *run, const struct claim *claim)
{
	const char *what = run->command[0];
	int err = access(what, X_OK) ? -errno : 0;

	if (!err) {
		what = "cannot set net.ipv4.tcp_migrate_req";
		err = netns__set_migrate(claim->migrate);
	}
	if (err)
		snprintf(run->finding.reason, sizeof(run->finding.reason), "%s: %s", what,
			 strerror(-err));
	return !err;
}

static int try_server(struct verify_run *run, const struct verify_context *v,
		      const struct claim *claim, const char *const *words)
{
	bool again = true;
	int err = 0;

	run->command = make_command(v, claim, words);
	if (!run->command || setenv("HERDTRACE_CLAIM", claim->id, 1))
		return -ENOMEM;
	if (!is_ready(run, claim))
		return 0;
	while (!err && again && run->attempts < ATTEMPTS_MAX && !interrupt__seen())
		err = attempt(run, v, claim, &again);
	return err;
}

int verify_claim__try(struct verify_claim *c, const struct verify_context *v)
{
	int err = 0;

	for (size_t i = 0; !err && i < CLAIM_SERVERS && c->claim->servers[i][0]; i++)
		err = try_server(&c->runs[c->run_cnt++], v, c->claim, c->claim->servers[i]);
	verify_claim__conclude(c);
	return err;
}
