// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Only well-formed records get through, live or from a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "stream_fixture.h"

/* ---- one record ---- */

/* Lengths in bytes as the wire format has them. */
static const uint16_t lengths[RECORD_TYPE_CNT] = {
	[RECORD_META] = 24,    [RECORD_TASK] = 48,    [RECORD_LISTEN] = 64,  [RECORD_UNLISTEN] = 24,
	[RECORD_SELECT] = 80,  [RECORD_ARRIVAL] = 88, [RECORD_REFUSED] = 24, [RECORD_WAITER] = 32,
	[RECORD_WALK] = 32,    [RECORD_WAKE] = 72,    [RECORD_RUN] = 16,     [RECORD_ACCEPT] = 40,
	[RECORD_RETURN] = 32,  [RECORD_SLEEP] = 32,   [RECORD_END] = 64,     [RECORD_PATH] = 152,
	[RECORD_MIGRATE] = 48,
};

/* One valid record of each type, in the order of the types. */
static void one_of_each(struct tape *t)
{
	tape__meta(t, META_NOTE, "");
	tape__task(t, TASK_SEEN, 11, "server");
	tape__listen(t, LISTENER, 8888);
	tape__unlisten(t, LISTENER);
	tape__select(t, LISTENER, 1);
	tape__arrival(t, 1, LISTENER);
	tape__refused(t, 2);
	tape__waiter(t, 1, 11);
	tape__walk(t, 1, 1);
	tape__wake(t, 1, 11, CAUSE_EPOLL);
	tape__run(t, 11);
	tape__accept(t, 11, 1);
	tape__return(t, 11);
	tape__sleep(t, 11);
	tape__end(t);
	tape__path(t, LISTENER, "/run/x.sock");
	tape__migrate(t, 1, 2, LISTENER, LISTENER + 1);
}

/* A copy of the record with room after it, as the buffer of a reader has. */
static union record_any *copy(const struct record_header *record, void *buffer)
{
	memset(buffer, 0, UINT16_MAX + 1);
	memcpy(buffer, record, record->len);
	return buffer;
}

static int check(const void *record, size_t size)
{
	const char *why = NULL;
	int result = record__check(record, size, &why);

	if (result < 0) {
		assert_int_equal(result, -EBADMSG);
		assert_non_null(why);
	}
	return result;
}

/* Nothing is read past the end. */
static void check_cut(const void *record, size_t size)
{
	void *exact = malloc(size);

	memcpy(exact, record, size);
	assert_int_equal(check(exact, size), -EBADMSG);
	free(exact);
}

static void test_lengths(void **state)
{
	static _Alignas(8) char buffer[UINT16_MAX + 1];
	struct tape t = {0};
	unsigned type = 0;

	(void)state;
	one_of_each(&t);
	for (const struct record_header *h = NULL; (h = tape__next(&t, h));) {
		union record_any *r = copy(h, buffer);

		assert_int_equal(h->type, ++type);
		assert_int_equal(check(r, h->len), lengths[type]);
		assert_int_equal(check(r, h->len + 1), lengths[type]);
		for (size_t size = 0; size < h->len; size++)
			check_cut(r, size);
		for (unsigned len = 0; len <= UINT16_MAX; len++) {
			r->header.len = len;
			assert_int_equal(check(r, sizeof(buffer)),
					 len == lengths[type] ? (int)len : -EBADMSG);
		}
	}
	assert_int_equal(type + 1, RECORD_TYPE_CNT);
	tape__free(&t);
}

static void test_types(void **state)
{
	static _Alignas(8) char buffer[UINT16_MAX + 1];
	struct record_header *h = (struct record_header *)buffer;

	(void)state;
	for (unsigned len = 16; len <= 160; len += 8) {
		h->len = len;
		h->type = 0;
		assert_int_equal(check(h, sizeof(buffer)), -EBADMSG);
		for (unsigned type = RECORD_TYPE_CNT; type <= UINT16_MAX; type++) {
			h->type = type;
			assert_int_equal(check(h, sizeof(buffer)), -EBADMSG);
		}
	}
}

