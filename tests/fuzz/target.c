// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * libFuzzer's target: what `herdtrace report` makes of any bytes, in every format. Besides of what the
 * sanitizers see, the report has to be sound and harmless, and the sums in its JSON to agree.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "explain/explain.h"
#include "fuzz.h"
#include "model/model.h"
#include "record/recording.h"
#include "records.h"
#include "render/render.h"
#include "report/restrict.h"
#include "report/verdict.h"

/* Told at the end: whether enough inputs get far enough for this to mean something. */
static struct {
	unsigned long inputs, read, complete;
} count;

static void __attribute__((destructor)) tell_counts(void)
{
	fprintf(stderr, "fuzz: %lu inputs, %lu read to their end, %lu of them complete\n",
		count.inputs, count.read, count.complete);
}

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* ---- harmless ---- */

/* No byte that a terminal obeys, C1 in UTF-8 included; the escapes of our own colors aside. */
static bool is_harmless(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = text[i], next = i + 1 < len ? text[i + 1] : 0xff;

		if ((byte < 0x20 && byte != '\n') || byte == 0x7f || (byte == 0xc2 && next < 0xa0))
			return false;
	}
	return true;
}

/* ---- sums ---- */

static json_int_t integer(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	expect(json_is_integer(value), "a number that is none in JSON");
	return json_integer_value(value);
}

static json_int_t sum_causes(const json_t *causes)
{
	json_int_t sum = 0;

	for (void *at = json_object_iter((json_t *)causes); at;
	     at = json_object_iter_next((json_t *)causes, at))
		if (strcmp(json_object_iter_key(at), "lock"))
			sum += json_integer_value(json_object_iter_value(at));
	return sum;
}

static json_int_t sum_workers(const json_t *workers)
{
	const json_t *worker;
	json_int_t sum = 0;
	size_t i;

	json_array_foreach (workers, i, worker)
		sum += integer(worker, "wakes");
	return sum;
}

static json_int_t sum_connections(const json_t *connections)
{
	const json_t *connection, *wake;
	json_int_t sum = 0;
	size_t i, j;

	json_array_foreach (connections, i, connection)
		json_array_foreach (json_object_get(connection, "wakes"), j, wake)
			sum += strcmp(json_string_value(json_object_get(wake, "cause")), "lock") !=
			       0;
	return sum;
}

static void check_json(const char *text, size_t len, bool complete)
{
	json_t *report = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *summary = json_object_get(report, "summary");
	json_int_t wakes;

	expect(summary, "JSON that cannot be parsed");
	wakes = integer(summary, "wakes");
	if (complete) {
		expect(sum_causes(json_object_get(summary, "wakes_by_cause")) == wakes,
		       "wakes by cause");
		expect(sum_workers(json_object_get(report, "workers")) == wakes,
		       "wakes of the workers");
		expect(sum_connections(json_object_get(report, "connections")) == wakes,
		       "wakes of the connections");
	}
	json_decref(report);
}

/* ---- the way of a recording ---- */

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* The data of a page, which stand in its middle, are JSON, and no byte of them is one of HTML. */
static void check_page(const char *text)
{
	static const char before[] = "<script type=\"application/json\" id=\"run\">";
	const char *data = strstr(text, before), *end = data ? strstr(data, "</script>") : NULL;
	json_t *document;
	size_t len;

	expect(end, "a page without its data");
	data += sizeof(before) - 1;
	len = (size_t)(end - data);
	expect(is_harmless(data, len), "a harmful byte in a page");
	expect(!memchr(data, '<', len) && !memchr(data, '>', len) && !memchr(data, '&', len),
	       "HTML in the data of a page");
	document = json_loadb(data, len, 0, NULL);
	expect(document, "data that are no JSON");
	json_decref(document);
}

/* A trace is packets one after the other, each behind field 1 of a trace and its length. */
static void check_trace(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len;

	while (at < end) {
		uint64_t size = 0;
		unsigned shift = 0;

		expect(*at++ == (1 << 3 | 2), "a packet that is none");
		do {
			expect(at < end && shift < 35, "a packet without a length");
			size |= (uint64_t)(*at & 0x7f) << shift;
			shift += 7;
		} while (*at++ & 0x80);
		expect(size <= (uint64_t)(end - at), "a packet that is cut");
		at += size;
	}
}

/* What was expected of the run: each number, at limits that some runs are on either side of, and each verdict. */
static void judge(const struct report *report, struct expectation_results *results)
{
	static struct expectations expected;

	for (size_t i = 0; !expected.cnt && i < quantity_cnt; i++)
		expected.at[i] = (struct expectation){.text = quantities[i].name,
						      .quantity = &quantities[i],
						      .relation = i % (RELATION_MORE + 1),
						      .limit = i % 5};
	for (enum disease d = DISEASE_HERD; d <= DISEASE_STRANDING; d++)
		expected.at[quantity_cnt + d] = (struct expectation){
			.text = "<&\033|`", .disease = d, .wanted = VERDICT_PROVED};
	expected.cnt = quantity_cnt + DISEASE_STRANDING + 1;
	expect(!expectations__judge(&expected, report, results),
	       "expectations that are not judged");
}

/* XML: no character of a name is one of its own, and all that was expected is there. */
static void check_junit(const char *text, size_t len)
{
	size_t cases = 0;

	expect(is_harmless(text, len), "a harmful byte in XML");
	for (const char *at = text; (at = strchr(at, '<')); at++) {
		expect(at[1] == '/' || at[1] == '?' || (at[1] >= 'a' && at[1] <= 'z'),
		       "a name that is an element");
		cases += !strncmp(at, "<testcase ", 10);
	}
	expect(cases == quantity_cnt + DISEASE_STRANDING + 1, "a case that is missing");
}

