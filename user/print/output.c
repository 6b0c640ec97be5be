// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"

FILE *output__open(const char *name)
{
	FILE *out;

	if (!name)
		return stdout;
	out = fopen(name, "we");
	if (!out)
		log_error("cannot write %s: %s", name, strerror(errno));
	return out;
}

void output__terminal(FILE *out, bool *color, unsigned *width)
{
	struct winsize size;

	*color = false;
	*width = 0;
	if (!isatty(fileno(out)))
		return;
	*color = !getenv("NO_COLOR");
	if (!ioctl(fileno(out), TIOCGWINSZ, &size))
		*width = size.ws_col;
}

static struct render_options render_options(const struct options *options, FILE *out)
{
	struct render_options r = {.format = options->format,
				   .summary_only = options->summary_only};

	output__terminal(out, &r.color, &r.width);
	return r;
}

static enum exit_status judge(const struct report *r, enum expectation expect)
{
	bool as_expected = true;

	if (r->loss.incomplete)
		return EXIT_INCOMPLETE;
	switch (expect) {
	case EXPECT_NOTHING: break;
	case EXPECT_HERD: as_expected = r->verdicts.herd.value == VERDICT_PROVED; break;
	case EXPECT_NO_HERD: as_expected = r->verdicts.herd.value == VERDICT_REFUTED; break;
	case EXPECT_SKEW: as_expected = r->verdicts.skew.value == VERDICT_PROVED; break;
	case EXPECT_NO_SKEW: as_expected = r->verdicts.skew.value == VERDICT_REFUTED; break;
	case EXPECT_STRANDING: as_expected = r->verdicts.stranding.value == VERDICT_PROVED; break;
	case EXPECT_NO_STRANDING:
		as_expected = r->verdicts.stranding.value == VERDICT_REFUTED;
		break;
	}
	return as_expected ? EXIT_RAN : EXIT_UNEXPECTED;
}

int output__finish(FILE *out, int err, const char *name, const char *what)
{
	if (fclose(out) && !err)
		err = -errno;
	if (err)
		log_error("cannot write %s: %s", name ? name : what, strerror(-err));
	return err;
}

enum exit_status output__report(const struct report *report, FILE *out,
				const struct options *options)
{
	struct render_options how = render_options(options, out);
	int err = render__report(out, report, &how);

	err = output__finish(out, err, options->output, "the report");
	return err ? EXIT_INCOMPLETE : judge(report, options->expect);
}
