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
	[RECORD_META] = 24,    [RECORD_TASK] = 48,    [RECORD_LISTEN] = 72,  [RECORD_UNLISTEN] = 24,
	[RECORD_SELECT] = 80,  [RECORD_ARRIVAL] = 96, [RECORD_REFUSED] = 24, [RECORD_WAITER] = 40,
	[RECORD_WALK] = 40,    [RECORD_WAKE] = 88,    [RECORD_RUN] = 24,     [RECORD_ACCEPT] = 40,
	[RECORD_RETURN] = 40,  [RECORD_SLEEP] = 40,   [RECORD_END] = 80,     [RECORD_PATH] = 152,
	[RECORD_MIGRATE] = 48, [RECORD_STANDBY] = 32, [RECORD_STACK] = 24,   [RECORD_HOLDER] = 32,
	[RECORD_WAITERS] = 48,
};

/* Of those that were shorter once, in version 1 mostly. */
static const uint16_t lengths_v1[RECORD_TYPE_CNT] = {
	[RECORD_LISTEN] = 64, [RECORD_WAITER] = 32,  [RECORD_WAKE] = 72,
	[RECORD_RUN] = 16,    [RECORD_RETURN] = 32,  [RECORD_SLEEP] = 32,
	[RECORD_END] = 64,    [RECORD_ARRIVAL] = 88, [RECORD_WALK] = 32,
};

static unsigned least_length(unsigned type)
{
	return lengths_v1[type] ? lengths_v1[type] : lengths[type];
}

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
	tape__standby(t, LISTENER, 11);
	tape__stack(t, 7, "");
	tape__holder(t, LISTENER, 11, 10);
	tape__waiters(t, 1, (const uint32_t[]){11}, 1);
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

/* META and STACK are as long as their text, WAITERS as their number. */
static bool has_more(unsigned type)
{
	return type == RECORD_META || type == RECORD_STACK || type == RECORD_WAITERS;
}

/* As long as version 1 had them at the least, and longer than we know them: later versions append. */
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
			bool good = has_more(type) ? len == lengths[type]
						   : len >= least_length(type) && len % 8 == 0;

			r->header.len = len;
			assert_int_equal(check(r, sizeof(buffer)), good ? (int)len : -EBADMSG);
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
		bool fits[] = {false, len == sizeof(struct record_place),
			       len >= sizeof(struct record_epoll)};

		h->len = len;
		h->type = 0;
		assert_int_equal(check(h, sizeof(buffer)), -EBADMSG);
		for (unsigned type = RECORD_TYPE_CNT; type <= UINT16_MAX; type++) {
			bool is_known = type > RECORD_OPTIONAL && type < RECORD_OPTIONAL_END;
			bool good =
				is_known ? fits[type - RECORD_OPTIONAL] : type & RECORD_OPTIONAL;

			h->type = type;
			assert_int_equal(check(h, sizeof(buffer)), good ? (int)len : -EBADMSG);
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
	FIELD(RECORD_META, record_meta, key, META_RELEASE, META_ENDED),
	FIELD(RECORD_TASK, record_task, event, TASK_SEEN, TASK_RENAMED),
	FIELD(RECORD_WAITER, record_waiter, cause, CAUSE_ACCEPT, CAUSE_SIGNAL),
	{RECORD_WAITERS, sizeof(struct record_waiters) + offsetof(struct waiter_entry, cause), 2,
	 CAUSE_ACCEPT, CAUSE_SIGNAL},
	FIELD(RECORD_WAITERS, record_waiters, cnt, 1, 1),
	FIELD(RECORD_WAKE, record_wake, cause, CAUSE_ACCEPT, CAUSE_SIGNAL),
	FIELD(RECORD_WAKE, record_wake, waker_cpu, 0, INT32_MAX),
	FIELD(RECORD_RETURN, record_return, call, CALL_NONE, CALL_IO_URING),
	FIELD(RECORD_SLEEP, record_sleep, call, CALL_NONE, CALL_IO_URING),
	FIELD(RECORD_STANDBY, record_standby, call, CALL_NONE, CALL_IO_URING),
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

static void check_numbers(enum meta_key key, const char *largest, const char *longer)
{
	const char *const good[] = {"", "0", "20", largest}, *const bad[] = {"-1", "2 ", longer,
									     "x", "1\n"};
	struct tape t = {0};
	struct record_meta *m;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		m = tape__meta(&t, key, good[i]);
		assert_int_equal(check(m, m->header.len), m->header.len);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		m = tape__meta(&t, key, bad[i]);
		assert_int_equal(check(m, m->header.len), -EBADMSG);
	}
	tape__free(&t);
}

