/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Command lines, and what they are taken for. To be included after cmocka.h. */
#ifndef HERDTRACE_OPTIONS_FIXTURE_H
#define HERDTRACE_OPTIONS_FIXTURE_H

#include <errno.h>
#include <string.h>

#include "capture_fixture.h"
#include "cli/command_table.h"
#include "cli/option_table.h"

#define WORDS_MAX 31
#define HINT      " (see 'herdtrace --help')"

struct parsed {
	int result;
	struct options options;
	struct error error;
	struct capture out, err;
	char *argv[WORDS_MAX + 1]; /* the options point into it */
};

static inline void parse_words(struct parsed *p, const char *const *words)
{
	int argc = 1;

	memset(p, 0, sizeof(*p));
	p->argv[0] = (char *)"herdtrace";
	for (; *words; words++) {
		assert_in_range(argc, 1, WORDS_MAX - 1);
		p->argv[argc++] = (char *)*words;
	}
	capture__begin(&p->out, stdout);
	capture__begin(&p->err, stderr);
	p->result = options__parse(&p->options, argc, p->argv, &p->error);
	capture__end(&p->err);
	capture__end(&p->out);
}

#define PARSE(parsed, ...) parse_words((parsed), (const char *const[]){__VA_ARGS__, NULL})

/* Without a word on either stream: what is wrong is in the error. */
static inline void assert_silent(const struct parsed *p)
{
	assert_string_equal(p->out.text, "");
	assert_string_equal(p->err.text, "");
}

static inline void assert_taken(const struct parsed *p)
{
	assert_string_equal(p->error.text, "");
	assert_int_equal(p->error.fault, FAULT_NONE);
	assert_int_equal(p->result, 0);
	assert_silent(p);
}

static inline void assert_refused(const struct parsed *p, const char *why)
{
	char text[ERROR_TEXT_SIZE];

	snprintf(text, sizeof(text), "%s" HINT, why);
	assert_string_equal(p->error.text, text);
	assert_int_equal(p->error.fault, FAULT_INPUT);
	assert_in_range(-p->result, 1, 4095);
	assert_silent(p);
}

static inline void assert_words(char *const *words, const char *const *expected)
{
	assert_non_null(words);
	for (; *expected; words++, expected++) {
		assert_non_null(*words);
		assert_string_equal(*words, *expected);
	}
	assert_null(*words);
}

#define ASSERT_WORDS(words, ...) assert_words((words), (const char *const[]){__VA_ARGS__, NULL})

#endif