/* As long as its text, filled up to a multiple of 8, and no other length. */
static void test_meta_text(void **state)
{
	static _Alignas(8) char buffer[UINT16_MAX + 1];
	struct record_meta *m = (struct record_meta *)buffer;

	(void)state;
	m->header.type = RECORD_META;
	m->key = META_NOTE;
	for (unsigned len = 24; len <= UINT16_MAX; len += len < 120 ? 8 : 65528 - 120) {
		m->header.len = len;
		for (unsigned text = 0; text <= UINT16_MAX; text++) {
			bool fits = text <= len - 24 && len - 24 - text < 8;

			m->text_len = text;
			assert_int_equal(check(m, sizeof(buffer)), fits ? (int)len : -EBADMSG);
		}
	}
}

#define FIELD(TYPE, RECORD, NAME, FIRST, LAST)                                                  \
	{                                                                                       \
		TYPE, offsetof(struct RECORD, NAME), sizeof(((struct RECORD *)0)->NAME), FIRST, \
			LAST                                                                    \
	}

/* Every field that names something, and the first and the last of what it may name. */
static const struct {
	enum record_type type;
	size_t offset, size;
	uint32_t first, last;
} fields[] = {
	FIELD(RECORD_META, record_meta, key, META_RELEASE, META_NOTE),
	FIELD(RECORD_TASK, record_task, event, TASK_SEEN, TASK_EXITED),
	FIELD(RECORD_WAITER, record_waiter, cause, CAUSE_ACCEPT, CAUSE_OTHER),
	FIELD(RECORD_WAKE, record_wake, cause, CAUSE_ACCEPT, CAUSE_OTHER),
	FIELD(RECORD_RETURN, record_return, call, CALL_NONE, CALL_IO_URING),
	FIELD(RECORD_SLEEP, record_sleep, call, CALL_NONE, CALL_IO_URING),
};

static const struct record_header *record_of(const struct tape *t, enum record_type type)
{
	const struct record_header *h = NULL;

	while ((h = tape__next(t, h)) && h->type != type)
		;
	assert_non_null(h);
	return h;
}

static void test_ranges(void **state)
{
	static _Alignas(8) char buffer[UINT16_MAX + 1];
	static const uint32_t far[] = {INT32_MAX, 0x80000000, 0x80000001, UINT32_MAX, 0x10001};
	struct tape t = {0};

	(void)state;
	one_of_each(&t);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		union record_any *r = copy(record_of(&t, fields[i].type), buffer);

		for (uint32_t n = 0; n < 300; n++) {
			uint32_t value = n < 295 ? n : far[n - 295];
			bool good;

			if (fields[i].size == 2)
				value &= 0xffff;
			memcpy(buffer + fields[i].offset, &value, fields[i].size);
			good = value >= fields[i].first && value <= fields[i].last;
			assert_int_equal(check(r, sizeof(buffer)), good ? r->header.len : -EBADMSG);
		}
	}
	tape__free(&t);
}

static void test_families(void **state)
{
	static _Alignas(8) char buffer[UINT16_MAX + 1];
	static const struct {
		enum record_type type;
		size_t offset;
	} families[] = {
		{RECORD_LISTEN, offsetof(struct record_listen, local.family)},
		{RECORD_SELECT, offsetof(struct record_select, peer.family)},
		{RECORD_ARRIVAL, offsetof(struct record_arrival, peer.family)},
		{RECORD_ARRIVAL, offsetof(struct record_arrival, local.family)},
	};
	struct tape t = {0};

	(void)state;
	one_of_each(&t);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		union record_any *r = copy(record_of(&t, families[i].type), buffer);

		for (unsigned family = 0; family < 256; family++) {
			bool good = family == AF_INET || family == AF_INET6 || family == AF_UNIX;

			buffer[families[i].offset] = family;
			assert_int_equal(check(r, sizeof(buffer)), good ? r->header.len : -EBADMSG);
		}
	}
	tape__free(&t);
}

static void test_errors_of_accept(void **state)
{
	struct tape t = {0};
	struct record_accept *r = tape__accept(&t, 11, 1);

	(void)state;
	r->error = -EAGAIN;
	assert_int_equal(check(r, sizeof(*r)), sizeof(*r));
	r->error = INT32_MIN;
	assert_int_equal(check(r, sizeof(*r)), sizeof(*r));
	r->error = 1;
	assert_int_equal(check(r, sizeof(*r)), -EBADMSG);
	r->error = INT32_MAX;
	assert_int_equal(check(r, sizeof(*r)), -EBADMSG);
	tape__free(&t);
}

