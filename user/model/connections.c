// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Records about listeners, the connections that arrive there, and who waits for them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "model/state.h"

/* An open listener. */
static struct model_listener *find_listener(const struct model *m, uint64_t handle)
{
	struct model_listener *l;

	HASH_FIND(hh, m->open_listeners, &handle, sizeof(handle), l);
	return l;
}

/* The same, made when it is not known; NULL when out of memory. */
static struct model_listener *get_listener(struct model *m, uint64_t handle,
					   const struct record_endpoint *local)
{
	struct model_listener *l = find_listener(m, handle), **slot;

	if (l)
		return l;
	slot = vector_add(&m->listeners);
	if (!slot)
		return NULL;
	l = *slot = calloc(1, sizeof(*l));
	if (!l) {
		m->listeners.cnt--;
		return NULL;
	}
	l->index = m->listeners.cnt - 1;
	l->handle = handle;
	l->local = *local;
	HASH_ADD(hh, m->open_listeners, handle, sizeof(l->handle), l);
	return l->hh.tbl ? l : NULL;
}

/* A first connection may have been faster: it made the listener known. */
int model__add_listen(struct model *m, const struct record_listen *r)
{
	struct model_listener *l = get_listener(m, r->listener, &r->local);

	if (!l)
		return -ENOMEM;
	l->local = r->local;
	l->reuseport = r->reuseport;
	m->queued += r->queued;
	return 0;
}

void model__add_path(struct model *m, const struct record_path *r)
{
	struct model_listener *l = find_listener(m, r->listener);

	if (l)
		memcpy(l->path, r->path, sizeof(l->path)); /* ends with NUL: record__check() */
	else
		m->contradictions++;
}

/* What still waits in the queue of a closed listener is lost. */
void model__add_unlisten(struct model *m, const struct record_unlisten *r)
{
	struct model_listener *l = find_listener(m, r->listener);

	if (!l)
		return;
	l->closed = true;
	HASH_DELETE(hh, m->open_listeners, l);
	for (struct model_connection *c = l->newest; c; c = c->older) {
		if (c->end == CONNECTION_WAITING && !c->refused) {
			c->end = CONNECTION_LOST;
			m->lost++;
		}
	}
}

/* The packet of an IPv4 client is IPv4, the socket that a dual-stack listener makes of it IPv6. */
static struct selection_key selection_key(const struct model_listener *l,
					  const struct record_endpoint *peer)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct selection_key key = {.listener = l->index, .peer = *peer};

	if (peer->family == AF_INET6 && !memcmp(peer->address, mapped, sizeof(mapped))) {
		key.peer = (struct record_endpoint){.family = AF_INET, .port = peer->port};
		memcpy(key.peer.address, peer->address + sizeof(mapped), 4);
	}
	return key;
}

int model__add_select(struct model *m, const struct record_select *r)
{
	const struct model_listener *l = find_listener(m, r->listener);
	struct selection_key key;
	struct model_selection *s;

	if (!l)
		return 0;
	key = selection_key(l, &r->peer);
	HASH_FIND(hh, m->selections, &key, sizeof(key), s);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->key = key;
		HASH_ADD(hh, m->selections, key, sizeof(s->key), s);
		if (!s->hh.tbl) {
			free(s);
			return -ENOMEM;
		}
	}
	s->what = (struct report_selection){
		.present = true,
		.hash = r->hash,
		.socks = r->socks,
		.index = r->index,
		.predicted = r->predicted,
		.program = r->program,
		.cpu = (int)r->cpu - 1,
	};
	return 0;
}

/* The selection that led a peer to a listener, used up by its connection. */
static void take_selection(struct model *m, struct model_connection *c)
{
	struct selection_key key = selection_key(c->listener, &c->peer);
	struct model_selection *s;

	HASH_FIND(hh, m->selections, &key, sizeof(key), s);
	if (!s)
		return;
	c->selection = s->what;
	HASH_DEL(m->selections, s);
	free(s);
}

static struct model_alias *find_alias(struct model *m, uint64_t arrival)
{
	struct model_alias *alias;

	HASH_FIND(hh, m->aliases, &arrival, sizeof(arrival), alias);
	return alias;
}

struct model_connection *model__find_arrival(struct model *m, uint64_t arrival)
{
	struct model_connection *c;
	struct model_alias *alias;

	HASH_FIND(by_arrival, m->by_arrival, &arrival, sizeof(arrival), c);
	if (c)
		return c;
	alias = find_alias(m, arrival);
	return alias ? alias->connection : NULL;
}

bool model__predates(struct model *m, uint64_t arrival)
{
	struct model_alias *alias = find_alias(m, arrival);

	return alias && !alias->connection;
}

