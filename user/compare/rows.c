// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "compare/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare/document.h"

/* ---- reading ---- */

static const char *text_at(const json_t *document, const char *path)
{
	return json_string_value(document__at(document, path));
}

static int check_claims(const json_t *document, char why[COMPARE_WHY_SIZE])
{
	const json_t *claims = json_object_get(document, "claims"), *claim;
	size_t i;

	if (!json_is_array(claims)) {
		snprintf(why, COMPARE_WHY_SIZE, "it has no list of claims");
		return -EBADMSG;
	}
	json_array_foreach (claims, i, claim) {
		if (text_at(claim, "id") && text_at(claim, "result"))
			continue;
		snprintf(why, COMPARE_WHY_SIZE, "claim %zu has no id or no result", i + 1);
		return -EBADMSG;
	}
	return 0;
}

int compare_document__check(const json_t *document, enum compare_kind *kind,
			    char why[COMPARE_WHY_SIZE])
{
	const char *schema = text_at(document, "schema");

	if (schema && !strcmp(schema, "herdtrace/1")) {
		*kind = COMPARE_RUNS;
		if (json_is_object(document__at(document, "summary")))
			return 0;
		snprintf(why, COMPARE_WHY_SIZE, "it has no summary");
		return -EBADMSG;
	}
	if (schema && !strcmp(schema, "herdtrace-verify/1")) {
		*kind = COMPARE_CLAIMS;
		return check_claims(document, why);
	}
	snprintf(why, COMPARE_WHY_SIZE, "it is no JSON document of a run or of verify");
	return -EBADMSG;
}

/* ---- rows ---- */

static void free_row(struct compare_row *row, size_t cells)
{
	for (size_t i = 0; row->cells && i < cells; i++)
		free(row->cells[i]);
	free(row->cells);
	free(row->name);
}

void comparison__free(struct comparison *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->row_cnt; i++)
		free_row(&c->rows[i], c->document_cnt);
	for (size_t i = 0; c->heads && i < c->document_cnt; i++)
		free(c->heads[i]);
	free(c->heads);
	free(c->rows);
	free(c);
}

size_t comparison__differing(const struct comparison *c)
{
	size_t cnt = 0;

	for (size_t i = 0; i < c->row_cnt; i++)
		cnt += c->rows[i].differs;
	return cnt;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What one document says in a row: a text that the caller frees, NULL: nothing. */
typedef char *(*cell_reader)(const json_t *document, const char *name);

static int add_row(struct comparison *c, const char *name, json_t *const *documents,
		   cell_reader read)
{
	struct compare_row *rows = reallocarray(c->rows, c->row_cnt + 1, sizeof(*rows)), *row;

	if (!rows)
		return -ENOMEM;
	c->rows = rows;
	row = &rows[c->row_cnt++];
	*row = (struct compare_row){
		.name = strdup(name),
		.cells = calloc(c->document_cnt, sizeof(*row->cells)),
	};
	if (!row->name || !row->cells)
		return -ENOMEM;
	for (size_t i = 0; i < c->document_cnt; i++) {
		row->cells[i] = read(documents[i], name);
		row->differs |= i && !same(row->cells[i], row->cells[0]);
	}
	return 0;
}

/* ---- claims ---- */

static const json_t *find_claim(const json_t *document, const char *id)
{
	const json_t *claim;
	size_t i;

	json_array_foreach (json_object_get(document, "claims"), i, claim) {
		if (!strcmp(text_at(claim, "id"), id))
			return claim;
	}
	return NULL;
}

/* What was measured; that it holds goes without saying. */
static char *read_claim(const json_t *document, const char *id)
{
	const json_t *claim = find_claim(document, id);
	const char *result = claim ? text_at(claim, "result") : NULL;
	const char *measured = claim ? text_at(claim, "measured") : NULL;
	char *text;

	if (!result)
		return NULL;
	if (measured && !strcmp(result, "HOLDS"))
		return strdup(measured);
	if (asprintf(&text, "%s%s%s", measured ? measured : "", measured ? ", " : "", result) < 0)
		return NULL;
	return text;
}

static bool has_row(const struct comparison *c, const char *name)
{
	for (size_t i = 0; i < c->row_cnt; i++)
		if (!strcmp(c->rows[i].name, name))
			return true;
	return false;
}

static int add_claims(struct comparison *c, json_t *const *documents)
{
	int err = 0;

	for (size_t i = 0; i < c->document_cnt; i++) {
		const json_t *claim;
		size_t j;

		json_array_foreach (json_object_get(documents[i], "claims"), j, claim) {
			const char *id = text_at(claim, "id");

			if (!err && !has_row(c, id))
				err = add_row(c, id, documents, read_claim);
		}
	}
	return err;
}

/* ---- runs ---- */

static char *read_value(const json_t *document, const char *path)
{
	const json_t *value = document__at(document, path);
	char *text = NULL;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value) &&
	    asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0)
		return NULL;
	return text;
}

