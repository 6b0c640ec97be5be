// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "commands/documents.h"
#include "compare/rows.h"
#include "print/terminal.h"

/* The grid has room for so many beside its two columns. */
#define DOCUMENTS_MAX 12

static void complain(struct error *error, const char *name, const char *why)
{
	error__set(error, FAULT_INPUT, -EINVAL, "cannot compare %s: %s", name, why);
}

/* NULL with an error. */
static json_t *load(const char *name, enum compare_kind *kind, struct error *error)
{
	FILE *in = fopen(name, "re");
	char why[COMPARE_WHY_SIZE];
	json_error_t reason;
	json_t *document;

	if (!in) {
		complain(error, name, strerror(errno));
		return NULL;
	}
	document = json_loadf(in, JSON_REJECT_DUPLICATES, &reason);
	fclose(in);
	if (!document) {
		complain(error, name, reason.text);
		return NULL;
	}
	if (!compare_document__check(document, kind, why))
		return document;
	complain(error, name, why);
	json_decref(document);
	return NULL;
}

/* Returns the number of documents, 0 with an error; those loaded are in documents. */
static size_t load_all(char *const *names, json_t **documents, enum compare_kind *kind,
		       struct error *error)
{
	size_t cnt = 0;

	for (; names[cnt]; cnt++) {
		enum compare_kind own;

		if (cnt == DOCUMENTS_MAX) {
			error__set(error, FAULT_INPUT, -E2BIG, "compare takes %d files at most",
				   DOCUMENTS_MAX);
			return 0;
		}
		documents[cnt] = load(names[cnt], &own, error);
		if (!documents[cnt])
			return 0;
		if (cnt && own != *kind) {
			complain(error, names[cnt],
				 "one document of a run, another of verify: give one kind");
			return 0;
		}
		*kind = own;
	}
	return cnt;
}

static int print(const struct comparison *c, const struct options *o, struct error *error)
{
	struct terminal terminal;
	struct outfile out;
	int err = outfile__open(&out, o->output, error);

	if (err)
		return err;
	terminal = terminal__describe(out.stream, o->color);
	err = documents__write_comparison(out.stream, c, o->all, o->format, &terminal);
	return outfile__finish(&out, err, "the comparison", error);
}

/* Returns how many rows differ, or a negative errno and an error. */
static long compare(const struct options *o, json_t **documents, struct error *error)
{
	enum compare_kind kind;
	size_t cnt = load_all(o->arguments, documents, &kind, error);
	struct comparison *c;
	long differing;
	int err;

	if (!cnt)
		return -EINVAL;
	c = comparison__make(kind, documents, (const char *const *)o->arguments, cnt);
	if (!c)
		return error__set(error, FAULT_INPUT, -ENOMEM, "out of memory");
	err = print(c, o, error);
	differing = comparison__differing(c);
	comparison__free(c);
	return err ? err : differing;
}

enum exit_status command__compare(const struct options *options)
{
	json_t *documents[DOCUMENTS_MAX + 1] = {NULL};
	struct error error = {0};
	long differing = compare(options, documents, &error);

	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		json_decref(documents[i]);
	if (differing < 0) {
		command__fail(&error);
		return EXIT_USAGE;
	}
	return differing ? EXIT_UNEXPECTED : EXIT_RAN;
}