static void test_numbers(void **state)
{
	(void)state;
	check_numbers(META_ASKED, "999999999", "1000000000");
	check_numbers(META_BEGUN, "9999999999999999999", "10000000000000000000");
	check_numbers(META_ENDED, "9999999999999999999", "10000000000000000000");
}

static void test_cpu(void **state)
{
	static const uint32_t cpus[] = {0, 1, INT32_MAX, 0x80000000, UINT32_MAX};
	struct tape t = {0};
	struct record_select *r = tape__select(&t, LISTENER, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		r->cpu = cpus[i];
		assert_int_equal(check(r, sizeof(*r)), i < 3 ? (int)sizeof(*r) : -EBADMSG);
	}
	tape__free(&t);
}

/* A type that we can do without is not handed on, and does not end the stream. */
static void test_optional(void **state)
{
	struct tape t = {0};
	struct stream s = {0};
	struct model *model = model__new();
	struct record_run *r = tape__run(&t, 11);

	(void)state;
	stream__add_sink(&s, model__take, model);
	r->header.type = RECORD_OPTIONAL | RECORD_RUN;
	assert_int_equal(stream__push(&s, r, sizeof(*r)), 0);
	assert_int_equal(s.records, 0);
	r->header.type = RECORD_RUN;
	assert_int_equal(stream__push(&s, r, sizeof(*r)), 0);
	assert_int_equal(s.records, 1);
	model__free(model);
	tape__free(&t);
}

static int keep(void *arg, const struct record_header *record)
{
	*(uint16_t *)arg = record->type;
	return 0;
}

/* One that we know is checked and handed on as any other. */
static void test_known_optional(void **state)
{
	struct tape t = {0};
	struct record_place *place;
	struct record_epoll *epoll;

	(void)state;
	for (unsigned text_len = 0; text_len < 20; text_len++) {
		struct stream s = {0};
		uint16_t seen = 0;
		bool good = text_len > 8 && text_len <= 16;

		stream__add_sink(&s, keep, &seen);
		place = tape__place(&t, 11, 1, "/web.service");
		place->text_len = text_len;
		assert_int_equal(stream__push(&s, place, place->header.len), good ? 0 : -EBADMSG);
		assert_int_equal(seen, good ? RECORD_PLACE : 0);
	}
	for (unsigned len = 16; len < sizeof(*epoll); len += 8) {
		epoll = tape__epoll(&t, LISTENER, 11, 1);
		epoll->header.len = len;
		assert_int_equal(check(epoll, sizeof(*epoll)), -EBADMSG);
	}
	tape__free(&t);
}

static int copy_wake(void *arg, const struct record_header *record)
{
	memcpy(arg, record, sizeof(struct record_wake));
	return 0;
}

