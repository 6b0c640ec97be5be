// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/conclude.h"

#include "commands/commands.h"
#include "print/output.h"
#include "render/render.h"

static struct render_options render_options(const struct options *options, FILE *out)
{
	struct render_options r = {.format = options->format,
				   .summary_only = options->summary_only};

	output__terminal(out, &r.color, &r.width);
	return r;
}

static bool is_as_expected(const struct report *r, enum expectation expect)
{
	switch (expect) {
	case EXPECT_NOTHING: break;
	case EXPECT_HERD: return r->verdicts.herd.value == VERDICT_PROVED;
	case EXPECT_NO_HERD: return r->verdicts.herd.value == VERDICT_REFUTED;
	case EXPECT_SKEW: return r->verdicts.skew.value == VERDICT_PROVED;
	case EXPECT_NO_SKEW: return r->verdicts.skew.value == VERDICT_REFUTED;
	case EXPECT_STRANDING: return r->verdicts.stranding.value == VERDICT_PROVED;
	case EXPECT_NO_STRANDING: return r->verdicts.stranding.value == VERDICT_REFUTED;
	}
	return true;
}

static enum exit_status judge(const struct report *report, enum expectation expect)
{
	if (report->loss.incomplete)
		return EXIT_INCOMPLETE;
	return is_as_expected(report, expect) ? EXIT_RAN : EXIT_UNEXPECTED;
}

enum exit_status conclude__report(const struct report *report, FILE *out,
				  const struct options *options)
{
	struct render_options how = render_options(options, out);
	int err = render__report(out, report, &how);
	struct error error = {0};

	if (output__finish(out, err, options->output, "the report", &error))
		return command__fail(&error);
	return judge(report, options->expect);
}
