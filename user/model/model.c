// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <assert.h>

#include "model/state.h"
#include "report/restrict.h"

struct model *model__new(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->sweep_after = SWEEP_MIN;
	model__make_room(m);
	return m;
}

void model__keep_flows(struct model *m)
{
	m->totals.keeps_flows = true;
}

void model__set_counter(struct model *m, model_counter count, void *arg)
{
	m->counter.count = count;
	m->counter.arg = arg;
}

void model__add_sink(struct model *m, closed_sink take, void *arg)
{
	assert(m->sink_cnt < MODEL_SINKS_MAX);
	m->sinks[m->sink_cnt].take = take;
	m->sinks[m->sink_cnt++].arg = arg;
}

/* ---- freeing ---- */

static void free_listeners(struct model_listener **hash)
{
	struct model_listener *l, *next;

	HASH_ITER(hh, *hash, l, next)
	{
		HASH_DEL(*hash, l);
		free(l);
	}
}

static void free_selections(struct model *m)
{
	struct model_selection *s, *next;

	HASH_ITER(hh, m->selections, s, next)
	{
		HASH_DEL(m->selections, s);
		free(s);
	}
}

static void free_aliases(struct model *m)
{
	struct model_alias *a, *next;

	HASH_ITER(hh, m->aliases, a, next)
	{
		HASH_DEL(m->aliases, a);
		free(a);
	}
}

/* In a model that was not finished some are open. */
static void free_open(struct model *m)
{
	struct model_connection *c, *next_connection;
	struct model_task *t, *next_task;

	HASH_ITER(hh, m->tasks, t, next_task)
	{
		model__drop_task(m, t);
	}
	HASH_ITER(by_arrival, m->by_arrival, c, next_connection)
	{
		model__free_connection(m, c);
	}
	model__drop_room(m);
}

static void free_strings(char **strings, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		free(strings[i]);
	free(strings);
}

static void free_head(struct model *m)
{
	for (size_t i = 0; i < m->hooks.cnt; i++) {
		free(m->hooks.at[i].function);
		free(m->hooks.at[i].how);
	}
	free(m->hooks.at);
	free_strings(m->command.at, m->command.cnt);
	free_strings(m->notes.at, m->notes.cnt);
	free(m->release);
	free(m->arch);
	free(m->mode);
	free(m->server_exit);
	free(m->shortfall);
	free(m->version);
	free(m->host);
}

void model__free(struct model *m)
{
	if (!m)
		return;
	free_open(m);
	free_selections(m);
	model__drop_stacks(m);
	free_aliases(m);
	free_listeners(&m->open_listeners);
	free_listeners(&m->closed_listeners);
	free_head(m);
	totals__drop(&m->totals);
	free(m->scratch.at);
	free(m->listed.at);
	free(m->moments.at);
	free(m->marks.at);
	free(m->queue_states.at);
	free(m->holders.at);
	free(m);
}

/* ---- records ---- */

static int add_record(struct model *m, const union record_any *r)
{
	switch (r->header.type) {
	case RECORD_META: return model__add_meta(m, &r->meta);
	case RECORD_TASK: return model__add_task(m, &r->task);
	case RECORD_LISTEN: return model__add_listen(m, &r->listen);
	case RECORD_UNLISTEN: model__add_unlisten(m, &r->unlisten); return 0;
	case RECORD_SELECT: return model__add_select(m, &r->select);
	case RECORD_ARRIVAL: return model__add_arrival(m, &r->arrival);
	case RECORD_PATH: return model__add_path(m, &r->path);
	case RECORD_MIGRATE: return model__add_migrate(m, &r->migrate);
	case RECORD_REFUSED: model__add_refused(m, &r->refused); return 0;
	case RECORD_WAITER: return model__add_waiter(m, &r->waiter);
	case RECORD_WAITERS: return model__add_waiters(m, &r->waiters);
	case RECORD_WALK: model__add_walk(m, &r->walk); return 0;
	case RECORD_WAKE: return model__add_wake(m, &r->wake);
	case RECORD_RUN: model__add_run(m, &r->run); return 0;
	case RECORD_ACCEPT: return model__add_accept(m, &r->accept);
	case RECORD_RETURN: model__add_return(m, &r->ret); return 0;
	case RECORD_SLEEP: model__add_sleep(m, &r->sleep); return 0;
	case RECORD_STANDBY: return model__add_standby(m, &r->standby);
	case RECORD_STACK: return model__add_stack(m, &r->stack);
	case RECORD_HOLDER: return model__add_holder(m, &r->holder);
	case RECORD_PLACE: return model__add_place(m, &r->place);
	case RECORD_EPOLL: return model__add_epoll(m, &r->epoll);
	case RECORD_END:
		m->end = r->end;
		m->ended = true;
		return 0;
	default: return 0;
	}
}

int model__take(void *model, const struct record_header *record)
{
	struct model *m = model;
	int err;

	m->now_ns = record->time_ns;
	if (record->time_ns > m->last_ns)
		m->last_ns = record->time_ns;
	err = add_record(m, (const union record_any *)record);
	if (!err && m->came > m->sweep_after)
		err = model__sweep(m);
	return err ? err : m->error;
}

/* ---- where it stands ---- */

void model__progress(const struct model *m, struct model_progress *p)
{
	*p = (struct model_progress){
		.arrivals = m->arrivals,
		.accepted = m->accepted,
		.refused = m->refused,
		.ended = m->accepted + m->refused + m->lost,
		.wakes = m->herd_wakes,
		.open_wakes = m->open_wakes,
		.listeners = HASH_COUNT(m->open_listeners),
		.live_tasks = HASH_COUNT(m->tasks),
	};
}

void model__each_worker(const struct model *m, model_worker_visitor visit, void *arg)
{
	for (const struct model_task *t = m->tasks; t; t = t->hh.next)
		if (t->worker != NO_WORKER)
			visit(arg, t->worker);
}

void model__each_listener(const struct model *m, model_listener_visitor visit, void *arg)
{
	const struct model_connection *c;

	for (const struct model_listener *l = m->open_listeners; l; l = l->hh.next) {
		size_t queued;

		DL_COUNT(l->queued, c, queued);
		visit(arg, l->index, queued);
	}
}

const struct totals *model__look(struct model *m, uint64_t before_ns)
{
	model__let_go(m, before_ns);
	return m->error || totals__number_groups(&m->totals) ? NULL : &m->totals;
}

static const struct report_listener *open_listener(const struct model *m, size_t index)
{
	const struct model_listener *l = m->open_listeners;

	while (l && index--)
		l = l->hh.next;
	return l ? &m->totals.listeners[l->index] : NULL;
}

const struct record_endpoint *model__listener(const struct model *m, size_t index)
{
	const struct report_listener *l = open_listener(m, index);

	return l ? &l->local : NULL;
}

const char *model__listener_path(const struct model *m, size_t index)
{
	const struct report_listener *l = open_listener(m, index);

	return l ? l->path : "";
}

bool model__has_listener(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->totals.listener_cnt; i++)
		if (listener__is_called(&m->totals.listeners[i], name))
			return true;
	return false;
}

void model__each_task(const struct model *m, model_task_visitor visit, void *arg)
{
	for (const struct model_task *t = m->tasks; t; t = t->hh.next)
		visit(arg, t->tid, t->tgid, t->open_wake != NULL);
}
