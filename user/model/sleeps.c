// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Who slept while a connection waited, and could have taken it. Sleeps are told while a connection waits at any
 * listener (WAITER, SLEEP, STANDBY), and what comes after them; what was known is void once none does.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/state.h"

/* A task waits on few listeners; of more, the newest count. */
#define TIES_MAX 64

/* So many of those that sleep longest are looked at for one that could have taken a connection. */
#define SLEEPERS_MAX 256

/* ---- ties: on which listeners a task waits, or has accepted ---- */

static struct model_queue_state *queue_state(struct model *m, uint32_t listener)
{
	struct model_queue_state *q = m->queue_states.at;

	while (m->queue_states.cnt <= listener) {
		q = vector_add(&m->queue_states);
		if (!q)
			return NULL;
	}
	return &m->queue_states.at[listener];
}

static bool is_tied(const struct model_task *t, uint32_t listener)
{
	for (size_t i = 0; i < t->ties.cnt; i++)
		if (t->ties.at[i] == listener)
			return true;
	return false;
}

int model__tie(struct model *m, struct model_task *t, uint32_t listener)
{
	struct model_queue_state *q = queue_state(m, listener);
	uint32_t *slot;

	if (!q)
		return -ENOMEM;
	if (is_tied(t, listener))
		return 0;
	if (t->ties.cnt < TIES_MAX) {
		slot = vector_add(&t->ties);
		if (!slot)
			return -ENOMEM;
	} else {
		slot = &t->ties.at[t->oldest_tie++ % TIES_MAX];
		m->queue_states.at[*slot].tied--;
	}
	*slot = listener;
	q->tied++;
	return 0;
}

uint32_t model__tied(const struct model *m, uint32_t listener)
{
	return listener < m->queue_states.cnt ? m->queue_states.at[listener].tied : 0;
}

/* ---- sleeps ---- */

static bool is_asleep(const struct model *m, const struct model_task *t)
{
	return t->asleep_in && t->asleep_in == m->period;
}

void model__begin_waiting(struct model *m)
{
	if (m->waiting++)
		return;
	m->period++;
	m->sleepers = NULL;
}

void model__end_waiting(struct model *m)
{
	m->waiting--;
}

void model__fall_asleep(struct model *m, struct model_task *t, uint64_t time_ns)
{
	if (!m->waiting || is_asleep(m, t))
		return;
	t->asleep_in = m->period;
	t->asleep_ns = time_ns;
	DL_APPEND2(m->sleepers, t, earlier_sleeper, later_sleeper);
}

/* Whatever arrived up to then, and waits still, was slept through by somebody. */
static void end_sleep(struct model *m, const struct model_task *t, uint64_t time_ns)
{
	uint64_t until_ns = time_ns - STRANDED_NS;

	if (elapsed_ns(t->asleep_ns, time_ns) <= STRANDED_NS)
		return;
	for (size_t i = 0; i < t->ties.cnt; i++) {
		struct model_queue_state *q = &m->queue_states.at[t->ties.at[i]];

		if (until_ns > q->slept_through_ns)
			q->slept_through_ns = until_ns;
	}
}

void model__run(struct model *m, struct model_task *t, uint64_t time_ns)
{
	if (!is_asleep(m, t))
		return;
	end_sleep(m, t, time_ns);
	DL_DELETE2(m->sleepers, t, earlier_sleeper, later_sleeper);
	t->asleep_in = 0;
}

void model__forget_sleeps(struct model *m, struct model_task *t)
{
	model__run(m, t, m->last_ns);
	for (size_t i = 0; i < t->ties.cnt; i++)
		m->queue_states.at[t->ties.at[i]].tied--;
	free(t->ties.at);
}

/* ---- what that means for a connection ---- */

/* Does somebody sleep who could take it, for as long as it takes? */
static bool has_sleeper(const struct model *m, uint32_t listener, uint64_t until_ns)
{
	const struct model_task *t = m->sleepers;

	for (int i = 0; t && i < SLEEPERS_MAX && t->asleep_ns < until_ns; i++) {
		if (is_tied(t, listener))
			return true;
		t = t->later_sleeper;
	}
	return false;
}

bool model__was_slept_through(const struct model *m, const struct model_connection *c,
			      uint64_t end_ns)
{
	uint64_t until_ns = end_ns - STRANDED_NS;

	if (elapsed_ns(c->time_ns, end_ns) <= STRANDED_NS || c->listener >= m->queue_states.cnt)
		return false;
	return c->time_ns < m->queue_states.at[c->listener].slept_through_ns ||
	       has_sleeper(m, c->listener, until_ns);
}
