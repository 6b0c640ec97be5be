// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of herdtrace verify: every claim holds on this kernel, and the oracle saw the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live_suites.h"

#define VERIFIED "/tmp/live.verified"
#define ERRORS   "/tmp/live.err"

/* All servers, and nobody else in the time of a run. */
#define SERVERS "*-ser*"

#define LIMIT_SEC 300

/* ---- a run of the whole catalogue, under the oracle's eyes ---- */

/* Every run of every claim has its own counts, in the order of the document. */
struct verified {
	int status;
	long took_sec;
	json_t *document;
	struct oracle_counts *counts;
	size_t run_cnt;
};

static const json_t *claims_of(const json_t *document)
{
	return json_object_get(document, "claims");
}

static const json_t *runs_of(const json_t *claim)
{
	return json_object_get(claim, "runs");
}

static long seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void make_counts(struct verified *v)
{
	const json_t *claim, *run;
	size_t i, j;

	json_array_foreach (claims_of(v->document), i, claim)
		v->run_cnt += json_array_size(runs_of(claim));
	v->counts = calloc(v->run_cnt + 1, sizeof(*v->counts));
	if (!v->counts)
		abort();
	v->run_cnt = 0;
	json_array_foreach (claims_of(v->document), i, claim) {
		json_array_foreach (runs_of(claim), j, run) {
			v->counts[v->run_cnt].from_ns = live__number(run, "begin_ns");
			v->counts[v->run_cnt++].until_ns = live__number(run, "end_ns");
		}
	}
}

static void run_verify(struct verified *v)
{
	char *argv[] = {(char *)live__herdtrace(), "verify", "-fjson", NULL};
	struct oracle *oracle = oracle__new();
	int err = oracle ? oracle__start(oracle, SERVERS) : -errno;
	long begun = seconds();

	*v = (struct verified){0};
	v->status = live__wait(live__spawn(argv, VERIFIED, ERRORS));
	v->took_sec = seconds() - begun;
	v->document = json_load_file(VERIFIED, 0, NULL);
	make_counts(v);
	if (!err)
		err = oracle__stop(oracle, v->counts, v->run_cnt);
	if (err)
		live__fail("the oracle: %s", strerror(-err));
	oracle__free(oracle);
}

static void verified__free(struct verified *v)
{
	for (size_t i = 0; i < v->run_cnt; i++)
		oracle_counts__free(&v->counts[i]);
	free(v->counts);
	json_decref(v->document);
}

/* ---- what it says ---- */

static json_t *list_claims(void)
{
	struct live_run run;
	json_t *list;

	live__herdtrace_alone(&run, (const char *[]){"verify", "--list", "-fjson", NULL});
	EXPECT_EQ("exit status of --list", run.status, 0);
	EXPECT_WORD("schema of --list", live__word(run.report, "schema"), "herdtrace-claims/1");
	list = json_incref(run.report);
	live_run__free(&run);
	return list;
}

/* All claims of the list, each once, in its order. */
static void check_complete(const json_t *document)
{
	json_t *list = list_claims();
	const json_t *listed;
	size_t i;

	EXPECT_TRUE("there are claims", json_array_size(claims_of(list)) >= 30);
	EXPECT_EQ("claims", json_array_size(claims_of(document)), json_array_size(claims_of(list)));
	json_array_foreach (claims_of(list), i, listed)
		EXPECT_WORD("claim", live__word(json_array_get(claims_of(document), i), "id"),
			    live__word(listed, "id"));
	json_decref(list);
}

static void check_document(const struct verified *v)
{
	live__begin("verify: all claims hold");
	EXPECT_EQ("exit status", v->status, 0);
	EXPECT_WORD("schema", live__word(v->document, "schema"), "herdtrace-verify/1");
	EXPECT_EQ("broken", live__number(v->document, "summary.broken"), 0);
	EXPECT_EQ("inconclusive", live__number(v->document, "summary.inconclusive"), 0);
	EXPECT_EQ("hold", live__number(v->document, "summary.holds"),
		  json_array_size(claims_of(v->document)));
	check_complete(v->document);
	EXPECT_RANGE("seconds it took", v->took_sec, 1, LIMIT_SEC);
	live__check_nothing_left();
	live__end();
	printf("#   %zu runs in %ld s\n", v->run_cnt, v->took_sec);
}

/* A run in which nobody was woken would agree with an oracle that looked elsewhere. */
static bool must_wake(const json_t *claim)
{
	const char *expected = live__word(claim, "expected");

	return expected && strcmp(expected, "lost") && strcmp(expected, "refused");
}

/* Returns how many counts it has used up. */
static size_t check_claim(const json_t *claim, const struct oracle_counts *counts)
{
	const json_t *run;
	uint64_t seen = 0;
	size_t i;

	live__begin("verify: %s, run by run as the oracle saw it", live__word(claim, "id"));
	EXPECT_WORD("result", live__word(claim, "result"), "HOLDS");
	EXPECT_WORD("measured", live__word(claim, "measured"), live__word(claim, "expected"));
	EXPECT_TRUE("there is a run", json_array_size(runs_of(claim)) > 0);
	json_array_foreach (runs_of(claim), i, run) {
		EXPECT_TRUE("it has a time",
			    counts[i].from_ns > 0 && counts[i].until_ns > counts[i].from_ns);
		live__check_counts(run, &counts[i]);
		seen += counts[i].listener;
	}
	if (must_wake(claim))
		EXPECT_TRUE("the oracle saw wakes", seen > 0);
	live__end();
	return i;
}

/* ---- wrong use, and documents side by side ---- */

static void test_comparison(void)
{
	struct live_run run;

	live__begin("compare: a document is like itself");
	live__herdtrace_alone(&run,
			      (const char *[]){"compare", "-fjson", VERIFIED, VERIFIED, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_TRUE("a document", run.report);
	live_run__free(&run);
	live__end();
}

void live__suite_verify(void)
{
	struct verified v;
	const json_t *claim;
	size_t i, at = 0;

	live__begin("verify: runs");
	run_verify(&v);
	if (!v.document)
		live__fail("it prints no document");
	live__end();
	check_document(&v);
	json_array_foreach (claims_of(v.document), i, claim)
		at += check_claim(claim, v.counts + at);
	test_comparison();
	verified__free(&v);
}