/* A path ends somewhere; where does not matter. */
static void test_path_ends(void **state)
{
	char longest[RECORD_PATH_LEN + 1] = "";
	struct tape t = {0};
	struct record_path *r;

	(void)state;
	memset(longest, 'x', RECORD_PATH_LEN);
	r = tape__path(&t, LISTENER, longest);
	assert_int_equal(check(r, sizeof(*r)), -EBADMSG);
	for (size_t end = 0; end < RECORD_PATH_LEN; end++) {
		memset(r->path, 'x', RECORD_PATH_LEN);
		r->path[end] = '\0';
		assert_int_equal(check(r, sizeof(*r)), sizeof(*r));
	}
	tape__free(&t);
}

/* ---- a live stream ---- */

/* A small run: two tasks woken, one gets the connection. */
static void small_run(struct tape *t)
{
	tape__meta(t, META_RELEASE, "6.1.0");
	tape__meta(t, META_ARGUMENT, "./server");
	tape__task(t, TASK_SEEN, 11, "server");
	tape__listen(t, LISTENER, 8888)->reuseport = 1;
	tape__select(t, LISTENER, 1);
	tape__arrival(t, 1, LISTENER);
	tape__waiter(t, 1, 11);
	tape__waiter(t, 1, 12);
	tape__wake(t, 1, 11, CAUSE_EPOLL);
	tape__wake(t, 1, 12, CAUSE_EPOLL);
	tape__walk(t, 1, 2);
	tape__run(t, 11);
	tape__return(t, 11);
	tape__accept(t, 11, 1);
	tape__accept_fails(t, 12, EAGAIN);
	tape__sleep(t, 12);
	tape__sleep(t, 11);
	tape__unlisten(t, LISTENER);
	tape__task(t, TASK_EXITED, 11, "server");
	tape__end(t);
}

static void assert_small_run(const struct report *r)
{
	assert_non_null(r);
	assert_false(r->loss.incomplete);
	assert_null(report__malformed(r));
	assert_null(report__unbalanced(r));
	assert_string_equal(r->kernel_release, "6.1.0");
	assert_int_equal(r->summary.connections, 1);
	assert_int_equal(r->summary.accepted, 1);
	assert_int_equal(r->summary.wakes, 2);
	assert_int_equal(r->summary.outcome[OUTCOME_EAGAIN], 1);
	assert_int_equal(r->summary.selections, 1);
}

static void test_push(void **state)
{
	struct tape t = {0};
	char *copied, *expected;
	size_t copied_len, expected_len;
	FILE *recording = open_memstream(&copied, &copied_len);
	struct stream s = {.model = model__new(), .recording = recording};
	struct report *r;
	unsigned cnt = 0;

	(void)state;
	small_run(&t);
	assert_int_equal(recording__begin(recording), 0);
	for (const struct record_header *h = NULL; (h = tape__next(&t, h)); cnt++)
		assert_int_equal(stream__push(&s, h, h->len), 0);
	assert_int_equal(s.records, cnt);
	fclose(recording);
	expected = tape__recording(&t, &expected_len);
	assert_int_equal(copied_len, expected_len);
	assert_memory_equal(copied, expected, expected_len);
	r = model__finish(s.model);
	assert_small_run(r);
	report__free(r);
	model__free(s.model);
	free(copied);
	free(expected);
	tape__free(&t);
}

/* The first bad record ends the stream; neither the model nor the recording gets it. */
static void test_push_malformed(void **state)
{
	struct tape t = {0};
	char *copied;
	size_t copied_len;
	FILE *recording = open_memstream(&copied, &copied_len);
	struct stream s = {.model = model__new(), .recording = recording};
	struct capture c = capture__begin();
	struct model_progress p;
	struct record_arrival *a = tape__arrival(&t, 1, LISTENER);

	(void)state;
	assert_int_equal(stream__push(&s, a, sizeof(*a)), 0);
	assert_int_equal(stream__push(&s, a, sizeof(*a) - 8), -EBADMSG);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -EBADMSG);
	assert_int_equal(stream__push_meta(&s, META_NOTE, "too late"), -EBADMSG);
	assert_int_equal(capture__end(&c, "malformed"), 1);
	assert_int_equal(s.error, -EBADMSG);
	assert_int_equal(s.records, 1);
	fclose(recording);
	assert_int_equal(copied_len, sizeof(*a));
	model__progress(s.model, &p);
	assert_int_equal(p.arrivals, 1);
	model__free(s.model);
	free(copied);
	tape__free(&t);
}

