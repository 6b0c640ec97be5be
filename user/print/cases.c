// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/cases.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "print/xml.h"

static size_t count(const struct test_suite *s, enum case_outcome outcome)
{
	size_t cnt = 0;

	for (size_t i = 0; i < s->case_cnt; i++)
		cnt += s->cases[i].outcome == outcome;
	return cnt;
}

/* ---- JUnit: docs/schema/junit.xsd has what is used of it ---- */

/* Whole numbers only: the point is not the locale's. */
static void put_time(FILE *out, uint64_t ns)
{
	fprintf(out, " time=\"%" PRIu64 ".%03" PRIu64 "\"", ns / NS_PER_SEC, ns / NS_PER_MS % 1000);
}

static void put_counts(FILE *out, const struct test_suite *s)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < s->case_cnt; i++)
		ns += s->cases[i].took_ns;
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", s->case_cnt,
		count(s, CASE_FAILED), count(s, CASE_ERROR));
	put_time(out, ns);
}

static void put_properties(FILE *out, const struct test_suite *s)
{
	if (!s->property_cnt)
		return;
	fputs("    <properties>\n", out);
	for (size_t i = 0; i < s->property_cnt; i++) {
		if (!s->properties[i].value || !*s->properties[i].value)
			continue;
		fputs("      <property", out);
		xml__attribute(out, "name", s->properties[i].name);
		xml__attribute(out, "value", s->properties[i].value);
		fputs("/>\n", out);
	}
	fputs("    </properties>\n", out);
}

static void put_result(FILE *out, const struct test_case *c)
{
	static const char *const elements[] = {
		[CASE_FAILED] = "failure", [CASE_ERROR] = "error", [CASE_SKIPPED] = "skipped"};
	const char *element = elements[c->outcome];

	fprintf(out, ">\n      <%s", element);
	if (c->outcome != CASE_SKIPPED)
		xml__attribute(out, "type", c->type);
	xml__attribute(out, "message", c->message);
	/* Some show the attribute only, some the text only. */
	fputc('>', out);
	xml__text(out, c->message);
	fprintf(out, "</%s>\n    </testcase>\n", element);
}

static void put_case(FILE *out, const struct test_case *c)
{
	fputs("    <testcase", out);
	xml__attribute(out, "classname", c->group);
	xml__attribute(out, "name", c->name);
	put_time(out, c->took_ns);
	if (c->outcome != CASE_PASSED) {
		put_result(out, c);
		return;
	}
	if (!*c->message) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n      <system-out>", out);
	xml__text(out, c->message);
	fputs("</system-out>\n    </testcase>\n", out);
}

void cases_junit__write(FILE *out, const struct test_suite *s)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"herdtrace\"", out);
	put_counts(out, s);
	fputs(">\n  <testsuite", out);
	xml__attribute(out, "name", s->name);
	put_counts(out, s);
	fprintf(out, " skipped=\"%zu\"", count(s, CASE_SKIPPED));
	if (s->host && *s->host)
		xml__attribute(out, "hostname", s->host);
	fputs(">\n", out);
	put_properties(out, s);
	for (size_t i = 0; i < s->case_cnt; i++)
		put_case(out, &s->cases[i]);
	fputs("  </testsuite>\n</testsuites>\n", out);
}

/* ---- TAP ---- */

/* "#" would begin a directive, such as SKIP; a backslash says that it does not. */
static void put_description(FILE *out, const char *text)
{
	const char *from = text;
	char piece[TEXT_PIECE_SIZE];

	while (text__take(&from, piece)) {
		if (piece[0] == '#' || piece[0] == '\\')
			fputc('\\', out);
		fputs(piece, out);
	}
}

/* A text in double quotes, in YAML. */
static void put_quoted(FILE *out, const char *key, const char *text)
{
	const char *from = text;
	char piece[TEXT_PIECE_SIZE];

	fprintf(out, "  %s: \"", key);
	while (text__take(&from, piece)) {
		if (piece[0] == '"' || piece[0] == '\\')
			fputc('\\', out);
		fputs(piece, out);
	}
	fputs("\"\n", out);
}

static void put_line(FILE *out, const struct test_case *c, size_t number)
{
	bool is_ok = c->outcome == CASE_PASSED || c->outcome == CASE_SKIPPED;

	fprintf(out, "%sok %zu - ", is_ok ? "" : "not ", number);
	put_description(out, c->name);
	if (c->outcome == CASE_SKIPPED) {
		fputs(" # SKIP ", out);
		put_description(out, c->message);
	}
	fputc('\n', out);
	if (c->outcome == CASE_SKIPPED || (is_ok && !*c->message))
		return;
	fputs("  ---\n", out);
	put_quoted(out, "message", c->message);
	if (!is_ok)
		put_quoted(out, "severity", c->type);
	fputs("  ...\n", out);
}

void cases_tap__write(FILE *out, const struct test_suite *s)
{
	fprintf(out, "TAP version 13\n1..%zu\n", s->case_cnt);
	for (size_t i = 0; i < s->property_cnt; i++) {
		if (!s->properties[i].value || !*s->properties[i].value)
			continue;
		fprintf(out, "# %s ", s->properties[i].name);
		text__print(out, s->properties[i].value);
		fputc('\n', out);
	}
	for (size_t i = 0; i < s->case_cnt; i++)
		put_line(out, &s->cases[i], i + 1);
}
