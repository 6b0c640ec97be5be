// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/conclude.h"

#include <stddef.h>

#include "base/log.h"
#include "commands/commands.h"
#include "print/terminal.h"
#include "render/render.h"

static struct render_options render_options(const struct options *options, FILE *out)
{
	struct render_options r = {.format = options->format,
				   .summary_only = options->summary_only};

	terminal__describe(out, &r.color, &r.width);
	return r;
}

static const struct {
	const char *prefix, *name;
	size_t verdict; /* its place in struct verdicts */
	enum verdict wanted;
} expectations[] = {
#define WANTS_PROVED(name)                                                 \
	{                                                                  \
		"", #name, offsetof(struct verdicts, name), VERDICT_PROVED \
	}
#define WANTS_REFUTED(name)                                                    \
	{                                                                      \
		"no-", #name, offsetof(struct verdicts, name), VERDICT_REFUTED \
	}
	[EXPECT_HERD] = WANTS_PROVED(herd),
	[EXPECT_NO_HERD] = WANTS_REFUTED(herd),
	[EXPECT_SKEW] = WANTS_PROVED(skew),
	[EXPECT_NO_SKEW] = WANTS_REFUTED(skew),
	[EXPECT_STRANDING] = WANTS_PROVED(stranding),
	[EXPECT_NO_STRANDING] = WANTS_REFUTED(stranding),
};

static enum exit_status explain_incomplete(const char *reason, enum expectation expect)
{
	if (expect == EXPECT_NOTHING)
		log_error("the result is incomplete: %s", reason);
	else
		log_error("--expect=%s%s is not decided: the result is incomplete: %s",
			  expectations[expect].prefix, expectations[expect].name, reason);
	return EXIT_INCOMPLETE;
}

static enum exit_status judge_verdict(const struct verdicts *verdicts, enum expectation expect)
{
	const char *name = expectations[expect].name;
	const struct report_verdict *v =
		(const void *)((const char *)verdicts + expectations[expect].verdict);

	if (v->value == expectations[expect].wanted)
		return EXIT_RAN;
	log_error("--expect=%s%s does not hold: %s is %s: %s", expectations[expect].prefix, name,
		  name, verdict__name(v->value), v->reason);
	return EXIT_UNEXPECTED;
}

/* Says in one line on stderr why the status is not EXIT_RAN. */
static enum exit_status judge(const struct report *report, enum expectation expect)
{
	if (report->loss.incomplete)
		return explain_incomplete(report->loss.reason, expect);
	if (report__is_short(report))
		return explain_incomplete(report->shortfall, expect);
	return expect == EXPECT_NOTHING ? EXIT_RAN : judge_verdict(&report->verdicts, expect);
}

enum exit_status conclude__report(const struct report *report, struct outfile *out,
				  const struct options *options)
{
	struct render_options how = render_options(options, out->stream);
	int err = render__report(out->stream, report, &how);
	struct error error = {0};

	if (outfile__finish(out, err, "the report", &error))
		return command__fail(&error);
	return judge(report, options->expect);
}
