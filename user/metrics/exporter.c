// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/exporter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/outfile.h"
#include "metrics/page.h"
#include "report/verdict.h"

/* ---- a page ---- */

/* What there is now, by place; filled in while the page is made. */
struct present {
	struct ledger *ledger;
	const struct totals *totals;
	struct page_place places[LEDGER_PLACES + 1];
	bool failed;
};

static struct page_place *find_place(struct present *p, const struct report_listener *l)
{
	/* That of one on AF_UNIX is told a moment later. */
	struct ledger_place *place = *l->address ? ledger__place(p->ledger, l->address) : NULL;

	p->failed |= *l->address && !place;
	return place ? &p->places[place - p->ledger->places] : NULL;
}

static void count_listener(void *arg, uint32_t listener, size_t queued)
{
	struct present *p = arg;
	const struct report_listener *l = &p->totals->listeners[listener];
	struct page_place *place = find_place(p, l);

	if (!place)
		return;
	place->listeners++;
	place->queued += queued;
	place->backlog += l->backlog > 0 ? l->backlog : 0;
}

static void count_workers(struct present *p)
{
	const struct pools *pools = &p->totals->pools;

	for (size_t i = 0; i < pools->all.cnt; i++) {
		const struct pool *pool = &pools->all.at[i];
		struct page_place *place =
			pool->open ? find_place(p, &p->totals->listeners[pool->listener]) : NULL;

		if (place)
			place->workers += pool->live;
	}
}

static double start_time(const struct run_moment *moment)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9 -
	       (double)elapsed_ns(moment->begun_ns, clock__now_ns()) / NS_PER_SEC;
}

static void write_page(void *page, FILE *out, enum http_format format)
{
	page__write(out, format, page);
}

static void drop_verdicts(struct verdicts *v)
{
	free(v->herd.reason);
	free(v->skew.reason);
	free(v->stranding.reason);
	free(v->advice);
}

/* ---- where it goes ---- */

static int write_file(const char *name, const struct page *page, struct error *error)
{
	struct outfile file;
	int err = outfile__open(&file, name, error);

	if (err)
		return err;
	page__write(file.stream, HTTP_PROMETHEUS, page);
	return outfile__finish(&file, 0, "the metrics", error);
}

static int publish(struct exporter *e, struct page *page, struct error *error)
{
	int err;

	if (!e->endpoint)
		return write_file(e->textfile, page, error);
	err = endpoint__send(e->endpoint, write_page, page);
	return err ? error__set(error, FAULT_DATA, err, "cannot make a text of metrics: %s",
				strerror(-err))
		   : 0;
}

static int make_and_publish(struct exporter *e, const struct run_moment *moment,
			    struct error *error)
{
	struct present present = {.ledger = &e->ledger, .totals = moment->totals};
	struct verdicts verdicts = {0};
	struct model_progress progress;
	struct page page = {
		.version = e->version,
		.kernel = e->kernel,
		.start_time = start_time(moment),
		.ledger = &e->ledger,
		.places = present.places,
		.totals = moment->totals,
		.loss = moment->loss,
		.verdicts = &verdicts,
	};
	int err = verdicts__decide(&verdicts, moment->totals, moment->loss);

	model__each_listener(moment->model, count_listener, &present);
	count_workers(&present);
	model__progress(moment->model, &progress);
	page.tasks = progress.live_tasks;
	if (err || present.failed)
		err = error__set(error, FAULT_DATA, -ENOMEM, "out of memory");
	else
		err = publish(e, &page, error);
	drop_verdicts(&verdicts);
	return err;
}

/* ---- the view ---- */

static int begin(void *arg, struct loop *loop, struct error *error)
{
	struct exporter *e = arg;
	int err = e->endpoint ? endpoint__add_to(e->endpoint, loop) : 0;

	return err ? error__set(error, FAULT_SYSTEM, err, "cannot wait for events: %s",
				strerror(-err))
		   : 0;
}

static int look(void *arg, const struct run_moment *moment, struct error *error)
{
	struct exporter *e = arg;

	if (e->endpoint && e->endpoint->gone)
		return error__set(error, FAULT_SYSTEM, -ECHILD,
				  "herdtrace-http, which answers for metrics, has ended or was "
				  "killed: the trace ends with it");
	if (e->endpoint && !e->endpoint->wanted)
		return 0;
	return make_and_publish(e, moment, error);
}

static bool is_due(void *arg)
{
	const struct exporter *e = arg;

	return e->endpoint && (e->endpoint->wanted || e->endpoint->gone);
}

static int count(void *arg, const struct totals *totals, const struct closed_connection *c)
{
	struct exporter *e = arg;

	return ledger__count(&e->ledger, totals, c);
}

struct run_view exporter__view(struct exporter *e, uint64_t period_ns)
{
	return (struct run_view){
		.period_ns = period_ns,
		.count = count,
		.begin = begin,
		.look = look,
		.is_due = is_due,
		.arg = e,
	};
}

void exporter__drop(struct exporter *e)
{
	ledger__drop(&e->ledger);
}

int exporter__check_textfile(const char *name, struct error *error)
{
	struct outfile file;
	int err = outfile__open(&file, name, error);

	if (!err)
		outfile__discard(&file);
	return err;
}
