// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Where connections and wakes lie: there are many, and they come and go with every few records. */
#include <assert.h>
#include <string.h>

#include "model/state.h"

/* Lists of as many stay with the room of a connection, for the next one that gets it. */
#define WAITERS_KEPT 64

void model__make_room(struct model *m)
{
	m->connection_room.size = sizeof(struct model_connection);
	m->wake_room.size = sizeof(struct model_wake);
}

void model__keep_stories(struct model *m)
{
	assert(!m->connection_room.chunks && !m->wake_room.chunks);
	m->keeps_stories = true;
	m->wake_room.size = sizeof(struct model_wake) + sizeof(struct closed_moments);
}

/* ---- connections ---- */

#define keep_list(v)                                \
	do {                                        \
		if ((v)->capacity > WAITERS_KEPT) { \
			free((v)->at);              \
			(v)->at = NULL;             \
			(v)->capacity = 0;          \
		}                                   \
		(v)->cnt = 0;                       \
	} while (0)

static struct model_story *empty_story(struct model_story *old)
{
	if (!old)
		return calloc(1, sizeof(*old));
	old->syn_ns = 0;
	return old;
}

/* Its lists are empty, but may have room. */
struct model_connection *model__new_connection(struct model *m)
{
	struct model_connection *c = slab__take(&m->connection_room), kept;

	if (!c)
		return NULL;
	kept.waiters = c->waiters;
	kept.elsewhere = c->elsewhere;
	kept.story = m->keeps_stories ? empty_story(c->story) : NULL;
	memset(c, 0, sizeof(*c));
	c->waiters = kept.waiters;
	c->elsewhere = kept.elsewhere;
	c->story = kept.story;
	if (!m->keeps_stories || c->story)
		return c;
	model__leave_connection(m, c);
	return NULL;
}

void model__leave_connection(struct model *m, struct model_connection *c)
{
	keep_list(&c->waiters);
	keep_list(&c->elsewhere);
	if (c->story)
		keep_list(&c->story->listed);
	slab__give(&m->connection_room, c);
}

static void drop_lists(struct model_connection *c)
{
	free(c->waiters.at);
	free(c->elsewhere.at);
	if (c->story)
		free(c->story->listed.at);
	free(c->story);
}

/* ---- wakes ---- */

struct model_wake *model__new_wake(struct model *m)
{
	struct model_wake *w = slab__take(&m->wake_room);

	if (w)
		memset(w, 0, m->wake_room.size);
	return w;
}

void model__leave_wake(struct model *m, struct model_wake *w)
{
	DL_DELETE(m->wakes, w);
	slab__give(&m->wake_room, w);
}

void model__drop_room(struct model *m)
{
	struct model_connection *c;

	while ((c = slab__take_given(&m->connection_room)))
		drop_lists(c);
	slab__drop(&m->connection_room);
	slab__drop(&m->wake_room);
}
