// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The claims as a table in Markdown, then all that needs explaining. */
#include "print/markdown.h"

#include "verify/report.h"

static void put_claim(FILE *out, const struct verify_claim *c)
{
	const char *mark = c->outcome == CLAIM_HOLDS ? "" : "**";

	fputs("| ", out);
	markdown__name(out, c->claim->id);
	fputs(" | ", out);
	markdown__text(out, c->expected);
	fputs(" | ", out);
	markdown__text(out, *c->measured ? c->measured : "-");
	fprintf(out, " | %s%s%s |\n", mark, claim_outcome__name(c->outcome), mark);
}

static void put_finding(FILE *out, const struct finding *f, const char *const *word)
{
	fputs("  - ", out);
	for (; *word; word++) {
		markdown__name(out, *word);
		fputs(word[1] ? " " : ": ", out);
	}
	markdown__text(out, *f->measured ? f->measured : "nothing measured");
	if (*f->detail) {
		fputs(" (", out);
		markdown__text(out, f->detail);
		fputc(')', out);
	}
	fputs(*f->reason ? ": " : "", out);
	markdown__text(out, f->reason);
	fputc('\n', out);
}

static void explain(FILE *out, const struct verify_claim *c)
{
	fputs("- ", out);
	markdown__name(out, c->claim->id);
	fprintf(out, " is %s: ", claim_outcome__name(c->outcome));
	markdown__text(out, c->claim->text);
	fputs(" (", out);
	markdown__text(out, c->claim->source);
	fputs(")\n", out);
	for (size_t i = 0; i < c->run_cnt; i++)
		put_finding(out, &c->runs[i].finding, c->claim->servers[i]);
}

int verify_markdown__write(FILE *out, const struct verify_report *r)
{
	fputs("### herdtrace verify: ", out);
	markdown__name(out, r->kernel_release);
	fputc(' ', out);
	markdown__text(out, r->kernel_arch);
	fputs("\n\nattach mode ", out);
	markdown__text(out, r->attach_mode);
	fputs("; n is the number of workers\n\n"
	      "| claim | expected | measured | result |\n|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < r->claim_cnt; i++)
		put_claim(out, &r->claims[i]);
	fputc('\n', out);
	for (size_t i = 0; i < r->claim_cnt; i++)
		if (r->claims[i].outcome != CLAIM_HOLDS)
			explain(out, &r->claims[i]);
	verify_report__print_sums(r, out);
	if (r->interrupted)
		fputs("\ninterrupted: the other claims were not tried\n", out);
	return 0;
}