/* What version 1 did not say is 0 for whoever reads it. */
static void test_filled_up(void **state)
{
	struct record_wake seen = {.number = 99};
	struct tape t = {0};
	struct stream s = {0};
	struct record_wake *w = tape__wake(&t, 1, 11, CAUSE_EPOLL);

	(void)state;
	stream__add_sink(&s, copy_wake, &seen);
	w->number = 5;
	w->header.len = lengths_v1[RECORD_WAKE];
	assert_int_equal(stream__push(&s, w, sizeof(*w)), 0);
	assert_int_equal(seen.number, 0);
	assert_int_equal(seen.header.len, sizeof(*w));
	assert_string_equal(seen.comm, "server");
	w->header.len = sizeof(*w);
	assert_int_equal(stream__push(&s, w, sizeof(*w)), 0);
	assert_int_equal(seen.number, 5);
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

static void assert_counts(const struct report *r)
{
	assert_null(report__malformed(r));
	assert_null(report__unbalanced(r));
	assert_string_equal(r->kernel_release, "6.1.0");
	assert_int_equal(r->totals.summary.connections, 1);
	assert_int_equal(r->totals.summary.accepted, 1);
	assert_int_equal(r->totals.summary.wakes, 2);
	assert_int_equal(r->totals.summary.outcome[OUTCOME_EAGAIN], 1);
	assert_int_equal(r->totals.summary.selections, 1);
}

static void assert_small_run(const struct report *r)
{
	assert_non_null(r);
	assert_false(r->loss.incomplete);
	assert_counts(r);
}

static void test_push(void **state)
{
	struct tape t = {0};
	char *copied, *expected;
	size_t copied_len, expected_len;
	FILE *recording = open_memstream(&copied, &copied_len);
	struct model *model = model__new();
	struct rows *rows = rows__new();
	struct stream s = {0};
	struct report *r;
	unsigned cnt = 0;

	(void)state;
	small_run(&t);
	stream__add_sink(&s, recording__take, recording);
	stream__add_sink(&s, model__take, model);
	model__add_sink(model, rows__take, rows);
	assert_int_equal(recording__begin(recording), 0);
	for (const struct record_header *h = NULL; (h = tape__next(&t, h)); cnt++)
		assert_int_equal(stream__push(&s, h, h->len), 0);
	assert_int_equal(s.records, cnt);
	fclose(recording);
	expected = tape__recording(&t, &expected_len);
	assert_int_equal(copied_len, expected_len);
	assert_memory_equal(copied, expected, expected_len);
	r = model__finish(model, rows);
	assert_int_equal(report__load(r), 0);
	assert_small_run(r);
	report__free(r);
	model__free(model);
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
	struct model *model = model__new();
	struct stream s = {0};
	struct model_progress p;
	struct record_arrival *a = tape__arrival(&t, 1, LISTENER);

	(void)state;
	stream__add_sink(&s, recording__take, recording);
	stream__add_sink(&s, model__take, model);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), 0);
	assert_int_equal(stream__push(&s, a, sizeof(*a) - 8), -EBADMSG);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -EBADMSG);
	assert_int_equal(stream__push_meta(&s, META_NOTE, "too late"), -EBADMSG);
	assert_string_equal(s.why, "record cut short");
	assert_int_equal(s.error, -EBADMSG);
	assert_int_equal(s.records, 1);
	fclose(recording);
	assert_int_equal(copied_len, sizeof(*a));
	model__progress(model, &p);
	assert_int_equal(p.arrivals, 1);
	model__free(model);
	free(copied);
	tape__free(&t);
}

static void test_push_to_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct stream s = {0};
	struct tape t = {0};
	struct record_arrival *a = tape__arrival(&t, 1, LISTENER);

	(void)state;
	assert_non_null(full);
	stream__add_sink(&s, recording__take, full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_true(recording__begin(full) < 0);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -ENOSPC);
	assert_int_equal(stream__push(&s, a, sizeof(*a)), -ENOSPC);
	assert_int_equal(s.records, 0);
	fclose(full);
	tape__free(&t);
}

static void test_push_meta(void **state)
{
	static const unsigned lens[] = {0, 1, 7, 8, 9, 4095, 4096, 4097, 70000};
	static char text[70001];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		unsigned kept = lens[i] < 4096 ? lens[i] : 4096;
		struct model *model = model__new();
		struct stream s = {0};
		struct report *r;

		stream__add_sink(&s, model__take, model);
		memset(text, 0, sizeof(text));
		memset(text, 'x', lens[i]);
		assert_int_equal(stream__push_meta(&s, META_SERVER_EXIT, text), 0);
		r = model__finish(model, NULL);
		assert_int_equal(strlen(r->server_exit), kept);
		report__free(r);
		model__free(model);
	}
}

/* ---- recordings ---- */

static void assert_refused(char *bytes, size_t len, const char *word)
{
	struct error error = {0};

	assert_int_equal(read_bytes(bytes, len, &error, NULL), -EBADMSG);
	assert_int_equal(error.fault, FAULT_INPUT);
	if (!strstr(error.text, word))
		fail_msg("\"%s\" does not say \"%s\"", error.text, word);
}

static void test_recording(void **state)
{
	struct error error = {0};
	struct tape t = {0};
	size_t len;
	char *bytes;
	struct report *r;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	assert_int_equal(read_bytes(bytes, len, &error, &r), 0);
	assert_small_run(r);
	assert_int_equal(error.fault, FAULT_NONE);
	report__free(r);
	free(bytes);
	tape__free(&t);
}

