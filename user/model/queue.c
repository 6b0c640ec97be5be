// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The lists in which a connection stands: its listener's queue, and those that were lost and may be moved. */
#include "model/state.h"

void model__enqueue(struct model *m, struct model_listener *l, struct model_connection *c)
{
	model__dequeue(m, c);
	DL_PREPEND(l->queued, c);
	model__begin_waiting(m);
	c->queue = l;
	c->listener = l->index;
}

void model__dequeue(struct model *m, struct model_connection *c)
{
	if (!c->queue)
		return;
	DL_DELETE(c->queue->queued, c);
	model__end_waiting(m);
	c->queue = NULL;
}

void model__give_up(struct model *m, struct model_connection *c)
{
	if (!c->may_move)
		return;
	DL_DELETE(m->lost_ones, c);
	m->lost_cnt--;
	c->may_move = false;
}
