/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Documents side by side: a column for each, a row for each thing that they say. */
#ifndef HERDTRACE_COMPARE_ROWS_H
#define HERDTRACE_COMPARE_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compare/changes.h"
#include "print/terminal.h"

enum compare_kind {
	COMPARE_CLAIMS, /* of herdtrace-verify/1 */
	COMPARE_RUNS,   /* of herdtrace/1 */
};

struct compare_row {
	char *name;
	char **cells; /* one for each document, NULL: it does not say */
	bool differs;
};

/* Texts are as they stand in the documents: untrusted. */
struct comparison {
	enum compare_kind kind;
	char **heads; /* one for each document */
	size_t document_cnt;
	struct compare_row *rows;
	size_t row_cnt;
	struct changes changes; /* of two runs: none of more, nor of claims */
};

#define COMPARE_WHY_SIZE 128

/*
 * What kind of document this is. Returns 0, or -EBADMSG with a reason in why for one that
 * comparison__make() could not read.
 */
int compare_document__check(const json_t *document, enum compare_kind *kind,
			    char why[COMPARE_WHY_SIZE]);

/* Compares checked documents of one kind; names are those of their files. NULL: no memory. */
struct comparison *comparison__make(enum compare_kind kind, json_t *const *documents,
				    const char *const *names, size_t cnt);
void comparison__free(struct comparison *comparison);

/* How many rows differ. */
size_t comparison__differing(const struct comparison *comparison);

/* Each writes the rows that differ, or all; 0 or negative errno. */
int compare_table__write(FILE *out, const struct comparison *comparison, bool all,
			 const struct terminal *terminal);
int compare_json__write(FILE *out, const struct comparison *comparison, bool all);
int compare_markdown__write(FILE *out, const struct comparison *comparison, bool all);

#endif
