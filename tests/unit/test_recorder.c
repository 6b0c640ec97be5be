// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Recordings that are made: complete, of runs that break off, on disks that are full. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "files.h"
#include "record/recorder.h"
#include "stream_fixture.h"

#define ROUNDS 1000 /* more than a stream buffers */

/* A connection that wakes two, again and again; the tape is of the last one only. */
static void push_round(struct stream *s, struct tape *t, unsigned round)
{
	t->len = 0;
	tape__arrival(t, round, LISTENER);
	tape__wake(t, round, 11, CAUSE_EPOLL);
	tape__wake(t, round, 12, CAUSE_EPOLL);
	tape__accept(t, 11, round);
	tape__sleep(t, 11);
	tape__sleep(t, 12);
	for (size_t at = 0; at < t->len;) {
		const struct record_header *h = (void *)(t->records + at);

		assert_int_equal(stream__push(s, h, h->len), 0);
		at += h->len;
	}
}

/* A run with a recording in that file, up to its end record, which is on the tape. */
static void record_run(struct recorder *r, const char *name, struct tape *t)
{
	struct error error = {0};
	struct stream s = {0};

	assert_int_equal(recorder__open(r, name, &error), 0);
	stream__add_sink(&s, recorder__take, r);
	for (unsigned round = 1; round <= ROUNDS; round++)
		push_round(&s, t, round);
	assert_int_equal(s.error, 0);
}

static struct report *read_recording(const char *name)
{
	FILE *in = fopen(name, "re");
	char *bytes = malloc(1 << 20);
	struct error error = {0};
	struct report *r;
	size_t len;

	assert_non_null(in);
	assert_non_null(bytes);
	len = fread(bytes, 1, 1 << 20, in);
	fclose(in);
	if (read_bytes(bytes, len, &error, &r))
		fail_msg("%s", error.text);
	free(bytes);
	return r;
}

static void test_complete(void **state)
{
	struct error error = {0};
	struct recorder recorder;
	struct tape t = {0};
	struct report *r;

	(void)state;
	files__put("run.rec", "old\n");
	record_run(&recorder, "run.rec", &t);
	assert_string_equal(files__text("run.rec"), "old\n");
	assert_int_equal(recorder__finish(&recorder, &error), 0);
	assert_string_equal(files__text("run.rec.part"), "(none)");
	r = read_recording("run.rec");
	assert_int_equal(r->totals.summary.connections, ROUNDS);
	assert_int_equal(r->totals.summary.wakes, 2 * ROUNDS);
	report__free(r);
	tape__free(&t);
}

/* No record of the run is refused, whatever becomes of the recording. */
static void test_full(void **state)
{
	struct error error = {0};
	struct recorder recorder;
	struct tape t = {0};

	(void)state;
	record_run(&recorder, "/dev/full", &t);
	assert_int_equal(recorder__finish(&recorder, &error), -ENOSPC);
	assert_int_equal(error.fault, FAULT_DATA);
	assert_string_equal(error.text, "the recording failed: cannot write /dev/full: "
					"No space left on device");
	tape__free(&t);
}

/* What there is of it can be read, however much that is, and there is no gap in it. */
static void test_full_disk(void **state)
{
	struct rlimit before, limit;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (limit = before, limit.rlim_cur = 20000; limit.rlim_cur < 20100; limit.rlim_cur++) {
		struct error error = {0};
		struct recorder recorder;
		struct tape t = {0};
		struct report *r;

		files__put("run.rec", "old\n");
		setrlimit(RLIMIT_FSIZE, &limit);
		record_run(&recorder, "run.rec", &t);
		setrlimit(RLIMIT_FSIZE, &before); /* there is room again: nothing may follow */
		assert_int_equal(recorder__finish(&recorder, &error), -EFBIG);
		assert_string_equal(
			error.text,
			"the recording failed: cannot write run.rec: File too large; what "
			"there is of it is in run.rec.part");
		assert_string_equal(files__text("run.rec"), "old\n");
		r = read_recording("run.rec.part");
		assert_true(r->loss.incomplete);
		assert_in_range(r->totals.summary.connections, 10, ROUNDS - 1);
		report__free(r);
		tape__free(&t);
	}
	signal(SIGXFSZ, SIG_DFL);
}

static void test_broken_off(void **state)
{
	struct error error = {0};
	struct recorder recorder;
	struct tape t = {0};
	struct report *r;

	(void)state;
	files__put("run.rec", "old\n");
	record_run(&recorder, "run.rec", &t);
	recorder__leave(&recorder, &error);
	assert_string_equal(error.text, "the run broke off: what there is of the recording is in "
					"run.rec.part");
	assert_string_equal(files__text("run.rec"), "old\n");
	r = read_recording("run.rec.part");
	assert_int_equal(r->totals.summary.connections, ROUNDS);
	report__free(r);
	tape__free(&t);
}

/* When the disk is full, that is what is said. */
static void test_broken_off_and_full(void **state)
{
	struct error error = {0};
	struct recorder recorder;
	struct tape t = {0};

	(void)state;
	record_run(&recorder, "/dev/full", &t);
	recorder__leave(&recorder, &error);
	assert_string_equal(error.text, "the recording failed: cannot write /dev/full: "
					"No space left on device");
	tape__free(&t);
}

/* What is left of a run that is killed, at any time. */
static void test_killed(void **state)
{
	struct error error = {0};
	struct recorder recorder;
	struct stream s = {0};
	struct tape t = {0};
	struct report *r;

	(void)state;
	assert_int_equal(recorder__open(&recorder, "run.rec", &error), 0);
	stream__add_sink(&s, recorder__take, &recorder);
	for (unsigned round = 0; round < 3; round++) {
		if (round)
			push_round(&s, &t, round);
		if (round)
			recorder__flush(&recorder);
		r = read_recording("run.rec.part");
		assert_int_equal(r->totals.summary.connections, round);
		assert_true(r->loss.incomplete);
		report__free(r);
	}
	recorder__discard(&recorder);
	tape__free(&t);
}

static void test_never_begun(void **state)
{
	struct error error = {0};
	struct recorder recorder = RECORDER_CLOSED;

	(void)state;
	recorder__discard(&recorder);
	files__put("run.rec", "old\n");
	assert_int_equal(recorder__open(&recorder, "run.rec", &error), 0);
	recorder__discard(&recorder);
	assert_string_equal(files__text("run.rec"), "old\n");
	assert_string_equal(files__text("run.rec.part"), "(none)");
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, files__begin, files__end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(test_complete),
		IN_DIRECTORY(test_full),
		IN_DIRECTORY(test_full_disk),
		IN_DIRECTORY(test_broken_off),
		IN_DIRECTORY(test_broken_off_and_full),
		IN_DIRECTORY(test_killed),
		IN_DIRECTORY(test_never_begun),
	};

	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
