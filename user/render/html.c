// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * One file for a browser: the page of render/html/, which tools/page puts together when herdtrace is built, with the data
 * of the run in its middle, as JSON in an element that is not run. The page makes elements and texts of it, never HTML.
 */

#include <errno.h>

#include "build/page.h"
#include "render/formats.h"
#include "render/html_rows.h"
#include "report/words.h"

/* Of what may be not known; then it is empty. */
static void put_text(struct json_text *to, const char *key, const char *text)
{
	json_text__string(to, key, text ? text : "");
}

/* A field of an object; 0 is null. */
static void put_moment(struct json_text *to, const char *key, uint64_t ns)
{
	json_text__number_or_null(to, key, ns / 1000000);
}

static void put_texts(struct json_text *to, const char *key, char *const *texts, size_t cnt)
{
	json_text__open(to, key, '[');
	for (size_t i = 0; i < cnt; i++)
		json_text__string(to, NULL, texts[i]);
	json_text__close(to, ']');
}

/* The words behind the numbers of rows. */
static void put_words(struct json_text *to)
{
	json_text__open(to, "outcomes", '[');
	for (unsigned i = 0; i < OUTCOME_CNT; i++)
		json_text__string(to, NULL, wake_outcome__name(i));
	json_text__close(to, ']');
	json_text__open(to, "causes", '[');
	for (unsigned i = 0; i < CAUSE_CNT; i++)
		json_text__string(to, NULL, wake_cause__name(i));
	json_text__close(to, ']');
	json_text__open(to, "ends", '[');
	for (unsigned i = CONNECTION_ACCEPTED; i <= CONNECTION_LOST; i++)
		json_text__string(to, NULL, connection_end__name(i));
	json_text__close(to, ']');
}

static void put_outcomes(struct json_text *to, const uint64_t outcome[OUTCOME_CNT])
{
	json_text__open(to, "outcome", '[');
	for (unsigned i = 0; i < OUTCOME_CNT; i++)
		json_text__number(to, NULL, outcome[i]);
	json_text__close(to, ']');
}

static void put_facts(struct json_text *to, const struct report *report)
{
	put_text(to, "kernel", report->kernel_release);
	put_text(to, "arch", report->kernel_arch);
	put_text(to, "mode", report->attach_mode);
	put_text(to, "version", report->version);
	put_text(to, "host", report->host);
	put_moment(to, "begin_ms", report->wall_begun_ns);
	put_moment(to, "end_ms", report->wall_ended_ns);
	put_text(to, "server_exit", report->server_exit);
	put_texts(to, "command", report->command, report->command_cnt);
	put_texts(to, "notes", report->notes, report->note_cnt);
	put_text(to, "incomplete", report->loss.incomplete ? report->loss.reason : "");
	put_text(to, "shortfall", report__is_short(report) ? report->shortfall : "");
}

static void put_summary(struct json_text *to, const struct report_summary *summary)
{
	json_text__open(to, "summary", '{');
	json_text__number(to, "connections", summary->connections);
	json_text__number(to, "accepted", summary->accepted);
	json_text__number(to, "waiting", summary->waiting);
	json_text__number(to, "lost", summary->lost);
	json_text__number(to, "accepted_untracked", summary->accepted_untracked);
	json_text__number(to, "wakes", summary->wakes);
	json_text__number(to, "wasted", summary->wasted);
	json_text__number(to, "wasted_cpu_ns", summary->wasted_cpu_ns);
	put_outcomes(to, summary->outcome);
	json_text__close(to, '}');
}

static void put_verdict(struct json_text *to, const char *name,
			const struct report_verdict *verdict)
{
	json_text__open(to, name, '{');
	json_text__string(to, "value", verdict__name(verdict->value));
	put_text(to, "reason", verdict->reason);
	json_text__close(to, '}');
}

static void put_verdicts(struct json_text *to, const struct verdicts *verdicts)
{
	json_text__open(to, "verdicts", '{');
	put_verdict(to, "herd", &verdicts->herd);
	put_verdict(to, "skew", &verdicts->skew);
	put_verdict(to, "stranding", &verdicts->stranding);
	json_text__close(to, '}');
	put_text(to, "advice", verdicts->advice);
}

static void put_listeners(struct json_text *to, const struct totals *totals)
{
	json_text__open(to, "listeners", '[');
	for (size_t i = 0; i < totals->listener_cnt; i++) {
		const struct report_listener *listener = &totals->listeners[i];

		json_text__open(to, NULL, '{');
		json_text__number(to, "id", listener->id);
		put_text(to, "address", listener->address);
		json_text__number(to, "group", listener->reuseport_group);
		json_text__number(to, "connections", listener->connections);
		json_text__number(to, "accepted", listener->accepted);
		json_text__close(to, '}');
	}
	json_text__close(to, ']');
}

static void put_workers(struct json_text *to, const struct totals *totals)
{
	json_text__open(to, "workers", '[');
	for (size_t i = 0; i < totals->worker_cnt; i++) {
		const struct report_worker *worker = &totals->workers[i];

		json_text__open(to, NULL, '{');
		json_text__number(to, "id", worker->id);
		json_text__number(to, "pid", worker->pid);
		json_text__number(to, "tid", worker->tid);
		json_text__string(to, "comm", worker->comm);
		json_text__number(to, "wakes", worker->wakes);
		json_text__number(to, "accepted", worker->accepted);
		put_outcomes(to, worker->outcome);
		json_text__number(to, "wasted_cpu_ns", worker->wasted_cpu_ns);
		json_text__boolean(to, "waited", worker->waited);
		json_text__close(to, '}');
	}
	json_text__close(to, ']');
	json_text__number(to, "other_workers", totals->folded.workers);
}

static int put_data(FILE *out, const struct report *report, const struct render_options *options)
{
	struct json_text to;
	int err, written;

	json_text__begin(&to, out, 0, false);
	to.dense = true;
	json_text__open(&to, NULL, '{');
	json_text__string(&to, "schema", "herdtrace-page/1");
	put_words(&to);
	put_facts(&to, report);
	put_summary(&to, &report->totals.summary);
	put_verdicts(&to, &report->verdicts);
	put_listeners(&to, &report->totals);
	put_workers(&to, &report->totals);
	err = html_rows__write(&to, report, options);
	json_text__close(&to, '}');
	written = json_text__end(&to);
	return err ? err : written;
}

/* The stream does not keep why it failed. */
static int put_bytes(FILE *out, const void *bytes, size_t len)
{
	errno = 0;
	if (fwrite(bytes, 1, len, out) == len)
		return 0;
	return errno ? -errno : -EIO;
}

int render_html__write(FILE *out, const struct report *report, const struct render_options *options)
{
	static const char before[] = "<script type=\"application/json\" id=\"run\">";
	static const char after[] = "</script>\n";
	int err = put_bytes(out, page_head, sizeof(page_head));

	err = err ? err : put_bytes(out, before, sizeof(before) - 1);
	err = err ? err : put_data(out, report, options);
	err = err ? err : put_bytes(out, after, sizeof(after) - 1);
	return err ? err : put_bytes(out, page_tail, sizeof(page_tail));
}
