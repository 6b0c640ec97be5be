// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A report as Markdown, for the comment on a change: what it comes to, without rows of connections. */
#include "print/markdown.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "render/formats.h"
#include "report/severity.h"

static void put_head(FILE *out, const struct report *report)
{
	fputs("### herdtrace: ", out);
	for (size_t i = 0; i < report->command_cnt; i++) {
		fputs(i ? " " : "", out);
		markdown__name(out, report->command[i]);
	}
	if (!report->command_cnt)
		fputs("a running server", out);
	fputs("\n\nkernel ", out);
	markdown__name(out, report->kernel_release);
	fputs(" ", out);
	markdown__text(out, report->kernel_arch);
	fputs(", traced with ", out);
	markdown__text(out, report->attach_mode);
	fputs("\n\n", out);
}

static void put_expectations(FILE *out, const struct expectation_results *results)
{
	static const char *const words[] = {
		[EXPECTATION_HOLDS] = "HOLDS",
		[EXPECTATION_FAILS] = "**FAILS**",
		[EXPECTATION_INCONCLUSIVE] = "**INCONCLUSIVE**",
	};

	if (!results)
		return;
	fputs("| expected | | why |\n|---|---|---|\n", out);
	for (size_t i = 0; i < results->cnt; i++) {
		const struct expectation_result *r = &results->at[i];

		fputs("| ", out);
		markdown__name(out, r->expectation->text);
		fprintf(out, " | %s | ", words[r->outcome]);
		markdown__text(out, r->why);
		fputs(" |\n", out);
	}
	fputc('\n', out);
}

static void put_verdict(FILE *out, const char *disease, const struct report_verdict *v)
{
	static const char *const words[] = {
		[VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
		[VERDICT_PROVED] = "**PROVED**",
		[VERDICT_REFUTED] = "REFUTED",
	};

	fprintf(out, "| %s | %s | ", disease, words[v->value]);
	markdown__text(out, v->reason);
	fputs(" |\n", out);
}

static void put_verdicts(FILE *out, const struct verdicts *v)
{
	fputs("| verdict | | why |\n|---|---|---|\n", out);
	put_verdict(out, "thundering herd", &v->herd);
	put_verdict(out, "skew", &v->skew);
	put_verdict(out, "stranding", &v->stranding);
	fputc('\n', out);
}

static void put_sums(FILE *out, const struct totals *t)
{
	const struct report_summary *s = &t->summary;
	struct severity severity = severity__of(t);
	char burnt[TEXT_DURATION_SIZE];

	text__duration(burnt, (int64_t)s->wasted_cpu_ns);
	fputs("| connections | accepted | wakes | wakes/connection | wasted | wasted/s | wasted "
	      "CPU "
	      "|\n|--:|--:|--:|--:|--:|--:|--:|\n",
	      out);
	fprintf(out, "| %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | ", s->connections, s->accepted,
		s->wakes);
	if (s->connections)
		fprintf(out, "%.2f", (double)s->wakes / (double)s->connections);
	else
		fputc('-', out);
	fprintf(out, " | %" PRIu64 " | ", s->wasted);
	if (severity.connections_per_sec > 0)
		fprintf(out, "%.3g", severity.wasted_per_sec);
	else
		fputc('-', out);
	fprintf(out, " | %s |\n\n", burnt);
}

static void put_worker(FILE *out, const struct report_worker *w)
{
	const uint64_t *outcome = w->outcome;
	char burnt[TEXT_DURATION_SIZE];

	text__duration(burnt, (int64_t)w->wasted_cpu_ns);
	fprintf(out, "| %u | %" PRIu32 " | ", w->id, w->tid);
	markdown__name(out, w->comm);
	fprintf(out,
		" | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %s |\n",
		w->wakes, w->accepted, outcome[OUTCOME_EAGAIN], outcome[OUTCOME_SWALLOWED],
		outcome[OUTCOME_IDLE], burnt);
}

/* Of a server with thousands nobody wants to read all in a comment. */
#define WORKERS_SHOWN 64

static void put_workers(FILE *out, const struct totals *t)
{
	if (!t->worker_cnt)
		return;
	fputs("| worker | pid | command | wakes | accepted | eagain | swallowed | idle | wasted "
	      "CPU "
	      "|\n|--:|--:|---|--:|--:|--:|--:|--:|--:|\n",
	      out);
	for (size_t i = 0; i < t->worker_cnt && i < WORKERS_SHOWN; i++)
		put_worker(out, &t->workers[i]);
	if (t->worker_cnt > WORKERS_SHOWN)
		fprintf(out, "\n%zu more workers\n", t->worker_cnt - WORKERS_SHOWN);
	fputc('\n', out);
}

static void put_item(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "- %s: ", label);
	markdown__text(out, text);
	fputc('\n', out);
}

int render_markdown__write(FILE *out, const struct report *report,
			   const struct render_options *options)
{
	put_head(out, report);
	put_expectations(out, options->results);
	put_verdicts(out, &report->verdicts);
	put_sums(out, &report->totals);
	put_workers(out, &report->totals);
	if (report->loss.incomplete)
		put_item(out, "**INCOMPLETE**", report->loss.reason);
	for (size_t i = 0; i < report->note_cnt; i++)
		put_item(out, "note", report->notes[i]);
	put_item(out, "server", report->server_exit);
	put_item(out, "advice", report->verdicts.advice);
	return 0;
}
