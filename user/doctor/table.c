// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "doctor/findings.h"

#define LABEL "%-12s "

static void print_check(FILE *out, const struct doctor_finding *f)
{
	static const char *const states[FINDING_STATES] = {
		[FINDING_OK] = "ok",
		[FINDING_FAILED] = "FAILED",
		[FINDING_NOT_TRIED] = "not tried",
	};
	bool is_ok = f->state == FINDING_OK;

	fprintf(out, LABEL, f->name);
	if (!is_ok || !*f->found)
		fputs(states[f->state], out);
	if (*f->found) {
		fputs(is_ok ? "" : " (", out);
		text__print(out, f->found);
		fputs(is_ok ? "" : ")", out);
	}
	if (f->state == FINDING_FAILED) {
		fputs(": ", out);
		text__print(out, f->cause.text);
	}
	fputc('\n', out);
}

static void print_hook(FILE *out, const struct doctor_finding *f)
{
	static const char *const states[FINDING_STATES] = {
		[FINDING_OK] = "works",
		[FINDING_FAILED] = "NEVER CALLED",
		[FINDING_NOT_TRIED] = "not tried",
		[FINDING_NOT_NEEDED] = "not needed",
		[FINDING_NOT_THERE] = "not in this kernel",
		[FINDING_NOT_CALLED] = "attached, not called by this test",
	};

	fprintf(out, "%-28s %-11s %8u %7" PRIu64 "  %-34s %s\n", f->name, f->how ? f->how : "-",
		f->programs, f->calls, states[f->state], f->purpose);
}

static size_t count(const struct findings *findings, enum finding_kind kind)
{
	size_t cnt = 0;

	for (size_t i = 0; i < findings->all.cnt; i++)
		cnt += findings->all.at[i].kind == kind;
	return cnt;
}

/* Those in this state, behind the label. */
static void print_ways(FILE *out, const struct findings *findings, enum finding_state state,
		       const char *label)
{
	size_t cnt = 0;

	for (size_t i = 0; i < findings->all.cnt; i++) {
		const struct doctor_finding *f = &findings->all.at[i];

		if (f->kind != FINDING_WAITER || f->state != state)
			continue;
		fprintf(out, "%s%s", cnt++ ? " " : label, f->name);
		if (state == FINDING_NOT_TRIED)
			fprintf(out, " (%s)", f->cause.text);
	}
}

static void print_waiters(FILE *out, const struct findings *findings)
{
	fprintf(out, "%-12s", "waiters");
	print_ways(out, findings, FINDING_OK, " recognised: ");
	print_ways(out, findings, FINDING_FAILED, " NOT RECOGNISED: ");
	print_ways(out, findings, FINDING_NOT_TRIED, " not tried: ");
	fputc('\n', out);
}

int findings_table__write(FILE *out, const struct findings *findings)
{
	fprintf(out, LABEL "%s %s\n", "kernel", findings->system.release, findings->system.machine);
	for (size_t i = 0; i < findings->all.cnt; i++)
		if (findings->all.at[i].kind == FINDING_CHECK)
			print_check(out, &findings->all.at[i]);
	if (count(findings, FINDING_HOOK))
		fprintf(out, "\n%-28s %-11s %8s %7s\n", "function", "how", "programs", "calls");
	for (size_t i = 0; i < findings->all.cnt; i++)
		if (findings->all.at[i].kind == FINDING_HOOK)
			print_hook(out, &findings->all.at[i]);
	if (count(findings, FINDING_WAITER)) {
		fputc('\n', out);
		print_waiters(out, findings);
	}
	if (findings->can_trace)
		fputs("herdtrace can trace this kernel\n", out);
	return 0;
}
