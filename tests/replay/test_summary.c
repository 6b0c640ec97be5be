// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* test_summary RECORDING... : with all rows and without any, a recording gives the same sums and verdicts. TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "model/model.h"
#include "record/recording.h"
#include "report/rows.h"
#include "report/verdict.h"

static struct report *or_die(struct report *report, const char *name)
{
	if (report && !verdicts__decide(&report->verdicts, &report->totals, &report->loss))
		return report;
	printf("Bail out! no report of %s\n", name);
	exit(1);
}

static struct report *read_report(const char *name, struct rows *rows)
{
	struct model *model = model__new();
	FILE *in = fopen(name, "re");
	struct stream stream = {0};
	struct report *report = NULL;
	struct error error = {0};

	if (model && in) {
		if (rows)
			model__add_sink(model, rows__take, rows);
		stream__add_sink(&stream, model__take, model);
		if (!recording__read(in, name, &stream, &error))
			report = model__finish(model, rows);
		fclose(in);
	}
	model__free(model);
	return or_die(report, name);
}

int main(int argc, char **argv)
{
	unsigned bad = 0;

	for (int i = 1; i < argc; i++) {
		struct report *with_rows = read_report(argv[i], rows__new());
		struct report *without = read_report(argv[i], NULL);
		const char *wrong = report__differs(with_rows, without);

		printf("%sok %d - the summary of %s\n", wrong ? "not " : "", i,
		       strstr(argv[i], "replay/") ? strstr(argv[i], "replay/") + 7 : argv[i]);
		if (wrong)
			printf("# differs: %s\n", wrong);
		bad += wrong != NULL;
		report__free(with_rows);
		report__free(without);
	}
	printf("1..%d\n", argc - 1);
	return bad != 0;
}
