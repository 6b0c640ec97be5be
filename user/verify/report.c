// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/report.h"

#include <stdlib.h>
#include <string.h>

static void free_run(struct verify_run *run)
{
	for (char **word = run->command; word && *word; word++)
		free(*word);
	free(run->command);
	free(run->workers);
}

void verify_claim__drop(struct verify_claim *c)
{
	while (c->run_cnt)
		free_run(&c->runs[--c->run_cnt]);
}

void verify_report__free(struct verify_report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->claim_cnt; i++)
		verify_claim__drop(&r->claims[i]);
	free(r->claims);
	free(r->kernel_release);
	free(r->kernel_build);
	free(r->kernel_arch);
	free(r);
}

/* Has an earlier run of the claim measured the same? */
static bool is_known(const struct verify_claim *c, size_t run)
{
	for (size_t i = 0; i < run; i++)
		if (!strcmp(c->runs[i].finding.measured, c->runs[run].finding.measured))
			return true;
	return false;
}

void verify_claim__conclude(struct verify_claim *c)
{
	struct finding findings[CLAIM_SERVERS];

	c->measured[0] = '\0';
	for (size_t i = 0; i < c->run_cnt; i++) {
		findings[i] = c->runs[i].finding;
		if (!*findings[i].measured || is_known(c, i))
			continue;
		if (*c->measured)
			strcat(c->measured, " / ");
		strcat(c->measured, findings[i].measured);
	}
	c->outcome = claim__conclude(c->expected, findings, c->run_cnt);
}

size_t verify_report__count(const struct verify_report *r, enum claim_outcome outcome)
{
	size_t cnt = 0;

	for (size_t i = 0; i < r->claim_cnt; i++)
		cnt += r->claims[i].outcome == outcome;
	return cnt;
}

void verify_report__print_sums(const struct verify_report *r, FILE *out)
{
	fprintf(out, "\n%zu claims: %zu hold, %zu broken, %zu inconclusive\n", r->claim_cnt,
		verify_report__count(r, CLAIM_HOLDS), verify_report__count(r, CLAIM_BROKEN),
		verify_report__count(r, CLAIM_INCONCLUSIVE));
}
