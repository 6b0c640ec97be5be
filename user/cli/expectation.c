// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/expectation.h"

#include <stddef.h>

const struct argument_word expectation_words[] = {
	{"herd", EXPECT_HERD},
	{"no-herd", EXPECT_NO_HERD},
	{"skew", EXPECT_SKEW},
	{"no-skew", EXPECT_NO_SKEW},
	{"stranding", EXPECT_STRANDING},
	{"no-stranding", EXPECT_NO_STRANDING},
	{NULL, 0},
};

const char *expectation__name(enum expectation expectation)
{
	return expectation_words[expectation].word;
}
