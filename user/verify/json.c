// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Schemas herdtrace-verify/1 and herdtrace-claims/1. Later versions only add fields. */
#include <string.h>

#include "verify/catalogue.h"
#include "print/json.h"
#include "render/values.h"
#include "verify/report.h"
#include "cli/version.h"

static json_t *words(const char *const *from)
{
	json_t *array = json_array();

	for (; *from; from++)
		append(&array, string(*from));
	return array;
}

static json_t *servers(const struct claim *claim)
{
	json_t *array = json_array();

	for (size_t i = 0; i < CLAIM_SERVERS && claim->servers[i][0]; i++)
		append(&array, words(claim->servers[i]));
	return array;
}

/* ---- the result ---- */

static json_t *feature(const struct verify_claim *c)
{
	json_t *object;

	if (c->claim->feature == FEATURE_NONE)
		return json_null();
	object = json_object();
	set(&object, "name", json_string(feature__name(c->claim->feature)));
	set(&object, "present", json_boolean(c->feature_present));
	return object;
}

static json_t *summary(const struct report_summary *from)
{
	json_t *object = json_object();

	set(&object, "connections", number(from->connections));
	set(&object, "accepted", number(from->accepted));
	set(&object, "waiting", number(from->waiting));
	set(&object, "lost", number(from->lost));
	set(&object, "migrated", number(from->migrated));
	set(&object, "wakes", number(from->wakes));
	set(&object, "wasted", number(from->wasted));
	set(&object, "offers", number(from->offers));
	set(&object, "wakes_by_cause", values__wakes_by_cause(&from->wakes_by_cause));
	return object;
}

static json_t *workers(const struct verify_run *run)
{
	json_t *array = json_array();

	for (size_t i = 0; i < run->worker_cnt; i++) {
		json_t *object = json_object();

		set(&object, "tid", number(run->workers[i].tid));
		set(&object, "wakes", number(run->workers[i].wakes));
		set(&object, "lock", number(run->workers[i].lock));
		append(&array, object);
	}
	return array;
}

static json_t *run_object(const struct verify_run *run)
{
	json_t *object = json_object();

	set(&object, "command", words((const char *const *)run->command));
	set(&object, "attempts", number(run->attempts));
	set(&object, "begin_ns", number(run->begun_ns));
	set(&object, "end_ns", number(run->ended_ns));
	set(&object, "measured", string_or_null(run->finding.measured));
	set(&object, "detail", string(run->finding.detail));
	set(&object, "reason", string(run->finding.reason));
	set(&object, "summary", summary(&run->summary));
	set(&object, "workers", workers(run));
	return object;
}

/* What the runs say, each behind the words of its server where they are several. */
static json_t *join(const struct verify_claim *c, size_t offset)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	json_t *value;

	if (!f)
		return NULL;
	for (size_t i = 0; i < c->run_cnt; i++) {
		const char *says = (const char *)&c->runs[i].finding + offset;
		const char *const *word = c->claim->servers[i];

		if (!*says)
			continue;
		if (ftell(f) > 0)
			fputs("; ", f);
		for (; c->run_cnt > 1 && *word; word++)
			fprintf(f, "%s%s", *word, word[1] ? " " : ": ");
		fputs(says, f);
	}
	fclose(f);
	value = text ? string(text) : NULL;
	free(text);
	return value;
}

static json_t *claim_object(const struct verify_claim *c)
{
	json_t *object = json_object(), *runs = json_array();
	uint64_t connections = 0;

	for (size_t i = 0; i < c->run_cnt; i++) {
		append(&runs, run_object(&c->runs[i]));
		connections += c->runs[i].summary.connections;
	}
	set(&object, "id", json_string(c->claim->id));
	set(&object, "claim", json_string(c->claim->text));
	set(&object, "source", json_string(c->claim->source));
	set(&object, "feature", feature(c));
	set(&object, "servers", servers(c->claim));
	set(&object, "workers", number(c->claim->workers));
	set(&object, "connections", number(connections));
	set(&object, "expected", json_string(c->expected));
	set(&object, "measured", string_or_null(c->measured));
	set(&object, "detail", join(c, offsetof(struct finding, detail)));
	set(&object, "result", json_string(claim_outcome__name(c->outcome)));
	set(&object, "reason", join(c, offsetof(struct finding, reason)));
	set(&object, "runs", runs);
	return object;
}

static json_t *counts(const struct verify_report *r)
{
	json_t *object = json_object();

	set(&object, "holds", number(verify_report__count(r, CLAIM_HOLDS)));
	set(&object, "broken", number(verify_report__count(r, CLAIM_BROKEN)));
	set(&object, "inconclusive", number(verify_report__count(r, CLAIM_INCONCLUSIVE)));
	return object;
}

int verify_json__write(FILE *out, const struct verify_report *r)
{
	json_t *document = json_object(), *kernel = json_object(), *attach = json_object();
	json_t *claims = json_array();

	set(&kernel, "release", string(r->kernel_release));
	set(&kernel, "build", string(r->kernel_build));
	set(&kernel, "arch", string(r->kernel_arch));
	set(&attach, "mode", json_string(r->attach_mode));
	for (size_t i = 0; i < r->claim_cnt; i++)
		append(&claims, claim_object(&r->claims[i]));
	set(&document, "schema", json_string("herdtrace-verify/1"));
	set(&document, "version", json_string(HERDTRACE_VERSION));
	set(&document, "kernel", kernel);
	set(&document, "attach", attach);
	set(&document, "interrupted", json_boolean(r->interrupted));
	set(&document, "claims", claims);
	set(&document, "summary", counts(r));
	return print_json(out, document);
}

/* ---- the catalogue ---- */

static json_t *catalogue_entry(const struct claim *claim)
{
	json_t *object = json_object();
	bool always = claim->feature == FEATURE_NONE;

	set(&object, "id", json_string(claim->id));
	set(&object, "claim", json_string(claim->text));
	set(&object, "source", json_string(claim->source));
	set(&object, "feature", always ? json_null() : json_string(feature__name(claim->feature)));
	set(&object, "servers", servers(claim));
	set(&object, "workers", number(claim->workers));
	set(&object, "connections", number(claim->connections));
	set(&object, "expected", json_string(claim->expected));
	set(&object, "expected_without",
	    always ? json_null() : json_string(claim->expected_without));
	return object;
}

int verify_json__list(FILE *out)
{
	json_t *document = json_object(), *claims = json_array();

	for (size_t i = 0; i < catalogue_cnt; i++)
		append(&claims, catalogue_entry(&catalogue[i]));
	set(&document, "schema", json_string("herdtrace-claims/1"));
	set(&document, "version", json_string(HERDTRACE_VERSION));
	set(&document, "claims", claims);
	return print_json(out, document);
}