static char *read_command(const json_t *document, const char *name)
{
	const json_t *words = json_object_get(document, name), *word;
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	json_array_foreach (words, i, word)
		fprintf(f, "%s%s", i ? " " : "",
			json_is_string(word) ? json_string_value(word) : "?");
	fclose(f);
	return text;
}

/* Two decimals, by whole numbers: not the locale's business. */
static char *read_wakes_each(const json_t *document, const char *name)
{
	json_int_t wakes = json_integer_value(document__at(document, "summary.wakes"));
	json_int_t connections = json_integer_value(document__at(document, "summary.connections"));
	json_int_t hundredths;
	char *text;

	(void)name;
	if (connections <= 0 || wakes < 0 || wakes > INT64_MAX / 200)
		return NULL;
	hundredths = (wakes * 100 + connections / 2) / connections;
	if (asprintf(&text, "%" PRId64 ".%02" PRId64, (int64_t)hundredths / 100,
		     (int64_t)hundredths % 100) < 0)
		return NULL;
	return text;
}

static const struct {
	const char *name;
	cell_reader read;
} run_rows[] = {
	{"kernel.release", read_value},
	{"attach.mode", read_value},
	{"command", read_command},
	{"summary.connections", read_value},
	{"summary.accepted", read_value},
	{"summary.waiting", read_value},
	{"summary.lost", read_value},
	{"summary.migrated", read_value},
	{"wakes per connection", read_wakes_each},
	{"summary.wakes", read_value},
	{"summary.wasted", read_value},
	{"summary.wakes_by_cause.accept", read_value},
	{"summary.wakes_by_cause.epoll", read_value},
	{"summary.wakes_by_cause.poll", read_value},
	{"summary.wakes_by_cause.io_uring", read_value},
	{"summary.wakes_by_cause.chain", read_value},
	{"summary.wakes_by_cause.lock", read_value},
	{"summary.wakes_by_outcome.accepted", read_value},
	{"summary.wakes_by_outcome.eagain", read_value},
	{"summary.wakes_by_outcome.swallowed", read_value},
	{"summary.wakes_by_outcome.idle", read_value},
	{"summary.wakes_by_outcome.exited", read_value},
	{"summary.wakes_by_outcome.pending", read_value},
	{"loss.incomplete", read_value},
	{"verdict.herd", read_value},
	{"verdict.skew", read_value},
	{"verdict.stranding", read_value},
};

static int add_runs(struct comparison *c, json_t *const *documents)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(run_rows) / sizeof(run_rows[0]); i++)
		err = add_row(c, run_rows[i].name, documents, run_rows[i].read);
	return err;
}

/* ---- together ---- */

static char *make_head(enum compare_kind kind, const json_t *document, const char *name)
{
	const char *release = text_at(document, "kernel.release");

	return strdup(kind == COMPARE_CLAIMS && release ? release : name);
}

struct comparison *comparison__make(enum compare_kind kind, json_t *const *documents,
				    const char *const *names, size_t cnt)
{
	struct comparison *c = calloc(1, sizeof(*c));
	int err = 0;

	if (!c)
		return NULL;
	c->kind = kind;
	c->document_cnt = cnt;
	c->heads = calloc(cnt, sizeof(*c->heads));
	for (size_t i = 0; c->heads && i < cnt; i++) {
		c->heads[i] = make_head(kind, documents[i], names[i]);
		err |= !c->heads[i];
	}
	if (c->heads && !err)
		err = kind == COMPARE_CLAIMS ? add_claims(c, documents) : add_runs(c, documents);
	if (kind == COMPARE_RUNS && cnt == 2)
		changes__find(&c->changes, documents[0], documents[1]);
	if (c->heads && !err)
		return c;
	comparison__free(c);
	return NULL;
}
