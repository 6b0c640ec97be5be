// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Claims as results of tests. One about which nothing can be said is no pass: it has not been tested. */
#include "print/cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "verify/report.h"

#define MESSAGE_SIZE 1024

struct claim_case {
	char message[MESSAGE_SIZE];
};

static uint64_t took_ns(const struct verify_claim *c)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < c->run_cnt; i++)
		ns += (uint64_t)elapsed_ns(c->runs[i].begun_ns, c->runs[i].ended_ns);
	return ns;
}

/* What was expected, what was measured, and why nothing was: of the first run that did not as it should. */
static void explain(char to[MESSAGE_SIZE], const struct verify_claim *c)
{
	const char *reason = "";

	for (size_t i = 0; i < c->run_cnt && !*reason; i++)
		reason = c->runs[i].finding.reason;
	snprintf(to, MESSAGE_SIZE, "expected '%s', measured %s%s%s%s%s", c->expected,
		 *c->measured ? "'" : "nothing", c->measured, *c->measured ? "'" : "",
		 *reason ? ": " : "", reason);
}

static struct test_case make_case(const struct verify_claim *c, char message[MESSAGE_SIZE])
{
	static const enum case_outcome outcomes[] = {
		[CLAIM_HOLDS] = CASE_PASSED,
		[CLAIM_BROKEN] = CASE_FAILED,
		[CLAIM_INCONCLUSIVE] = CASE_ERROR,
	};

	explain(message, c);
	return (struct test_case){
		.group = "herdtrace.verify",
		.name = c->claim->id,
		.outcome = outcomes[c->outcome],
		.type = claim_outcome__name(c->outcome),
		.message = message,
		.took_ns = took_ns(c),
	};
}

static const struct test_case interruption = {
	.group = "herdtrace.verify",
	.name = "all claims were tried",
	.outcome = CASE_ERROR,
	.type = "interrupted",
	.message = "interrupted: the other claims were not tried",
};

static int write_cases(FILE *out, const struct verify_report *r,
		       void (*write)(FILE *out, const struct test_suite *suite))
{
	struct test_case *cases = calloc(r->claim_cnt + 1, sizeof(*cases));
	struct claim_case *texts = calloc(r->claim_cnt + 1, sizeof(*texts));
	const struct test_property properties[] = {
		{"kernel", r->kernel_release},
		{"build", r->kernel_build},
		{"attach", r->attach_mode},
	};
	struct test_suite suite = {.name = "herdtrace verify",
				   .cases = cases,
				   .case_cnt = r->claim_cnt,
				   .properties = properties,
				   .property_cnt = sizeof(properties) / sizeof(properties[0])};

	if (cases && texts) {
		for (size_t i = 0; i < r->claim_cnt; i++)
			cases[i] = make_case(&r->claims[i], texts[i].message);
		if (r->interrupted)
			cases[suite.case_cnt++] = interruption;
		write(out, &suite);
	}
	free(cases);
	free(texts);
	return cases && texts ? 0 : -ENOMEM;
}

int verify_junit__write(FILE *out, const struct verify_report *r)
{
	return write_cases(out, r, cases_junit__write);
}

int verify_tap__write(FILE *out, const struct verify_report *r)
{
	return write_cases(out, r, cases_tap__write);
}
