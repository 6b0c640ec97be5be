/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What --expect names. */
#ifndef HERDTRACE_CLI_EXPECTATION_H
#define HERDTRACE_CLI_EXPECTATION_H

/* struct options has a bit for each. */
enum expectation {
	EXPECT_HERD,
	EXPECT_NO_HERD,
	EXPECT_SKEW,
	EXPECT_NO_SKEW,
	EXPECT_STRANDING,
	EXPECT_NO_STRANDING,
	EXPECT_CNT,
};

#define EXPECT_BIT(expectation) (1u << (expectation))

/* A word that an option takes, and what it stands for. */
struct argument_word {
	const char *word;
	int value;
};

/* In the order of their values; the last one has no word. */
extern const struct argument_word expectation_words[];

const char *expectation__name(enum expectation expectation);

#endif
