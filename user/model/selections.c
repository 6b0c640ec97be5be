// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which listener of a group the kernel chose for a request, until its connection arrives. */
#include <string.h>
#include <sys/socket.h>

#include "model/state.h"

/* The packet of an IPv4 client is IPv4, the socket that a dual-stack listener makes of it IPv6. */
static struct selection_key selection_key(uint64_t listener, const struct record_endpoint *peer)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct selection_key key = {.listener = listener, .peer = *peer};

	if (peer->family == AF_INET6 && !memcmp(peer->address, mapped, sizeof(mapped))) {
		key.peer = (struct record_endpoint){.family = AF_INET, .port = peer->port};
		memcpy(key.peer.address, peer->address + sizeof(mapped), 4);
	}
	return key;
}

/*
 * So many wait at most. A kernel keeps no more unfinished handshakes than somaxconn for each listener,
 * 4096 if not set otherwise: one that was pushed out is missing only from a connection that comes late.
 */
#define SELECTIONS_MAX 65536

static void drop_selection(struct model *m, struct model_selection *s)
{
	HASH_DEL(m->selections, s);
	DL_DELETE(s->of->selections, s);
	free(s);
}

void model__drop_selections(struct model *m, struct model_listener *l)
{
	while (l->selections)
		drop_selection(m, l->selections);
}

static struct model_selection *find_selection(struct model *m, uint64_t listener,
					      const struct record_endpoint *peer)
{
	struct selection_key key = selection_key(listener, peer);
	struct model_selection *s;

	HASH_FIND(hh, m->selections, &key, sizeof(key), s);
	return s;
}

/* A request that is sent again is chosen for again. */
struct model_selection *model__new_selection(struct model *m, struct model_listener *l,
					     const struct record_endpoint *peer)
{
	struct model_selection *s = find_selection(m, l->number, peer);

	if (s)
		drop_selection(m, s);
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->key = selection_key(l->number, peer);
	s->of = l;
	HASH_ADD(hh, m->selections, key, sizeof(s->key), s);
	if (!s->hh.tbl) {
		free(s);
		return NULL;
	}
	DL_PREPEND(l->selections, s);
	if (HASH_COUNT(m->selections) > SELECTIONS_MAX)
		drop_selection(m, m->selections);
	return s;
}

void model__take_selection(struct model *m, struct model_connection *c)
{
	struct model_selection *s = find_selection(m, c->queue->number, &c->peer);

	if (!s)
		return;
	c->selection = s->what;
	if (c->story)
		c->story->syn_ns = s->time_ns;
	drop_selection(m, s);
}
