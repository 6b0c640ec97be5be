// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/verify.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "verify/catalogue.h"
#include "verify/feature.h"
#include "run/interrupt.h"
#include "base/log.h"
#include "verify/netns.h"
#include "print/output.h"
#include "tracer/privilege.h"
#include "verify/try.h"

/* ---- what to try, and with what ---- */

/* The directory of the servers: beside us in a built tree, in libexec where we are installed. */
static bool find_servers(char *path, size_t size)
{
	static const char *const places[] = {"servers", "../libexec/herdtrace"};
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char copy[PATH_MAX];

		strcpy(copy, self);
		snprintf(path, size, "%s/%s", dirname(copy), places[i]);
		if (!access(path, R_OK | X_OK))
			return true;
	}
	return false;
}

static enum exit_status choose_servers(struct verify_context *v, const struct options *o,
				       char *path, size_t size)
{
	v->servers = path;
	if (o->servers) {
		v->servers = o->servers;
		if (!access(o->servers, R_OK | X_OK))
			return EXIT_RAN;
		log_error("cannot read the directory %s: %s", o->servers, strerror(errno));
		return EXIT_USAGE;
	}
	if (find_servers(path, size))
		return EXIT_RAN;
	log_error("cannot find the reference servers: name their directory with --servers");
	return EXIT_USAGE;
}

static enum exit_status check_ids(const struct options *o)
{
	for (char **id = o->arguments; id && *id; id++) {
		if (catalogue__find(*id))
			continue;
		log_error("there is no claim '%s' (see 'herdtrace verify --list')", *id);
		return EXIT_USAGE;
	}
	return EXIT_RAN;
}

static bool is_wanted(const struct options *o, const struct claim *claim)
{
	for (char **id = o->arguments; id && *id; id++)
		if (!strcmp(*id, claim->id))
			return true;
	return !o->arguments || !*o->arguments;
}

/* ---- trying ---- */

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
	log_error("out of memory");
	verify_report__free(r);
	return NULL;
}

static void show_progress(size_t at, size_t cnt, const char *id)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K[%zu/%zu] %s ...", at, cnt, id);
}

static void end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* A claim that was being tried when the signal came is left out. */
static int try_claims(struct verify_report *r, const struct verify_context *v,
		      const struct features *features, const struct options *o)
{
	size_t wanted = 0;
	int err = 0;

	for (size_t i = 0; i < catalogue_cnt; i++)
		wanted += is_wanted(o, &catalogue[i]);
	for (size_t i = 0; !err && i < catalogue_cnt; i++) {
		struct verify_claim *c = &r->claims[r->claim_cnt];

		if (!is_wanted(o, &catalogue[i]))
			continue;
		c->claim = &catalogue[i];
		c->feature_present = features->present[c->claim->feature];
		c->expected = claim__expected(c->claim, c->feature_present);
		show_progress(r->claim_cnt + 1, wanted, c->claim->id);
		err = verify_claim__try(c, v);
		r->interrupted = interrupt__seen();
		if (r->interrupted) {
			verify_claim__drop(c);
			break;
		}
		r->claim_cnt++;
	}
	end_progress();
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

static enum exit_status write_report(const struct verify_report *r, const struct options *o,
				     FILE *out)
{
	unsigned width;
	bool color;
	int err;

	output__terminal(out, &color, &width);
	if (o->format == RENDER_JSON)
		err = verify_json__write(out, r);
	else
		err = verify_table__write(out, r, color, width);
	err = output__finish(out, err, o->output, "the report");
	return err ? EXIT_INCOMPLETE : judge(r);
}

static enum exit_status list(const struct options *o)
{
	FILE *out = output__open(o->output);
	unsigned width;
	bool color;
	int err;

	if (!out)
		return EXIT_USAGE;
	output__terminal(out, &color, &width);
	if (o->format == RENDER_JSON)
		err = verify_json__list(out);
	else
		err = verify_table__list(out, color, width);
	err = output__finish(out, err, o->output, "the list");
	return err ? EXIT_INCOMPLETE : EXIT_RAN;
}

static enum exit_status verify(struct verify_context *v, const struct options *o)
{
	struct verify_report *r = NULL;
	struct features features;
	enum exit_status status = EXIT_CANNOT;
	FILE *out = output__open(o->output);

	if (!out)
		return EXIT_USAGE;
	interrupt__catch();
	if (privilege__check() || cpus__read(&v->cpus) || netns__enter() ||
	    features__read(&features) || tracer__open(&v->tracer, &o->tracer, NULL, NULL))
		goto out;
	status = EXIT_INCOMPLETE;
	r = new_report(v->tracer);
	if (!r)
		goto out;
	if (try_claims(r, v, &features, o)) {
		log_error("out of memory");
		goto out;
	}
	status = write_report(r, o, out);
	out = NULL;
out:
	verify_report__free(r);
	tracer__free(v->tracer);
	if (out)
		fclose(out);
	return status;
}

enum exit_status verify__run(const struct options *options)
{
	struct verify_context context = {.tracer_options = options->tracer};
	char path[PATH_MAX + 32];
	enum exit_status status;

	if (options->list)
		return list(options);
	status = check_ids(options);
	if (status == EXIT_RAN)
		status = choose_servers(&context, options, path, sizeof(path));
	return status == EXIT_RAN ? verify(&context, options) : status;
}
