// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Schema herdtrace-doctor/1. Later versions only add fields. */
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
	return print_json(out, document);
}