/* As far as it goes: of a run that was killed, or of a disk that was full. */
static void assert_incomplete(char *bytes, size_t len)
{
	struct error error = {0};
	struct report *r;

	assert_int_equal(read_bytes(bytes, len, &error, &r), 0);
	assert_int_equal(error.fault, FAULT_NONE);
	assert_true(r->loss.incomplete);
	assert_string_equal(r->loss.reason, "the stream of records has no end");
	report__free(r);
}

static void test_recording_cut_short(void **state)
{
	const size_t head = sizeof(struct record_file_head);
	struct tape t = {0};
	size_t len;
	char *bytes;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	for (size_t cut = 0; cut < head; cut++)
		assert_refused(bytes, cut, "not a herdtrace recording");
	for (size_t cut = head; cut < len; cut++)
		assert_incomplete(bytes, cut);
	free(bytes);
	tape__free(&t);
}

/* All that is before the end record is in the report. */
static void test_recording_without_end(void **state)
{
	struct error error = {0};
	struct tape t = {0};
	size_t len;
	char *bytes;
	struct report *r;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	assert_int_equal(read_bytes(bytes, len - 1, &error, &r), 0);
	assert_true(r->loss.incomplete);
	assert_counts(r);
	report__free(r);
	free(bytes);
	tape__free(&t);
}

/* Where the file ends in a record whose header no record has, it was not just cut there. */
static void test_recording_ends_in_garbage(void **state)
{
	struct record_header garbage = {.type = RECORD_TYPE_CNT, .len = 64};
	struct tape t = {0};
	char bytes[64] = "", *whole;
	size_t len;

	(void)state;
	whole = tape__recording(&t, &len);
	memcpy(bytes, whole, len);
	memcpy(bytes + len, &garbage, sizeof(garbage));
	assert_refused(bytes, len + sizeof(garbage) + 8, "record 1: unknown record type");
	garbage = (struct record_header){.type = RECORD_END, .len = 60};
	memcpy(bytes + len, &garbage, sizeof(garbage));
	assert_refused(bytes, len + sizeof(garbage) + 8, "record 1: record of the wrong length");
	free(whole);
	tape__free(&t);
}

/* A disk that fails is no end. */
struct failing {
	const char *bytes;
	size_t left;
};

static ssize_t read_failing(void *cookie, char *to, size_t size)
{
	struct failing *f = cookie;
	size_t len = size < f->left ? size : f->left;

	if (!len) {
		errno = EIO;
		return -1;
	}
	memcpy(to, f->bytes, len);
	f->bytes += len;
	f->left -= len;
	return (ssize_t)len;
}

static void test_recording_cannot_be_read(void **state)
{
	static const size_t offsets[] = {0, 8,
					 20}; /* between two records, in a header, behind it */
	const cookie_io_functions_t functions = {.read = read_failing};
	struct tape t = {0};
	size_t len;
	char *bytes;

	(void)state;
	small_run(&t);
	bytes = tape__recording(&t, &len);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct failing f = {bytes, sizeof(struct record_file_head) + offsets[i]};
		FILE *file = fopencookie(&f, "r", functions);
		struct error error = {0};
		struct stream s = {0};

		assert_non_null(file);
		assert_int_equal(recording__read(file, "bad.rec", &s, &error), -EIO);
		assert_int_equal(error.fault, FAULT_INPUT);
		assert_string_equal(error.text, "bad.rec: record 1: Input/output error");
		fclose(file);
	}
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
	assert_refused(bytes, len, "version 3, this herdtrace reads versions 1 to 2");
	version = 0;
	memcpy(bytes + 12, &version, 4);
	assert_refused(bytes, len, "version 0");
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
	t.len -= sizeof(struct record_end);
	tape__sleep(&t, 11)->call = CALL_CNT;
	bytes = tape__recording(&t, &len);
	assert_refused(bytes, len, "small.rec: record 20: unknown call");
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
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_known_optional),
		cmocka_unit_test(test_filled_up),
		cmocka_unit_test(test_errors_of_accept),
		cmocka_unit_test(test_path_ends),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_push_malformed),
		cmocka_unit_test(test_push_to_full_disk),
		cmocka_unit_test(test_push_meta),
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_recording_cut_short),
		cmocka_unit_test(test_recording_without_end),
		cmocka_unit_test(test_recording_ends_in_garbage),
		cmocka_unit_test(test_recording_cannot_be_read),
		cmocka_unit_test(test_recording_goes_on),
		cmocka_unit_test(test_recording_of_something_else),
		cmocka_unit_test(test_recording_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
