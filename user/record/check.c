// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "record/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* What each type must have at the least, which is what version 1 wrote, and what is known of it. */
#define SINCE_V1(TYPE, NAME) \
	[RECORD_##TYPE] = {sizeof(struct record_##NAME), sizeof(struct record_##NAME)}
#define GREW_IN_V2(TYPE, NAME, FIELD) \
	[RECORD_##TYPE] = {offsetof(struct record_##NAME, FIELD), sizeof(struct record_##NAME)}

static const struct {
	uint16_t least, known;
} record_sizes[] = {
	SINCE_V1(META, meta),
	SINCE_V1(TASK, task),
	GREW_IN_V2(LISTEN, listen, inode),
	SINCE_V1(UNLISTEN, unlisten),
	SINCE_V1(SELECT, select),
	GREW_IN_V2(ARRIVAL, arrival, syn_ns),
	SINCE_V1(REFUSED, refused),
	GREW_IN_V2(WAITER, waiter, place),
	GREW_IN_V2(WALK, walk, unlisted),
	GREW_IN_V2(WAKE, wake, number),
	GREW_IN_V2(RUN, run, number),
	SINCE_V1(ACCEPT, accept),
	GREW_IN_V2(RETURN, return, number),
	GREW_IN_V2(SLEEP, sleep, number),
	GREW_IN_V2(END, end, long_lists),
	SINCE_V1(PATH, path),
	SINCE_V1(MIGRATE, migrate),
	/* New in version 2. */
	SINCE_V1(STANDBY, standby),
	SINCE_V1(STACK, stack),
	SINCE_V1(HOLDER, holder),
	SINCE_V1(WAITERS, waiters),
};

/* Those that older readers skip, by what is above RECORD_OPTIONAL. */
static const uint16_t optional_sizes[] = {
	[RECORD_PLACE - RECORD_OPTIONAL] = sizeof(struct record_place),
	[RECORD_EPOLL - RECORD_OPTIONAL] = sizeof(struct record_epoll),
};

size_t record__size(enum record_type type)
{
	return type & RECORD_OPTIONAL ? optional_sizes[type - RECORD_OPTIONAL]
				      : record_sizes[type].known;
}

bool record__is_skipped(const struct record_header *h)
{
	return h->type & RECORD_OPTIONAL &&
	       (h->type == RECORD_OPTIONAL || h->type >= RECORD_OPTIONAL_END);
}

static size_t least_size(enum record_type type)
{
	return type & RECORD_OPTIONAL ? record__size(type) : record_sizes[type].least;
}

static bool endpoint_ok(const struct record_endpoint *e)
{
	return e->family == AF_INET || e->family == AF_INET6 || e->family == AF_UNIX;
}

static bool in_range(uint32_t value, uint32_t first, uint32_t end)
{
	return value >= first && value < end;
}

/* The text after a record of this size: the record ends with it. */
static bool text_ok(const struct record_header *h, size_t size, unsigned text_len)
{
	return h->len == size + (text_len + 7) / 8 * 8;
}

/* A decimal number that 32 or 64 bits hold for sure, or nothing. */
static bool number_ok(const char *text, size_t len, unsigned bits)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return len < (bits == 32 ? 10 : 20);
}

static const char *check_meta(const struct record_meta *m)
{
	if (!in_range(m->key, META_RELEASE, META_KEY_CNT))
		return "unknown setting";
	if (!text_ok(&m->header, sizeof(*m), m->text_len))
		return "text of another length than its record";
	if (m->key == META_ASKED && !number_ok((const char *)(m + 1), m->text_len, 32))
		return "impossible number of connections";
	if ((m->key == META_BEGUN || m->key == META_ENDED) &&
	    !number_ok((const char *)(m + 1), m->text_len, 64))
		return "impossible time";
	return NULL;
}

static const char *check_waiters(const struct record_waiters *w)
{
	const struct waiter_entry *at = (const struct waiter_entry *)(w + 1);

	if (!w->cnt || w->header.len != sizeof(*w) + w->cnt * (uint64_t)sizeof(*at))
		return "another number of waiters than its record has";
	for (uint32_t i = 0; i < w->cnt; i++)
		if (!in_range(at[i].cause, CAUSE_ACCEPT, CAUSE_CNT))
			return "unknown cause";
	return NULL;
}

static const char *check_select(const struct record_select *s)
{
	if (s->cpu > INT32_MAX)
		return "impossible CPU";
	return endpoint_ok(&s->peer) ? NULL : "unknown address family";
}

static const char *check_walk(const struct record_walk *w)
{
	return w->unlisted <= INT32_MAX && w->unlisted_exclusive <= w->unlisted
		       ? NULL
		       : "an impossible number of waiters";
}

/* Of an older version it ends before the CPU. */
static const char *check_wake(const struct record_wake *w)
{
	if (w->header.len >= sizeof(*w) && w->waker_cpu > INT32_MAX)
		return "impossible CPU";
	return in_range(w->cause, CAUSE_ACCEPT, CAUSE_CNT) ? NULL : "unknown cause";
}

/* Fields that the model uses as an index or prints by name. */
static const char *check_fields(const union record_any *r)
{
	switch (r->header.type) {
	case RECORD_META: return check_meta(&r->meta);
	case RECORD_TASK:
		return in_range(r->task.event, TASK_SEEN, TASK_EVENT_CNT) ? NULL
									  : "unknown task event";
	case RECORD_LISTEN: return endpoint_ok(&r->listen.local) ? NULL : "unknown address family";
	case RECORD_SELECT: return check_select(&r->select);
	case RECORD_ARRIVAL:
		return endpoint_ok(&r->arrival.peer) && endpoint_ok(&r->arrival.local)
			       ? NULL
			       : "unknown address family";
	case RECORD_WAITERS: return check_waiters(&r->waiters);
	case RECORD_WAITER:
		return in_range(r->waiter.cause, CAUSE_ACCEPT, CAUSE_CNT) ? NULL : "unknown cause";
	case RECORD_WALK: return check_walk(&r->walk);
	case RECORD_WAKE: return check_wake(&r->wake);
	case RECORD_PATH:
		return memchr(r->path.path, '\0', RECORD_PATH_LEN) ? NULL : "a path without an end";
	case RECORD_ACCEPT: return r->accept.error <= 0 ? NULL : "impossible error number";
	case RECORD_RETURN: return in_range(r->ret.call, 0, CALL_CNT) ? NULL : "unknown call";
	case RECORD_SLEEP: return in_range(r->sleep.call, 0, CALL_CNT) ? NULL : "unknown call";
	case RECORD_STANDBY: return in_range(r->standby.call, 0, CALL_CNT) ? NULL : "unknown call";
	case RECORD_STACK:
		return text_ok(&r->header, sizeof(r->stack), r->stack.text_len)
			       ? NULL
			       : "text of another length than its record";
	case RECORD_PLACE:
		return text_ok(&r->header, sizeof(r->place), r->place.text_len)
			       ? NULL
			       : "text of another length than its record";
	default: return NULL;
	}
}

const char *record__check_header(const struct record_header *h)
{
	if (h->len < sizeof(*h))
		return "record cut short";
	if (h->len % 8)
		return "record of the wrong length";
	if (record__is_skipped(h))
		return NULL;
	if (!(h->type & RECORD_OPTIONAL) && !in_range(h->type, RECORD_META, RECORD_TYPE_CNT))
		return "unknown record type";
	return h->len < least_size(h->type) ? "record of the wrong length" : NULL;
}

int record__check(const void *data, size_t size, const char **why)
{
	const union record_any *r = data;
	const struct record_header *h = data;

	*why = "record cut short";
	if (size < sizeof(*h) || h->len > size)
		return -EBADMSG;
	*why = record__check_header(h);
	if (!*why && !record__is_skipped(h))
		*why = check_fields(r);
	return *why ? -EBADMSG : h->len;
}
