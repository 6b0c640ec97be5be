// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Whatever well-formed records say and in whatever order, the report is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "stream_fixture.h"
#include "report/verdict.h"

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

/* To a listener that is open; one that is accepted already is left where it is. */
static void some_migration(struct tape *t, struct story *s)
{
	uint64_t from = some_listener(s), to = some_listener(s), as = 1000 + t->len;

	if (draw(s->seed, 2))
		tape__unlisten(t, from);
	if (!s->hostile)
		tape__listen(t, to, 8888);
	else if (draw(s->seed, 2))
		as = some_arrival(s);
	tape__migrate(t, some_arrival(s), as, from, to);
}

/* The name belongs to a listener, or nobody has announced it. */
static void some_path(struct tape *t, struct story *s)
{
	uint64_t listener = some_listener(s);

	if (!s->hostile || draw(s->seed, 2))
		tape__listen(t, listener, 0)->local.family = AF_UNIX;
	tape__path(t, listener, draw(s->seed, 2) ? "@\033[2J\xff" : "/run/%s%n.sock");
}

static void some_record(struct tape *t, struct story *s)
{
	switch (draw(s->seed, 24)) {
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
	case 15:
		tape__waiter(t, some_arrival(s), some_task(s))->elsewhere = draw(s->seed, 2);
		break;
	case 16:
	case 17: tape__accept(t, some_task(s), some_arrival(s)); break;
	case 18: new_arrival(t, s); break;
	case 19: some_migration(t, s); break;
	case 20: some_path(t, s); break;
	default: some_wake(t, s); break;
	}
}

static void make_story(struct tape *t, struct story *s)
{
	unsigned records = 5 + draw(s->seed, 80);

	tape__listen(t, some_listener(s), 8888)->queued = s->hostile ? draw(s->seed, 5) : 100;
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
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	if (r->loss.incomplete)
		assert_int_equal(r->verdicts.herd.value, VERDICT_INCONCLUSIVE);
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
		struct error error = {0};
		struct tape t = {0};
		struct report *r;
		size_t len;
		char *bytes;
		int err;

		make_story(&t, &s);
		bytes = tape__recording(&t, &len);
		if (draw(&seed, 4))
			mutate(&seed, bytes, len);
		err = read_bytes(bytes, len, &error, &r);
		assert_int_equal(error.fault, err ? FAULT_INPUT : FAULT_NONE);
		assert_true(!err || !strncmp(error.text, "small.rec: ", 11));
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
		cmocka_unit_test(test_random_stories),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
