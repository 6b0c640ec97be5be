// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Did a connection wait while somebody slept who could have taken it? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/split.h"
#include "report/reason.h"
#include "report/state.h"

static const char *const cause_words[STRANDING_CAUSE_CNT] = {
	[STRANDING_LOST] = "lost when their listener closed",
	[STRANDING_NOBODY] = "never accepted: nobody is left that waits on their listener",
	[STRANDING_RUN] = "behind a task that was woken and got no CPU (run queue delay), "
			  "while others slept",
	[STRANDING_GROUP] = "queued at a busy listener, while others of its group slept",
	[STRANDING_LISTENER] = "left by the task that was woken, while others slept",
};

static void write_causes(FILE *f, const struct stranding_sample *s)
{
	const char *separator = ": ";

	for (int cause = STRANDING_LOST; cause < STRANDING_CAUSE_CNT; cause++) {
		if (!s->of[cause])
			continue;
		fprintf(f, "%s%" PRIu64 " %s", separator, s->of[cause], cause_words[cause]);
		separator = ", ";
	}
}

static bool prove(struct report_verdict *v, const struct totals *t, const char *load)
{
	char *text = NULL, longest[TEXT_DURATION_SIZE];
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool done;

	if (!f)
		return false;
	fprintf(f, "%" PRIu64 " of %" PRIu64 " connections",
		stranding_sample__stranded(&t->stranding), t->summary.connections);
	write_causes(f, &t->stranding);
	text__duration(longest, t->stranding.longest_ns);
	if (t->stranding.longest_ns)
		fprintf(f, "; the longest waited %s", longest);
	fprintf(f, " (%s)", load);
	done = !fclose(f) && verdict__set(v, VERDICT_PROVED, "%s", text);
	free(text);
	return done;
}

static bool tell_need(struct report_verdict *v, const struct totals *t, const char *load)
{
	uint64_t possible = t->stranding.possible;

	if (!t->summary.connections)
		return verdict__set(v, VERDICT_INCONCLUSIVE, "there was no connection");
	if (t->stranding.waiting)
		return verdict__set(
			v, VERDICT_INCONCLUSIVE,
			"%" PRIu64 " of %" PRIu64
			" connections came while a worker was busy and nobody has accepted "
			"them yet; of the %" PRIu64 " others that came so none was "
			"stranded: %" PRIu64 " more of these are needed (%s)",
			t->stranding.waiting, t->summary.connections, possible,
			VERDICT_MIN_SAMPLE - possible, load);
	if (!possible)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "none of %" PRIu64 " connections came while a worker was busy, "
				    "so none had to wait for one: put the server under load "
				    "(it was: %s)",
				    t->summary.connections, load);
	return verdict__set(v, VERDICT_INCONCLUSIVE,
			    "%" PRIu64 " of %" PRIu64
			    " connections came while a worker was busy and "
			    "none was stranded: %" PRIu64 " more of these are needed (%s)",
			    possible, t->summary.connections, VERDICT_MIN_SAMPLE - possible, load);
}

bool stranding__decide(struct report_verdict *v, const struct totals *t)
{
	uint64_t possible = t->stranding.possible;
	char load[LOAD_TEXT_SIZE];

	load__describe(load, t);
	if (t->stranding.is_old && !t->stranding.of[STRANDING_LOST] &&
	    !t->stranding.of[STRANDING_NOBODY])
		return verdict__set(
			v, VERDICT_INCONCLUSIVE,
			"the recording is of a version that did not tell of all sleeps");
	if (stranding_sample__stranded(&t->stranding))
		return prove(v, t, load);
	if (possible < VERDICT_MIN_SAMPLE)
		return tell_need(v, t, load);
	return verdict__set(
		v, VERDICT_REFUTED,
		"%" PRIu64 " of %" PRIu64 " connections came while a worker was busy, and "
		"none waited more than %d ms while another slept, or was lost: at 95 %% "
		"fewer than %.2g %% are (%s)",
		possible, t->summary.connections, (int)(STRANDED_NS / 1000000),
		100 * split__upper_of_none(possible), load);
}
