/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Results of tests, as machines that run tests read them: JUnit's XML, or TAP. Knows nothing of herds. */
#ifndef HERDTRACE_PRINT_CASES_H
#define HERDTRACE_PRINT_CASES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum case_outcome {
	CASE_PASSED,
	CASE_FAILED,  /* it is not as it should be */
	CASE_ERROR,   /* nobody can say: this is no pass either */
	CASE_SKIPPED, /* nobody asked */
};

/* Texts may be any bytes. */
struct test_case {
	const char *group; /* what JUnit calls its class */
	const char *name;
	enum case_outcome outcome;
	const char *type;    /* of what is no pass: a word for it */
	const char *message; /* one line: why; "" of a pass: nothing to say */
	uint64_t took_ns;    /* 0: not known */
};

struct test_property {
	const char *name, *value; /* value "": left out */
};

struct test_suite {
	const char *name, *host;
	const struct test_case *cases;
	size_t case_cnt;
	const struct test_property *properties;
	size_t property_cnt;
};

/* Errors are left in the stream. */
void cases_junit__write(FILE *out, const struct test_suite *suite);

/* Version 13. */
void cases_tap__write(FILE *out, const struct test_suite *suite);

#endif
