// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Connections whose listener has closed: lost, unless they are moved, refused or accepted all the same. */
#include "model/state.h"

/*
 * So many may be moved. A listener that closes moves its queue at once, and a kernel lets no more wait there than
 * somaxconn, 4096 if not set otherwise: most that are lost will stay so.
 */
#ifndef LOST_MAX
#define LOST_MAX 16384
#endif

static void forget_first(struct model *m)
{
	struct model_connection *c = m->lost_ones;

	model__give_up(m, c);
	model__settle(m, c);
}

void model__lose(struct model *m, struct model_connection *c)
{
	model__dequeue(m, c);
	if (c->end == CONNECTION_LOST)
		return;
	c->end = CONNECTION_LOST;
	m->lost++;
	c->may_move = true;
	DL_APPEND(m->lost_ones, c);
	if (++m->lost_cnt > LOST_MAX)
		forget_first(m);
}

void model__find_again(struct model *m, struct model_connection *c)
{
	if (c->end != CONNECTION_LOST)
		return;
	c->end = CONNECTION_WAITING;
	m->lost--;
	model__give_up(m, c);
}