/* A socket's memory is used again: the newest connection has the handle. */
static int index_connection(struct model *m, struct model_connection *c)
{
	struct model_connection *old;

	if (model__find_arrival(m, c->arrival))
		m->contradictions++;
	HASH_FIND(by_child, m->by_child, &c->child, sizeof(c->child), old);
	if (old)
		HASH_DELETE(by_child, m->by_child, old);
	HASH_ADD(by_child, m->by_child, child, sizeof(c->child), c);
	HASH_ADD(by_arrival, m->by_arrival, arrival, sizeof(c->arrival), c);
	return c->by_child.tbl && c->by_arrival.tbl ? 0 : -ENOMEM;
}

/* A listener that no LISTEN record announced is known by its first connection. */
int model__add_arrival(struct model *m, const struct record_arrival *r)
{
	struct model_listener *listener = get_listener(m, r->listener, &r->local);
	struct model_connection **slot, *c;

	if (!listener)
		return -ENOMEM;
	slot = vector_add(&m->connections);
	if (!slot)
		return -ENOMEM;
	c = *slot = calloc(1, sizeof(*c));
	if (!c) {
		m->connections.cnt--;
		return -ENOMEM;
	}
	c->index = m->connections.cnt - 1;
	c->arrival = r->arrival;
	c->child = r->child;
	c->time_ns = r->header.time_ns;
	c->listener = listener;
	c->older = listener->newest;
	listener->newest = c;
	c->first_wake = m->wakes.cnt;
	c->peer = r->peer;
	c->end = CONNECTION_WAITING;
	c->accepted_by = NONE;
	take_selection(m, c);
	m->arrivals++;
	return index_connection(m, c);
}

void model__add_refused(struct model *m, const struct record_refused *r)
{
	struct model_connection *c = model__find_arrival(m, r->arrival);

	if (!c && model__predates(m, r->arrival))
		return;
	if (!c || c->refused || c->end == CONNECTION_ACCEPTED) {
		m->contradictions++;
		return;
	}
	/* The listener that it was moved to would not have it. */
	if (c->migrated_from) {
		m->lost += c->end != CONNECTION_LOST;
		c->end = CONNECTION_LOST;
		return;
	}
	/* Refused because its listener had closed: it never was in the queue. */
	m->lost -= c->end == CONNECTION_LOST;
	c->refused = true;
	m->refused++;
}

/* Takes a connection off its listener's list and puts it on another's. */
static void move_connection(struct model_connection *c, struct model_listener *to)
{
	struct model_connection **at = &c->listener->newest;

	while (*at != c)
		at = &(*at)->older;
	*at = c->older;
	c->older = to->newest;
	to->newest = c;
	c->migrated_from = c->listener;
	c->listener = to;
}

/* connection: NULL for one that had arrived before the trace. */
static int add_alias(struct model *m, uint64_t arrival, struct model_connection *connection)
{
	struct model_alias *alias = calloc(1, sizeof(*alias));

	if (!alias)
		return -ENOMEM;
	alias->arrival = arrival;
	alias->connection = connection;
	HASH_ADD(hh, m->aliases, arrival, sizeof(alias->arrival), alias);
	if (alias->hh.tbl)
		return 0;
	free(alias);
	return -ENOMEM;
}

/* The UNLISTEN of the closing listener has come before, and counted it as lost. */
int model__add_migrate(struct model *m, const struct record_migrate *r)
{
	struct model_listener *to = find_listener(m, r->to);
	struct model_connection *c;
	int err;

	HASH_FIND(by_child, m->by_child, &r->child, sizeof(r->child), c);
	if (model__find_arrival(m, r->arrival) || find_alias(m, r->arrival) ||
	    (c && (!to || c->refused || c->end == CONNECTION_ACCEPTED))) {
		m->contradictions++;
		return 0;
	}
	err = add_alias(m, r->arrival, c);
	if (err || !c)
		return err;
	m->lost -= c->end == CONNECTION_LOST;
	c->end = CONNECTION_WAITING;
	move_connection(c, to);
	return 0;
}

int model__add_waiter(struct model *m, const struct record_waiter *r)
{
	struct model_connection *c = model__find_arrival(m, r->arrival);
	struct model_task *t = model__get_task(m, r->header.tid, r->tgid);
	size_t worker = t ? model__get_worker(m, t) : NONE, *slot;

	if (worker == NONE)
		return -ENOMEM;
	if (!c) {
		m->contradictions += !model__predates(m, r->arrival);
		return 0;
	}
	slot = r->elsewhere ? vector_add(&c->elsewhere) : vector_add(&c->waiters);
	if (!slot)
		return -ENOMEM;
	*slot = worker;
	return 0;
}

/* A long queue is walked in several calls up to 6.5: one arrival all the same. */
void model__add_walk(struct model *m, const struct record_walk *r)
{
	struct model_connection *c = model__find_arrival(m, r->arrival);

	if (!c) {
		m->contradictions += !model__predates(m, r->arrival);
		return;
	}
	c->offers += r->offers;
	c->truncated |= r->truncated != 0;
}
