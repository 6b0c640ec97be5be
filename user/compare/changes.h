/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What has changed between two runs, in words: before and after a cure, say. */
#ifndef HERDTRACE_COMPARE_CHANGES_H
#define HERDTRACE_COMPARE_CHANGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CHANGES_MAX 10

/* Rarer than this is more than chance. */
#define CHANGE_CHANCE 0.01

struct change {
	const char *
		what; /* "herd", "wakes", "waste", "share", "wait", "stranding", "load", "incomplete" */
	char text[384]; /* one sentence; untrusted where it quotes a document */
	bool is_tested;
	double p; /* where it is: how probable such a difference is by chance alone */
};

struct changes {
	struct change at[CHANGES_MAX];
	size_t cnt;
};

/* Is it certain enough to act upon? */
bool change__is_certain(const struct change *change);

/* Of two documents of runs, which may say anything: what is not there, or makes no sense, is passed over. */
void changes__find(struct changes *changes, const json_t *before, const json_t *after);

#endif