static void test_push_to_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct stream s = {.model = model__new(), .recording = full};
	struct tape t = {0};
	struct record_arrival *a = tape__arrival(&t, 1, LISTENER);

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_true(recording__begin(full) < 0);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -ENOSPC);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -ENOSPC);
	assert_int_equal(s.records, 0);
	fclose(full);
	model__free(s.model);
	tape__free(&t);
}

static void test_push_meta(void **state)
{
	static const unsigned lens[] = {0, 1, 7, 8, 9, 4095, 4096, 4097, 70000};
	static char text[70001];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		unsigned kept = lens[i] < 4096 ? lens[i] : 4096;
		struct stream s = {.model = model__new()};
		struct report *r;

		memset(text, 0, sizeof(text));
		memset(text, 'x', lens[i]);
		assert_int_equal(stream__push_meta(&s, META_SERVER_EXIT, text), 0);
		r = model__finish(s.model);
		assert_int_equal(strlen(r->server_exit), kept);
		report__free(r);
		model__free(s.model);
	}
}

/* ---- recordings ---- */

static void assert_refused(char *bytes, size_t len, const char *word)
{
	struct capture c = capture__begin();
	int err = read_bytes(bytes, len, NULL);
	unsigned lines = capture__end(&c, word);

	assert_int_equal(err, -EBADMSG);
	assert_int_equal(lines, 1);
}

static void test_recording(void **state)
{
	struct tape t = {0};
	size_t len;
	char *bytes;
	struct report *r;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	assert_int_equal(read_bytes(bytes, len, &r), 0);
	assert_small_run(r);
	report__free(r);
	free(bytes);
	tape__free(&t);
}

static void test_recording_cut_short(void **state)
{
	struct tape t = {0};
	size_t len;
	char *bytes;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	for (size_t cut = 0; cut < len; cut++)
		assert_refused(bytes, cut, cut < 16 ? "not a herdtrace recording" : "cut short");
	free(bytes);
	tape__free(&t);
}

/* Something after the end: another record, another end, a few bytes. */
static void test_recording_goes_on(void **state)
{
	(void)state;
	for (int what = 0; what < 2; what++) {
		struct tape t = {0};
		size_t len, ended;
		char *bytes;

		small_run(&t);
		ended = sizeof(struct record_file_head) + t.len;
		if (what)
			tape__run(&t, 11);
		tape__end(&t);
		bytes = tape__recording(&t, &len);
		for (size_t cut = ended + 1; cut < len; cut++)
			assert_refused(bytes, cut, "small.rec: ");
		assert_refused(bytes, len, "goes on after its end");
		free(bytes);
		tape__free(&t);
	}
}

static void test_recording_of_something_else(void **state)
{
	struct tape t = {0};
	size_t len;
	char *bytes;
	uint32_t order = 0x04030201, version = RECORD_VERSION + 1;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	for (size_t bit = 0; bit < 8 * sizeof(struct record_file_head); bit++) {
		const char *word = bit < 64   ? "not a herdtrace recording"
				   : bit < 96 ? "byte order"
					      : "version";

		bytes[bit / 8] ^= 1 << bit % 8;
		assert_refused(bytes, len, word);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	memcpy(bytes + 8, &order, 4);
	assert_refused(bytes, len, "other byte order");
	order = RECORD_BYTE_ORDER;
	memcpy(bytes + 8, &order, 4);
	memcpy(bytes + 12, &version, 4);
	assert_refused(bytes, len, "version 2, this herdtrace reads version 1");
	free(bytes);
	tape__free(&t);
}

static void test_recording_malformed(void **state)
{
	struct tape t = {0};
	size_t len;
	char *bytes;

	(void)state;
	small_run(&t);
	/* What is at the end is numbered like what is at the beginning. */
	tape__sleep(&t, 11)->call = CALL_CNT;
	bytes = tape__recording(&t, &len);
	assert_refused(bytes, len, "small.rec: record 21: unknown call");
	free(bytes);
	((struct record_meta *)t.records)->key = META_KEY_CNT;
	bytes = tape__recording(&t, &len);
	assert_refused(bytes, len, "small.rec: record 1: unknown setting");
	free(bytes);
	tape__free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_meta_text),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_errors_of_accept),
		cmocka_unit_test(test_path_ends),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_push_malformed),
		cmocka_unit_test(test_push_to_full_disk),
		cmocka_unit_test(test_push_meta),
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_recording_cut_short),
		cmocka_unit_test(test_recording_goes_on),
		cmocka_unit_test(test_recording_of_something_else),
		cmocka_unit_test(test_recording_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
