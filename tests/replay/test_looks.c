// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_looks [WORKERS]: who looks at a run for hours, as top and metrics do, while so many workers come and go.
 * What they show must be exact, and take no more memory for it. TAP.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "long_server.h"
#include "metrics/exporter.h"
#include "record/check.h"
#include "replay.h"
#include "report/verdict.h"
#include "top/lines.h"
#include "top/page.h"

#define FEW_WORKERS  20000
#define MANY_WORKERS 50000

/*
 * MiB; of a program that has no kernel's types in memory. Some thousands of workers and listeners that are gone are kept
 * (report/fold.h), and 16,384 lost connections (model/lost.c); top has what it showed last besides.
 */
#define METRICS_LIMIT 64
#define TOP_LIMIT     80

/* Workers that end from look to look, and connections of each. */
#define ROUNDS_A_LOOK       100
#define HERDS_A_ROUND       1
#define CONNECTIONS_A_ROUND (CONNECTIONS - HERDS + HERDS_A_ROUND)
#define WAKES_A_ROUND       ((HERDS_A_ROUND + 1) * WORKERS + 1)

struct watch {
	struct server server;
	struct model *model;
	uint64_t looks, rounds;
};

/* What somebody who looks has, from look to look. */
struct viewer {
	struct top_numbers numbers;
	struct top_meter meter;
	struct top_page page;
	struct exporter exporter;
	FILE *out;
};

static void fail(const char *what)
{
	fprintf(stderr, "test_looks: %s\n", what);
	_exit(1);
}

static void feed(struct watch *w)
{
	struct tape *t = &w->server.tape;
	const struct record_header *r = NULL;
	const char *why;

	while ((r = tape__next(t, r)))
		if (record__check(r, r->len, &why) != r->len || model__take(w->model, r))
			fail("a record is not taken");
	t->len = 0;
}

/* ---- looks ---- */

static void look_as_top(struct viewer *v, const struct run_moment *moment,
			const struct verdicts *verdicts)
{
	static const struct top_size size = {.columns = 120, .rows = 40, .title = "server"};
	static const struct top_choice choice = TOP_CHOICE;
	struct top_look look = {
		.begun_ns = moment->begun_ns,
		.now_ns = moment->now_ns,
		.totals = moment->totals,
		.loss = moment->loss,
		.verdicts = verdicts,
		.model = moment->model,
	};

	if (numbers__take(&v->numbers, &v->meter, &look) ||
	    top_page__make(&v->page, &v->numbers, &choice, &size))
		fail("no look");
	lines__print(v->out, &v->numbers, LINES_WORKERS, 0);
}

static void look_as_metrics(struct viewer *v, const struct run_moment *moment)
{
	struct run_view view = exporter__view(&v->exporter, NS_PER_SEC);
	struct error error = {0};

	if (view.look(view.arg, moment, &error))
		fail("no metrics");
}

static void look(struct watch *w, struct viewer *v)
{
	struct report_loss loss = {0};
	struct verdicts verdicts = {0};
	struct run_moment moment = {
		.begun_ns = NS_PER_SEC,
		.now_ns = (2 + w->looks++) * NS_PER_SEC,
		.totals = model__look(w->model, UINT64_MAX),
		.loss = &loss,
		.model = w->model,
	};

	if (!moment.totals || verdicts__decide(&verdicts, moment.totals, &loss))
		fail("no verdicts");
	if (v->exporter.textfile)
		look_as_metrics(v, &moment);
	else
		look_as_top(v, &moment, &verdicts);
	verdicts__drop(&verdicts);
}

static void watch(struct viewer *v, uint64_t rounds)
{
	struct watch w = {.model = model__new()};
	struct run_view view = exporter__view(&v->exporter, NS_PER_SEC);

	if (v->exporter.textfile)
		model__set_counter(w.model, view.count, view.arg);
	else
		model__keep_flows(w.model);
	begin_server(&w.server);
	for (w.rounds = 0; w.rounds < rounds; w.rounds++) {
		serve(&w.server, HERDS_A_ROUND);
		feed(&w);
		if (w.rounds % ROUNDS_A_LOOK == 0)
			look(&w, v);
	}
	look(&w, v);
}

/* ---- what they have shown ---- */

/* Of those that were lost, the newest may still be another listener's, and are counted later (model/lost.c). */
static bool is_sum(uint64_t connections, uint64_t rounds)
{
	uint64_t all = CONNECTIONS_A_ROUND * rounds;

	if (connections <= all && connections + 16384 >= all)
		return true;
	fprintf(stderr, "%llu of %llu connections\n", (unsigned long long)connections,
		(unsigned long long)all);
	return false;
}

static bool is_right(const struct top_numbers *n, uint64_t rounds)
{
	const struct top_counts *all = &n->all.of[TOP_WHOLE];

	if (is_sum(all->connections, rounds) && all->wakes == WAKES_A_ROUND * rounds &&
	    n->workers_here == WORKERS)
		return true;
	fprintf(stderr, "%llu of %llu wakes, %zu workers\n", (unsigned long long)all->wakes,
		(unsigned long long)(WAKES_A_ROUND * rounds), n->workers_here);
	return false;
}

static uint64_t sum_of_places(const struct ledger *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->place_cnt; i++)
		sum += l->places[i].connections;
	return sum;
}

/* KiB, 0: failed. In a process of its own: what one has had does not count for the next. */
static long measure(const char *textfile, uint64_t rounds)
{
	struct viewer v = {.exporter = {.textfile = textfile, .version = "", .kernel = ""},
			   .out = fopen("/dev/null", "w")};
	struct rusage usage;
	pid_t pid = fork();
	int status;

	if (!pid) {
		watch(&v, rounds);
		_exit(textfile ? !is_sum(sum_of_places(&v.exporter.ledger), rounds)
			       : !is_right(&v.numbers, rounds));
	}
	fclose(v.out);
	return wait4(pid, &status, 0, &usage) == pid && !status ? usage.ru_maxrss : 0;
}

static void test_memory(const char *who, const char *textfile, uint64_t workers, long limit)
{
	long few = measure(textfile, FEW_WORKERS), many = measure(textfile, workers);
	char name[128];

	printf("# %s: %ld KiB with %d workers, %ld KiB with %llu\n", who, few, FEW_WORKERS, many,
	       (unsigned long long)workers);
	snprintf(name, sizeof(name), "%s shows what many workers that are gone have done", who);
	replay__result(few && many, name);
	snprintf(name, sizeof(name),
		 "%s takes no more memory for more of them, and less than %ld MiB", who, limit);
	replay__result(few && many < few + few / 10 && many < limit << 10, name);
}

int main(int argc, char **argv)
{
	uint64_t workers = argc == 2 ? strtoull(argv[1], NULL, 10) : MANY_WORKERS;
	char textfile[] = "/tmp/test_looks.XXXXXX";
	int fd = mkstemp(textfile);

	setlinebuf(stdout);
	test_memory("top", NULL, workers, TOP_LIMIT);
	test_memory("metrics", textfile, workers, METRICS_LIMIT);
	close(fd);
	unlink(textfile);
	replay__plan();
	return fd < 0;
}
