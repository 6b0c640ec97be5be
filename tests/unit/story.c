// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "story.h"

#include <errno.h>
#include <sys/socket.h>

uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * UINT64_C(2685821657736338717)) >> 32) % below;
}

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

static void some_meta(struct tape *t, struct story *s)
{
	enum meta_key key = 1 + draw(s->seed, META_KEY_CNT - 1);

	bool is_number = key == META_ASKED || key == META_BEGUN || key == META_ENDED;

	tape__meta(t, key, is_number ? "20" : "a b \xff");
}

void story__record(struct tape *t, struct story *s)
{
	switch (draw(s->seed, 24)) {
	case 0: tape__task(t, TASK_SEEN + draw(s->seed, 4), some_task(s), "\xff\xff%s\n"); break;
	case 1: tape__listen(t, some_listener(s), 8888)->reuseport = draw(s->seed, 2); break;
	case 2: tape__unlisten(t, some_listener(s)); break;
	case 3: tape__select(t, some_listener(s), some_arrival(s)); break;
	case 4: refused_arrival(t, s); break;
	case 5: tape__run(t, some_task(s)); break;
	case 6: tape__walk(t, some_arrival(s), draw(s->seed, 5)); break;
	case 7: some_meta(t, s); break;
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

void story__make(struct tape *t, struct story *s)
{
	unsigned records = 5 + draw(s->seed, 80);

	tape__listen(t, some_listener(s), 8888)->queued = s->hostile ? draw(s->seed, 5) : 100;
	new_arrival(t, s);
	while (records--) {
		if (s->hostile && draw(s->seed, 8) == 0)
			t->clock_ns = draw(s->seed, 4) ? draw(s->seed, 100000) : UINT64_MAX / 3;
		story__record(t, s);
	}
	tape__end(t);
}
