// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Schema herdtrace-doctor/1. Later versions only add fields. */
#include <gnu/libc-version.h>
#include <string.h>

#include "cli/version.h"
#include "doctor/findings.h"
#include "print/json.h"

/* What is wrong, without what would help. */
static json_t *cause_of(const struct error *error)
{
	const char *remedy = error__remedy(error);
	char text[ERROR_TEXT_SIZE];

	snprintf(text, sizeof(text), "%s", error->text);
	if (*remedy)
		text[remedy - error->text - strlen("; ")] = '\0';
	return string_or_null(text);
}

static json_t *finding(const struct doctor_finding *f)
{
	json_t *object = json_object();

	set(&object, "name", string(f->name));
	set(&object, "state", json_string(finding_state__name(f->state)));
	set(&object, "found", string_or_null(f->found));
	set(&object, "cause", cause_of(&f->cause));
	set(&object, "remedy", string_or_null(error__remedy(&f->cause)));
	if (f->kind != FINDING_HOOK)
		return object;
	set(&object, "how", string_or_null(f->how));
	set(&object, "programs", number(f->programs));
	set(&object, "calls", number(f->calls));
	set(&object, "run_ns", number_or_null(f->run_ns));
	set(&object, "purpose", string(f->purpose));
	return object;
}

static json_t *list(const struct findings *findings, enum finding_kind kind)
{
	json_t *array = json_array();

	for (size_t i = 0; i < findings->all.cnt; i++)
		if (findings->all.at[i].kind == kind)
			append(&array, finding(&findings->all.at[i]));
	return array;
}

/* ---- for a report of a bug ---- */

static json_t *versions(const struct findings *findings)
{
	json_t *object = json_object();

	set(&object, "libbpf", string_or_null(findings->libbpf));
	set(&object, "libc", json_string(gnu_get_libc_version()));
	set(&object, "jansson", json_string(jansson_version_str()));
	set(&object, "distribution", string_or_null(findings->surroundings.distribution));
	return object;
}

static json_t *machine(const struct surroundings *s)
{
	json_t *object = json_object();

	set(&object, "cpus", number_or_null(s->cpus > 0 ? s->cpus : 0));
	set(&object, "memory_bytes", number_or_null(s->memory_bytes));
	return object;
}

static json_t *values(const struct surrounding *list)
{
	json_t *object = json_object();

	for (; list->name; list++)
		set(&object, list->name, string_or_null(list->value));
	return object;
}

static json_t *costs(const struct findings *findings)
{
	json_t *object = json_object();

	set(&object, "start_ns", number_or_null(findings->start_ns));
	set(&object, "stop_ns", number_or_null(findings->stop_ns));
	return object;
}

static void set_report(json_t **document, const struct findings *findings)
{
	const struct surroundings *s = &findings->surroundings;

	set(document, "versions", versions(findings));
	set(document, "machine", machine(s));
	set(document, "config_source", string_or_null(s->config_source));
	set(document, "config", values(s->config));
	set(document, "settings", values(s->settings));
	set(document, "costs", costs(findings));
}

int findings_json__write(FILE *out, const struct findings *findings)
{
	json_t *document = json_object(), *kernel = json_object(), *attach = json_object();

	set(&kernel, "release", string(findings->system.release));
	set(&kernel, "build", string(findings->system.version));
	set(&kernel, "arch", string(findings->system.machine));
	set(&attach, "mode", string_or_null(findings->attach_mode));
	set(&document, "schema", json_string("herdtrace-doctor/1"));
	set(&document, "version", json_string(HERDTRACE_VERSION));
	set(&document, "kernel", kernel);
	set(&document, "attach", attach);
	set(&document, "can_trace", json_boolean(findings->can_trace));
	set(&document, "checks", list(findings, FINDING_CHECK));
	set(&document, "hooks", list(findings, FINDING_HOOK));
	set(&document, "waiters", list(findings, FINDING_WAITER));
	set_report(&document, findings);
	return print_json(out, document);
}
