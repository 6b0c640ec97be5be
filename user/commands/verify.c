// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "commands/documents.h"
#include "print/progress.h"
#include "print/terminal.h"
#include "run/interrupt.h"
#include "tracer/privilege.h"
#include "verify/catalogue.h"
#include "verify/feature.h"
#include "verify/netns.h"
#include "verify/try.h"

/* ---- what to try, and with what ---- */

static int choose_servers(struct verify_context *v, const struct options *o, char *path,
			  size_t size, struct error *error)
{
	v->servers = path;
	if (o->servers) {
		v->servers = o->servers;
		if (!access(o->servers, R_OK | X_OK))
			return 0;
		return error__set(error, FAULT_INPUT, -errno, "cannot read the directory %s: %s",
				  o->servers, strerror(errno));
	}
	if (beside__find_servers(path, size))
		return 0;
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "cannot find the reference servers: name their directory with --servers");
}

static int check_ids(const struct options *o, struct error *error)
{
	for (char **id = o->arguments; id && *id; id++)
		if (!catalogue__find(*id))
			return error__set(error, FAULT_INPUT, -ENOENT,
					  "there is no claim '%s' (see 'herdtrace verify --list')",
					  *id);
	return 0;
}

static bool is_wanted(const struct options *o, const struct claim *claim)
{
	for (char **id = o->arguments; id && *id; id++)
		if (!strcmp(*id, claim->id))
			return true;
	return !o->arguments || !*o->arguments;
}

/* ---- trying ---- */

/* NULL: no memory. */
static struct verify_report *new_report(const struct tracer *tracer)
{
	struct verify_report *r = calloc(1, sizeof(*r));
	struct utsname system;

	uname(&system);
	if (r) {
		r->claims = calloc(catalogue_cnt, sizeof(*r->claims));
		r->kernel_release = strdup(system.release);
		r->kernel_build = strdup(system.version);
		r->kernel_arch = strdup(system.machine);
		r->attach_mode = tracer__mode(tracer);
	}
	if (r && r->claims && r->kernel_release && r->kernel_arch && r->kernel_build)
		return r;
	verify_report__free(r);
	return NULL;
}

/* A claim that was being tried when the signal came is left out. */
static int try_claims(struct verify_report *r, const struct verify_context *v,
		      const struct features *features, const struct options *o)
{
	struct progress progress;
	size_t wanted = 0;
	int err = 0;

	progress__begin(&progress, stderr);
	for (size_t i = 0; i < catalogue_cnt; i++)
		wanted += is_wanted(o, &catalogue[i]);
	for (size_t i = 0; !err && i < catalogue_cnt; i++) {
		struct verify_claim *c = &r->claims[r->claim_cnt];

		if (!is_wanted(o, &catalogue[i]))
			continue;
		c->claim = &catalogue[i];
		c->feature_present = features->present[c->claim->feature];
		c->expected = claim__expected(c->claim, c->feature_present);
		if (!o->quiet)
			progress__show(&progress, clock__now_ns(), "[%zu/%zu] %s ...",
				       r->claim_cnt + 1, wanted, c->claim->id);
		err = verify_claim__try(c, v);
		r->interrupted = interrupt__seen();
		if (r->interrupted) {
			verify_claim__drop(c);
			break;
		}
		r->claim_cnt++;
	}
	progress__end(&progress);
	return err;
}

/* ---- the result ---- */

static enum exit_status judge(const struct verify_report *r)
{
	if (verify_report__count(r, CLAIM_BROKEN))
		return EXIT_UNEXPECTED;
	if (r->interrupted || verify_report__count(r, CLAIM_INCONCLUSIVE))
		return EXIT_INCOMPLETE;
	return EXIT_RAN;
}

static int write_report(const struct verify_report *r, const struct options *o, FILE *out)
{
	struct terminal terminal = terminal__describe(out, o->color);

	return documents__write_verify(out, r, o->format, &terminal);
}

static enum exit_status finish(const struct verify_report *r, const struct options *o,
			       struct outfile *out)
{
	struct error error = {0};

	if (outfile__finish(out, write_report(r, o, out->stream), "the report", &error))
		return command__fail(&error);
	return judge(r);
}

static int write_list(const struct options *o, FILE *out)
{
	struct terminal terminal;

	if (o->format == RENDER_JSON)
		return verify_json__list(out);
	terminal = terminal__describe(out, o->color);
	return verify_table__list(out, &terminal);
}

static enum exit_status list(const struct options *o)
{
	struct error error = {0};
	struct outfile out;

	if (outfile__open(&out, o->output, &error) ||
	    outfile__finish(&out, write_list(o, out.stream), "the list", &error))
		return command__fail(&error);
	return EXIT_RAN;
}

/* A tracer in a network of our own, and what this kernel has. */
static int prepare(struct verify_context *v, struct features *features,
		   const struct tracer_options *options, struct error *error)
{
	int err = privilege__check(error);

	if (!err)
		err = cpus__read(&v->cpus);
	if (!err)
		err = netns__enter(error);
	if (!err)
		err = features__read(features, error);
	if (!err)
		err = tracer__open(&v->tracer, options, NULL, NULL, error);
	return err;
}

/* Writes what it found to out, and finishes or discards that. */
static enum exit_status verify(struct verify_context *v, const struct options *o,
			       struct outfile *out)
{
	struct verify_report *r = NULL;
	struct features features;
	struct error error = {0};
	enum exit_status status;

	if (prepare(v, &features, &o->tracer, &error))
		goto fail;
	r = new_report(v->tracer);
	if (!r || try_claims(r, v, &features, o)) {
		error__set(&error, FAULT_DATA, -ENOMEM, "out of memory");
		goto fail;
	}
	status = finish(r, o, out);
	verify_report__free(r);
	return status;
fail:
	outfile__discard(out);
	verify_report__free(r);
	return command__fail(&error);
}

enum exit_status command__verify(const struct options *options)
{
	struct verify_context context = {.tracer_options = options->tracer};
	char path[PATH_MAX + 32];
	struct error error = {0};
	enum exit_status status;
	struct outfile out;

	if (options->list)
		return list(options);
	if (check_ids(options, &error) ||
	    choose_servers(&context, options, path, sizeof(path), &error) ||
	    outfile__open(&out, options->output, &error))
		return command__fail(&error);
	interrupt__catch();
	status = verify(&context, options, &out);
	tracer__free(context.tracer);
	return status;
}
