// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"
#include "verdict.h"

FILE *output__open(const struct options *options)
{
	FILE *out;

	if (!options->output)
		return stdout;
	out = fopen(options->output, "we");
	if (!out)
		log_error("cannot write %s: %s", options->output, strerror(errno));
	return out;
}

static struct render_options render_options(const struct options *options, FILE *out)
{
	struct render_options r = {.format = options->format,
				   .summary_only = options->summary_only};
	struct winsize size;

	if (!isatty(fileno(out)))
		return r;
	r.color = !getenv("NO_COLOR");
	if (!ioctl(fileno(out), TIOCGWINSZ, &size))
		r.width = size.ws_col;
	return r;
}

static enum exit_status judge(const struct report *r, enum expectation expect)
{
	bool as_expected = true;

	if (r->loss.incomplete)
		return EXIT_INCOMPLETE;
	switch (expect) {
	case EXPECT_NOTHING: break;
	case EXPECT_HERD: as_expected = r->herd.value == VERDICT_PROVED; break;
	case EXPECT_NO_HERD: as_expected = r->herd.value == VERDICT_REFUTED; break;
	case EXPECT_SKEW: as_expected = r->skew.value == VERDICT_PROVED; break;
	case EXPECT_NO_SKEW: as_expected = r->skew.value == VERDICT_REFUTED; break;
	case EXPECT_STRANDING: as_expected = r->stranding.value == VERDICT_PROVED; break;
	case EXPECT_NO_STRANDING: as_expected = r->stranding.value == VERDICT_REFUTED; break;
	}
	return as_expected ? EXIT_RAN : EXIT_UNEXPECTED;
}

enum exit_status output__report(struct model *model, FILE *out, const struct options *options)
{
	struct render_options how = render_options(options, out);
	struct report *report = model__finish(model);
	enum exit_status status = EXIT_INCOMPLETE;
	int err = report ? verdict__decide(report) : -ENOMEM;

	if (!err)
		err = render__report(out, report, &how);
	if (fclose(out) && !err)
		err = -errno;
	if (err)
		log_error("cannot write %s: %s", options->output ? options->output : "the report",
			  strerror(-err));
	else
		status = judge(report, options->expect);
	report__free(report);
	return status;
}
