/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What 'herdtrace verify' has found: finished, for the renderers. */
#ifndef HERDTRACE_VERIFY_REPORT_H
#define HERDTRACE_VERIFY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "print/terminal.h"

#include "verify/claim.h"

struct verify_worker {
	uint32_t tid;
	uint64_t wakes;
	uint64_t lock; /* hand-overs of the socket lock, not in .wakes */
};

/* One server that was tried, the last time if it took several. */
struct verify_run {
	char **command; /* NULL-terminated */
	unsigned attempts;
	uint64_t begun_ns, ended_ns; /* on CLOCK_MONOTONIC */
	struct report_summary summary;
	struct verify_worker *workers;
	size_t worker_cnt;
	struct finding finding;
};

struct verify_claim {
	const struct claim *claim;
	bool feature_present;
	const char *expected;
	enum claim_outcome outcome;
	char measured[(MEASURED_SIZE + 3) * CLAIM_SERVERS]; /* "" where nothing could be */
	struct verify_run runs[CLAIM_SERVERS];
	size_t run_cnt;
};

struct verify_report {
	char *kernel_release, *kernel_arch;
	char *kernel_build; /* uname -v: distributions put their exact version there */
	const char *attach_mode;
	bool interrupted; /* before all claims were tried */
	struct verify_claim *claims;
	size_t claim_cnt;
};

void verify_report__free(struct verify_report *report);

/* Frees what a claim owns. */
void verify_claim__drop(struct verify_claim *claim);

/* Decides about a claim whose runs are all there. */
void verify_claim__conclude(struct verify_claim *claim);

size_t verify_report__count(const struct verify_report *report, enum claim_outcome outcome);

/* How many claims there are, and how many of each outcome: a sentence on a line of its own, behind an empty one. */
void verify_report__print_sums(const struct verify_report *report, FILE *out);

/* Each writes a document and returns 0 or negative errno; the stream is not closed. */
int verify_table__write(FILE *out, const struct verify_report *report,
			const struct terminal *terminal);
int verify_json__write(FILE *out, const struct verify_report *report);
int verify_junit__write(FILE *out, const struct verify_report *report);
int verify_tap__write(FILE *out, const struct verify_report *report);
int verify_markdown__write(FILE *out, const struct verify_report *report);

/* The catalogue itself. */
int verify_table__list(FILE *out, const struct terminal *terminal);
int verify_json__list(FILE *out);

#endif
