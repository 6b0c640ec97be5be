// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/findings.h"

#include <stdlib.h>

struct doctor_finding *findings__add(struct findings *findings, enum finding_kind kind,
				     const char *name)
{
	struct doctor_finding *f = vector_add(&findings->all);

	if (f) {
		f->kind = kind;
		f->name = name;
	}
	return f;
}

const char *finding_state__name(enum finding_state state)
{
	static const char *const names[FINDING_STATES] = {
		[FINDING_OK] = "ok",
		[FINDING_FAILED] = "failed",
		[FINDING_NOT_TRIED] = "not_tried",
		[FINDING_NOT_NEEDED] = "not_needed",
		[FINDING_NOT_THERE] = "not_there",
		[FINDING_NOT_CALLED] = "not_called",
	};

	return names[state];
}

void findings__drop(struct findings *findings)
{
	free(findings->all.at);
	*findings = (struct findings){0};
}
