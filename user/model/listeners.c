// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Listeners, from listen to close, and what is in their queues. */
#include <errno.h>

#include "model/state.h"

struct model_listener *model__find_listener(const struct model *m, uint64_t handle)
{
	struct model_listener *l;

	HASH_FIND(hh, m->open_listeners, &handle, sizeof(handle), l);
	return l;
}

/* The row of a listener that has just become known. */
static int add_row(struct model *m, const struct record_endpoint *local)
{
	struct report_listener *row = totals__add_listener(&m->totals);

	return row ? totals__name_listener(&m->totals, m->totals.listener_cnt - 1, local, NULL)
		   : -ENOMEM;
}

static struct model_listener *new_listener(struct model *m, uint64_t handle,
					   const struct record_endpoint *local)
{
	struct model_listener *l = calloc(1, sizeof(*l));

	if (!l || add_row(m, local)) {
		free(l);
		return NULL;
	}
	l->index = m->totals.listener_cnt - 1;
	l->number = m->totals.listeners_made;
	m->came++;
	l->handle = handle;
	HASH_ADD(hh, m->open_listeners, handle, sizeof(l->handle), l);
	if (l->hh.tbl)
		return l;
	free(l);
	return NULL;
}

static struct model_listener *find_closed(const struct model *m, uint64_t handle)
{
	struct model_listener *l;

	HASH_FIND(hh, m->closed_listeners, &handle, sizeof(handle), l);
	return l;
}

struct model_listener *model__get_listener(struct model *m, uint64_t handle,
					   const struct record_endpoint *local)
{
	struct model_listener *l = model__find_listener(m, handle);

	if (!l)
		l = find_closed(m, handle);
	return l ? l : new_listener(m, handle, local);
}

/* ---- records ---- */

/*
 * What came after the end of a listener, and before the beginning of another one in the same memory, was the other
 * one's, unless it was refused: then nobody has it.
 */
static void take_over(struct model *m, struct model_listener *closed, struct model_listener *l)
{
	struct model_connection *c;

	while ((c = closed->queued))
		model__enqueue(m, l, c);
	HASH_DELETE(hh, m->closed_listeners, closed);
	free(closed);
}

/* A first connection may have been faster: it made the listener known. */
int model__add_listen(struct model *m, const struct record_listen *r)
{
	struct model_listener *l = model__find_listener(m, r->listener);
	struct model_listener *closed = find_closed(m, r->listener);
	int err;

	if (!l)
		l = new_listener(m, r->listener, &r->local);
	if (!l)
		return -ENOMEM;
	if (closed)
		take_over(m, closed, l);
	if (m->totals.listeners[l->index].reuseport != (r->reuseport != 0)) {
		totals__leave_pool(&m->totals, l->index);
		m->totals.listeners[l->index].pool = 0;
	}
	m->totals.listeners[l->index].reuseport = r->reuseport;
	m->totals.listeners[l->index].backlog = r->backlog;
	l->was_there = r->was_there;
	m->queued += r->was_there ? 0 : r->queued;
	err = totals__name_listener(&m->totals, l->index, &r->local, NULL);
	return err || totals__pool_of(&m->totals, l->index) ? err : -ENOMEM;
}

int model__add_path(struct model *m, const struct record_path *r)
{
	struct model_listener *l = model__find_listener(m, r->listener);

	m->contradictions += !l;
	/* It ends with NUL: record__check(). */
	return l ? totals__name_listener(&m->totals, l->index, NULL, r->path) : 0;
}

static void lose_queued(struct model *m, struct model_listener *l)
{
	struct model_connection *c;

	while ((c = l->queued))
		model__lose(m, c);
}

/*
 * What still waits in the queue of a closed listener is lost, unless another one takes it over. The listener stays
 * known: an arrival that another CPU had begun may be told after this.
 */
void model__add_unlisten(struct model *m, const struct record_unlisten *r)
{
	struct model_listener *l = model__find_listener(m, r->listener);

	if (!l)
		return;
	m->totals.listeners[l->index].closed = true;
	totals__leave_pool(&m->totals, l->index);
	lose_queued(m, l);
	model__drop_selections(m, l);
	HASH_DELETE(hh, m->open_listeners, l);
	HASH_ADD(hh, m->closed_listeners, handle, sizeof(l->handle), l);
	if (!l->hh.tbl)
		free(l);
}

void model__lose_late(struct model *m)
{
	for (struct model_listener *l = m->closed_listeners; l; l = l->hh.next)
		lose_queued(m, l);
}
