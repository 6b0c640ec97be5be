// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Only well-formed records get through, live or from a file; nothing that does breaks the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model.h"
#include "records.h"
#include "stream.h"
#include "verdict.h"

#define LISTENER 0x1111

/* ---- what is said on stderr ---- */

struct capture {
	int file, saved;
};

static struct capture capture__begin(void)
{
	struct capture c = {.file = memfd_create("stderr", 0), .saved = dup(STDERR_FILENO)};

	assert_true(c.file >= 0 && c.saved >= 0);
	assert_true(dup2(c.file, STDERR_FILENO) >= 0);
	return c;
}

/* How many lines were said since; all of them "herdtrace: ..." with this word in it. */
static unsigned capture__end(struct capture *c, const char *word)
{
	char text[4096] = "";
	unsigned lines = 0;

	assert_true(dup2(c->saved, STDERR_FILENO) >= 0);
	assert_true(pread(c->file, text, sizeof(text) - 1, 0) >= 0);
	close(c->file);
	close(c->saved);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_memory_equal(line, "herdtrace: ", 11);
		if (!strstr(line, word))
			fail_msg("\"%s\" does not say \"%s\"", line, word);
		lines++;
	}
	return lines;
}

/* ---- one record ---- */

/* Lengths in bytes as the wire format has them. */
static const uint16_t lengths[RECORD_TYPE_CNT] = {
	[RECORD_META] = 24,   [RECORD_TASK] = 48,    [RECORD_LISTEN] = 56,  [RECORD_UNLISTEN] = 24,
	[RECORD_SELECT] = 80, [RECORD_ARRIVAL] = 96, [RECORD_REFUSED] = 24, [RECORD_WAITER] = 32,
	[RECORD_WALK] = 32,   [RECORD_WAKE] = 72,    [RECORD_RUN] = 16,     [RECORD_ACCEPT] = 40,
	[RECORD_RETURN] = 32, [RECORD_SLEEP] = 32,   [RECORD_END] = 64,
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
			assert_int_equal(check(r, size), -EBADMSG);
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
	for (unsigned len = 16; len <= 96; len += 8) {
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
			bool good = family == AF_INET || family == AF_INET6;

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

/* What recording__read() returns for these bytes, and the report, if there is to be one. */
static int read_bytes(char *bytes, size_t len, struct report **report)
{
	struct model *model = model__new();
	FILE *file = fmemopen(bytes, len, "r");
	int err;

	assert_non_null(model);
	assert_non_null(file);
	err = recording__read(file, "small.rec", model);
	fclose(file);
	if (report)
		*report = model__finish(model);
	model__free(model);
	return err;
}

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
	((struct record_meta *)t.records)->key = META_KEY_CNT;
	bytes = tape__recording(&t, &len);
	assert_refused(bytes, len, "small.rec: record 1: unknown setting");
	free(bytes);
	tape__free(&t);
}

/* ---- at random ---- */

/* xorshift64*: the same numbers on every machine. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * UINT64_C(2685821657736338717)) >> 32) % below;
}

/* What may be drawn: in a hostile stream everything that is well-formed. */
struct story {
	uint64_t *seed;
	bool hostile;
	uint64_t arrivals; /* made so far, numbered from 1 */
};

static uint64_t some_arrival(struct story *s)
{
	return s->hostile ? draw(s->seed, 8) : 1 + draw(s->seed, s->arrivals);
}

static uint32_t some_task(struct story *s)
{
	return draw(s->seed, s->hostile ? 6 : 5) + !s->hostile;
}

static uint64_t some_listener(struct story *s)
{
	return draw(s->seed, 3);
}

static void some_wake(struct tape *t, struct story *s)
{
	enum wake_cause cause = CAUSE_ACCEPT + draw(s->seed, s->hostile ? 7 : 6);
	uint64_t arrival = cause == CAUSE_LOCK ? 0 : some_arrival(s);
	struct record_wake *w = tape__wake_by(t, some_task(s), arrival, some_task(s), cause);

	w->exec_ns = draw(s->seed, 1000);
}

static void new_arrival(struct tape *t, struct story *s)
{
	struct record_arrival *a;

	s->arrivals++;
	a = tape__arrival(t, s->hostile ? some_arrival(s) : s->arrivals, some_listener(s));
	a->child = draw(s->seed, 4) ? a->child : TAPE_CHILD(some_arrival(s));
}

/* A refused one has a number and a child of its own, unless the stream is hostile. */
static void refused_arrival(struct tape *t, struct story *s)
{
	uint64_t arrival = 1000 + t->len;

	if (s->hostile) {
		tape__refused(t, some_arrival(s));
		return;
	}
	tape__arrival(t, arrival, some_listener(s));
	tape__refused(t, arrival);
}

static void some_record(struct tape *t, struct story *s)
{
	switch (draw(s->seed, 22)) {
	case 0: tape__task(t, TASK_SEEN + draw(s->seed, 4), some_task(s), "\xff\xff%s\n"); break;
	case 1: tape__listen(t, some_listener(s), 8888)->reuseport = draw(s->seed, 2); break;
	case 2: tape__unlisten(t, some_listener(s)); break;
	case 3: tape__select(t, some_listener(s), some_arrival(s)); break;
	case 4: refused_arrival(t, s); break;
	case 5: tape__run(t, some_task(s)); break;
	case 6: tape__walk(t, some_arrival(s), draw(s->seed, 5)); break;
	case 7: tape__meta(t, 1 + draw(s->seed, META_KEY_CNT - 1), "a b \xff"); break;
	case 8:
	case 9: tape__accept_fails(t, some_task(s), draw(s->seed, 3) ? EAGAIN : EINTR); break;
	case 10:
	case 11: tape__return(t, some_task(s)); break;
	case 12:
	case 13: tape__sleep(t, some_task(s))->exec_ns = draw(s->seed, 2000); break;
	case 14:
	case 15: tape__waiter(t, some_arrival(s), some_task(s)); break;
	case 16:
	case 17: tape__accept(t, some_task(s), some_arrival(s)); break;
	case 18: new_arrival(t, s); break;
	default: some_wake(t, s); break;
	}
}

static void make_story(struct tape *t, struct story *s)
{
	unsigned records = 5 + draw(s->seed, 80);

	new_arrival(t, s);
	while (records--) {
		if (s->hostile && draw(s->seed, 8) == 0)
			t->clock_ns = draw(s->seed, 4) ? draw(s->seed, 100000) : UINT64_MAX / 3;
		some_record(t, s);
	}
	tape__end(t);
}

/* Wrong bytes: a few at random, or a piece that moves. */
static void mutate(uint64_t *seed, char *bytes, size_t len)
{
	unsigned flips = draw(seed, 6);
	size_t from, to, size;

	while (flips--)
		bytes[draw(seed, len)] ^= 1 << draw(seed, 8);
	if (draw(seed, 3))
		return;
	size = draw(seed, 120) & ~7u;
	if (size > len)
		return;
	from = draw(seed, len - size + 1) & ~7u;
	to = draw(seed, len - size + 1) & ~7u;
	memmove(bytes + to, bytes + from, size);
}

/* Every report is sound; sums that are not equal are said to be a loss. */
static void assert_sound(struct report *r, unsigned round)
{
	assert_non_null(r);
	if (report__malformed(r))
		fail_msg("round %u: malformed: %s", round, report__malformed(r));
	if (!r->loss.incomplete && report__unbalanced(r))
		fail_msg("round %u: unbalanced: %s", round, report__unbalanced(r));
	assert_int_equal(verdict__decide(r), 0);
	if (r->loss.incomplete)
		assert_int_equal(r->herd.value, VERDICT_INCONCLUSIVE);
	report__free(r);
}

/* What is consistent, in whatever order it comes, is complete and balanced. */
static void test_random_stories(void **state)
{
	uint64_t seed = 20240607;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct story s = {.seed = &seed};
		struct tape t = {0};
		struct report *r;

		make_story(&t, &s);
		r = tape__report(&t);
		assert_non_null(r);
		if (r->loss.incomplete)
			fail_msg("round %u: %s", round, r->loss.reason);
		assert_sound(r, round);
		tape__free(&t);
	}
}

static void test_fuzz(void **state)
{
	uint64_t seed = 987654321;
	unsigned read = 0, complete = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct story s = {.seed = &seed, .hostile = draw(&seed, 4)};
		struct capture c;
		struct tape t = {0};
		struct report *r;
		size_t len;
		char *bytes;
		int err;

		make_story(&t, &s);
		bytes = tape__recording(&t, &len);
		if (draw(&seed, 4))
			mutate(&seed, bytes, len);
		c = capture__begin();
		err = read_bytes(bytes, len, &r);
		assert_int_equal(capture__end(&c, "small.rec: "), err != 0);
		read += !err;
		complete += !err && !r->loss.incomplete;
		assert_sound(r, round);
		free(bytes);
		tape__free(&t);
	}
	/* Enough got far enough for this to mean something. */
	assert_in_range(read, 5000, 15000);
	assert_in_range(complete, 1000, 10000);
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
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_push_malformed),
		cmocka_unit_test(test_push_to_full_disk),
		cmocka_unit_test(test_push_meta),
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_recording_cut_short),
		cmocka_unit_test(test_recording_goes_on),
		cmocka_unit_test(test_recording_of_something_else),
		cmocka_unit_test(test_recording_malformed),
		cmocka_unit_test(test_random_stories),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
