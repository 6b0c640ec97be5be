// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/rows.h"
#include "base/log.h"
#include "print/output.h"
#include "base/text.h"

/* The grid has room for so many beside its two columns. */
#define DOCUMENTS_MAX 12

/* A file's name and what its contents made jansson say are untrusted. */
static void complain(const char *name, const char *why)
{
	char *harmless_name = text__harmless(name), *harmless_why = text__harmless(why);

	log_error("cannot compare %s: %s", harmless_name ? harmless_name : "a file",
		  harmless_why ? harmless_why : "it cannot be read");
	free(harmless_name);
	free(harmless_why);
}

/* NULL after a line on stderr. */
static json_t *load(const char *name, enum compare_kind *kind)
{
	FILE *in = fopen(name, "re");
	char why[COMPARE_WHY_SIZE];
	json_error_t error;
	json_t *document;

	if (!in) {
		complain(name, strerror(errno));
		return NULL;
	}
	document = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	fclose(in);
	if (!document) {
		complain(name, error.text);
		return NULL;
	}
	if (!compare_document__check(document, kind, why))
		return document;
	complain(name, why);
	json_decref(document);
	return NULL;
}

/* Returns the number of documents, 0 after a line on stderr; those loaded are in documents. */
static size_t load_all(const struct options *o, json_t **documents, enum compare_kind *kind)
{
	size_t cnt = 0;

	for (; o->arguments[cnt]; cnt++) {
		enum compare_kind own;

		if (cnt == DOCUMENTS_MAX) {
			log_error("compare takes %d files at most", DOCUMENTS_MAX);
			return 0;
		}
		documents[cnt] = load(o->arguments[cnt], &own);
		if (!documents[cnt])
			return 0;
		if (cnt && own != *kind) {
			complain(o->arguments[cnt],
				 "one document of a run, another of verify: give one kind");
			return 0;
		}
		*kind = own;
	}
	return cnt;
}

static enum exit_status print(const struct comparison *c, const struct options *o)
{
	FILE *out = output__open(o->output);
	unsigned width;
	bool color;
	int err;

	if (!out)
		return EXIT_USAGE;
	output__terminal(out, &color, &width);
	if (o->format == RENDER_JSON)
		err = compare_json__write(out, c, o->all);
	else
		err = compare_table__write(out, c, o->all, color, width);
	if (output__finish(out, err, o->output, "the comparison"))
		return EXIT_USAGE;
	return comparison__differing(c) ? EXIT_UNEXPECTED : EXIT_RAN;
}

enum exit_status compare__run(const struct options *options)
{
	json_t *documents[DOCUMENTS_MAX + 1] = {NULL};
	enum exit_status status = EXIT_USAGE;
	struct comparison *c = NULL;
	enum compare_kind kind;
	size_t cnt = load_all(options, documents, &kind);

	if (cnt) {
		c = comparison__make(kind, documents, (const char *const *)options->arguments, cnt);
		if (c)
			status = print(c, options);
		else
			log_error("out of memory");
	}
	comparison__free(c);
	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		json_decref(documents[i]);
	return status;
}
