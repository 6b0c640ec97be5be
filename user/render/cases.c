// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A report as results of tests: a case for each expectation. Where nothing was expected nothing was tested: the verdicts are told,
 * as tests that were skipped, and whether the report is complete.
 */
#include "print/cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "render/formats.h"

#define MESSAGE_SIZE 1024
#define DISEASES     3

struct cases {
	struct test_case at[EXPECTATIONS_MAX + DISEASES + 1];
	size_t cnt;
	char messages[DISEASES][MESSAGE_SIZE];
};

static void add_result(struct cases *c, const struct expectation_result *r)
{
	static const enum case_outcome outcomes[] = {
		[EXPECTATION_HOLDS] = CASE_PASSED,
		[EXPECTATION_FAILS] = CASE_FAILED,
		[EXPECTATION_INCONCLUSIVE] = CASE_ERROR,
	};

	c->at[c->cnt++] = (struct test_case){
		.group = "herdtrace.expect",
		.name = r->expectation->text,
		.outcome = outcomes[r->outcome],
		.type = expectation_outcome__name(r->outcome),
		.message = r->why,
	};
}

static void add_verdict(struct cases *c, const struct report *report, enum disease disease)
{
	const struct report_verdict *v = verdicts__of(&report->verdicts, disease);

	snprintf(c->messages[disease], MESSAGE_SIZE, "nothing was expected; it is %s: %s",
		 verdict__name(v->value), v->reason);
	c->at[c->cnt++] = (struct test_case){
		.group = "herdtrace.verdict",
		.name = disease__name(disease),
		.outcome = CASE_SKIPPED,
		.type = "skipped",
		.message = c->messages[disease],
	};
}

static void add_completeness(struct cases *c, const struct report *report)
{
	const char *missing = report->loss.incomplete ? report->loss.reason : report->shortfall;

	if (!missing)
		missing = "";
	c->at[c->cnt++] = (struct test_case){
		.group = "herdtrace.run",
		.name = "complete",
		.outcome = *missing || report->loss.incomplete ? CASE_ERROR : CASE_PASSED,
		.type = "incomplete",
		.message = missing,
	};
}

static void collect(struct cases *c, const struct report *report,
		    const struct expectation_results *results)
{
	for (size_t i = 0; results && i < results->cnt; i++)
		add_result(c, &results->at[i]);
	if (c->cnt)
		return;
	add_completeness(c, report);
	for (enum disease d = DISEASE_HERD; d <= DISEASE_STRANDING; d++)
		add_verdict(c, report, d);
}

static int write_cases(FILE *out, const struct report *report, const struct render_options *options,
		       void (*write)(FILE *out, const struct test_suite *suite))
{
	struct cases *cases = calloc(1, sizeof(*cases));
	const struct test_property properties[] = {
		{"kernel", report->kernel_release},
		{"command", report->command_cnt ? report->command[0] : ""},
	};
	struct test_suite suite = {
		.name = "herdtrace",
		.host = report->host,
		.properties = properties,
		.property_cnt = sizeof(properties) / sizeof(properties[0]),
	};

	if (!cases)
		return -ENOMEM;
	collect(cases, report, options->results);
	suite.cases = cases->at;
	suite.case_cnt = cases->cnt;
	write(out, &suite);
	free(cases);
	return 0;
}

int render_junit__write(FILE *out, const struct report *report,
			const struct render_options *options)
{
	return write_cases(out, report, options, cases_junit__write);
}

int render_tap__write(FILE *out, const struct report *report, const struct render_options *options)
{
	return write_cases(out, report, options, cases_tap__write);
}