/* As many results as were planned. */
static void check_tap(const char *text, size_t len)
{
	size_t cases = 0;

	expect(is_harmless(text, len), "a harmful byte in TAP");
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		cases += !strncmp(at, "\nok ", 4) || !strncmp(at, "\nnot ok ", 8);
	expect(cases == quantity_cnt + DISEASE_STRANDING + 1, "a result that is missing");
}

static void check_text(enum render_format format, const char *text, size_t len)
{
	if (format == RENDER_HTML)
		check_page(text);
	else if (format == RENDER_JUNIT)
		check_junit(text, len);
	else if (format == RENDER_TAP)
		check_tap(text, len);
	else if (format == RENDER_PERFETTO)
		check_trace(text, len);
	else
		expect(is_harmless(text, len), "a byte that a terminal obeys");
}

/* The connection from which there is most to learn. */
static void draw(const struct report *report, unsigned width)
{
	const struct terminal terminal = {.ascii = width % 5 == 0, .width = width};
	struct explain_choice choice;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	expect(out && !explain__choose(report, 0, &choice), "no connection is chosen");
	if (choice.id)
		expect(!explain__write(out, report, &choice, &terminal),
		       "a connection that cannot be drawn");
	fclose(out);
	expect(is_harmless(text, len), "a byte that a terminal obeys, in a drawing");
	expect(!terminal.ascii || is_ascii(text, len),
	       "a byte that a terminal cannot show, in a drawing");
	free(text);
}

static void render(const struct report *report, enum render_format format, unsigned width)
{
	static struct expectation_results results;
	const struct render_options options = {
		.format = format,
		.summary_only = !report->rows,
		.results = &results,
		.verbose = width % 2,
		.rows = {.given = width % 3, .most = width % 7},
		.terminal = {.ascii = width % 5 == 0, .width = width},
	};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	expect(out, "no memory");
	judge(report, &results);
	expect(!render__report(out, report, &options), "a report that cannot be written");
	fclose(out);
	check_text(format, text, len);
	expect(format != RENDER_TABLE || !options.terminal.ascii || is_ascii(text, len),
	       "a byte that a terminal cannot show");
	if (format == RENDER_JSON)
		check_json(text, len, report->rows && !report->loss.incomplete);
	free(text);
}

/* The books of one listener are as good as those of all. */
static void check_restricted(struct report *report)
{
	const struct totals *totals = &report->totals;
	uint64_t wakes = 0, accepted = 0;

	expect(report__restrict(report, "1") >= 0, "rows that cannot be counted anew");
	for (size_t i = 0; i < totals->worker_cnt; i++) {
		wakes += totals->workers[i].wakes;
		accepted += totals->workers[i].accepted;
	}
	expect(wakes == totals->summary.wakes, "wakes of the workers of a listener");
	expect(accepted <= totals->summary.accepted, "connections of the workers of a listener");
}

/* Returns whether all of it was read. */
static bool read_all(FILE *in, struct model *model)
{
	struct stream stream = {0};
	struct error error = {0};
	int err;

	stream__add_sink(&stream, model__take, model);
	err = recording__read(in, "fuzz.rec", &stream, &error);
	expect(error.fault == (err ? FAULT_INPUT : FAULT_NONE), "a refusal without a word");
	expect(is_harmless(error.text, strlen(error.text)), "a harmful message");
	return !err;
}

/* Nothing but rows may depend on whether there are rows. */
static void check_summary(const struct report *report, FILE *in)
{
	struct model *model = model__new();
	struct report *summary;
	const char *wrong;

	rewind(in);
	expect(model && read_all(in, model), "a recording that cannot be read again");
	summary = model__finish(model, NULL);
	expect(summary && !verdicts__decide(&summary->verdicts, &summary->totals, &summary->loss),
	       "no verdicts on a summary");
	wrong = report__differs(report, summary);
	expect(!wrong, wrong);
	render(summary, RENDER_TABLE, 80);
	render(summary, RENDER_JSON, 80);
	report__free(summary);
	model__free(model);
}

static void check_report(struct report *report, FILE *in)
{
	const char *wrong;

	expect(!verdicts__decide(&report->verdicts, &report->totals, &report->loss), "no verdicts");
	for (unsigned format = 0; format < RENDER_FORMAT_CNT; format++)
		render(report, format, report->ended_ns % 160);
	draw(report, report->ended_ns % 160);
	expect(!report__load(report), "rows that cannot be read");
	wrong = report__malformed(report);
	if (!wrong && !report->loss.incomplete)
		wrong = report__unbalanced(report);
	expect(!wrong, wrong);
	count.complete += !report->loss.incomplete;
	check_summary(report, in);
	check_restricted(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model *model = model__new();
	struct rows *rows = rows__new();
	FILE *in = size ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "re");
	struct report *report;

	expect(model && rows && in, "no memory");
	model__add_sink(model, rows__take, rows);
	model__keep_stories(model);
	count.inputs++;
	if (read_all(in, model)) {
		count.read++;
		report = model__finish(model, rows);
		expect(report, "no report");
		check_report(report, in);
		report__free(report);
	} else {
		rows__free(rows);
	}
	fclose(in);
	model__free(model);
	return 0;
}
