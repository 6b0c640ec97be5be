// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/restrict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows.h"

bool listener__is_called(const struct report_listener *l, const char *name)
{
	char id[16], *port = strrchr(l->address, ':');

	snprintf(id, sizeof(id), "%u", l->id);
	return !strcmp(name, id) || !strcmp(name, l->address) ||
	       (*name == ':' && port && !strcmp(name, port));
}

/* The draws of the pools that have a chosen listener stay; a group stays whole. */
static int take_pools(struct totals *to, struct totals *from, const bool *only)
{
	bool *kept = calloc(from->pools.all.cnt + 1, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < from->listener_cnt; i++)
		if (only[i] && from->listeners[i].pool)
			kept[from->listeners[i].pool - 1] = true;
	pools__restrict(&from->pools, kept);
	free(kept);
	to->pools = from->pools;
	from->pools = (struct pools){0};
	return 0;
}

/* Counted from nothing, with the same listeners and workers as before. */
static int begin(struct totals *to, struct totals *from, const bool *only)
{
	to->listeners = calloc(from->listener_cnt + 1, sizeof(*to->listeners));
	to->workers = calloc(from->worker_cnt + 1, sizeof(*to->workers));
	if (!to->listeners || !to->workers)
		return -ENOMEM;
	to->listener_cnt = to->listener_capacity = from->listener_cnt;
	to->worker_cnt = to->worker_capacity = from->worker_cnt;
	for (size_t i = 0; i < from->listener_cnt; i++)
		to->listeners[i] = from->listeners[i];
	for (size_t i = 0; i < from->worker_cnt; i++) {
		to->workers[i].id = from->workers[i].id;
		to->workers[i].pid = from->workers[i].pid;
		to->workers[i].tid = from->workers[i].tid;
		to->workers[i].ns_pid = from->workers[i].ns_pid;
		to->workers[i].ns_tid = from->workers[i].ns_tid;
		to->workers[i].place = from->workers[i].place;
		to->workers[i].waited = from->workers[i].waited;
		memcpy(to->workers[i].comm, from->workers[i].comm, sizeof(to->workers[i].comm));
	}
	return take_pools(to, from, only);
}

static int count(void *totals, const struct closed_connection *c)
{
	struct totals *t = totals;

	for (size_t i = 0; i < c->wake_cnt; i++)
		totals__add_wake(t, &c->wakes[i]);
	totals__add_connection(t, c);
	if (c->accepted_by)
		t->workers[c->accepted_by - 1].accepted++;
	return 0;
}

/* The first of all is what times are counted from; what listeners got is as true as before. */
static void finish(struct totals *to, struct totals *from)
{
	to->first_number = from->first_number;
	to->first_ns = from->first_ns;
	to->stranding.is_old = from->stranding.is_old;
	for (size_t i = 0; i < from->listener_cnt; i++) {
		to->listeners[i].connections = from->listeners[i].connections;
		to->listeners[i].accepted = from->listeners[i].accepted;
		from->listeners[i].address = from->listeners[i].protocol = NULL;
		memset(&from->listeners[i].epolls, 0, sizeof(from->listeners[i].epolls));
	}
	to->places.at = from->places.at;
	to->places.cnt = from->places.cnt;
	to->places.capacity = from->places.capacity;
	memset(&from->places, 0, sizeof(from->places));
	totals__drop(from);
	*from = *to;
}

/* Marks the workers that have something to do with what is left: with a connection, or in its draws. */
static void mark_concerned(const struct totals *t, bool *concerned)
{
	for (size_t i = 0; i < t->worker_cnt; i++) {
		const struct report_worker *w = &t->workers[i];

		concerned[i] = w->wakes || w->lock_wakes || w->accepted;
	}
	for (const struct pool_member *m = t->pools.members; m; m = m->hh.next)
		if (t->pools.all.at[m->key.pool].draws)
			concerned[m->key.worker] = true;
}

/* Workers without a row go behind the others, where rows.c and the pools still find them. */
static size_t move_workers(struct totals *t, const bool *concerned, struct report_worker *to,
			   uint32_t *moved)
{
	size_t cnt = 0, concerned_cnt;

	for (size_t i = 0; i < t->worker_cnt; i++)
		if (concerned[i])
			to[moved[i] = cnt++] = t->workers[i];
	concerned_cnt = cnt;
	for (size_t i = 0; i < t->worker_cnt; i++)
		if (!concerned[i])
			to[moved[i] = cnt++] = t->workers[i];
	for (struct pool_member *m = t->pools.members; m; m = m->hh.next)
		m->key.worker = moved[m->key.worker];
	return concerned_cnt;
}

static int leave_out_others(struct report *report)
{
	struct totals *t = &report->totals;
	struct report_worker *workers = calloc(t->worker_cnt + 1, sizeof(*workers));
	uint32_t *moved = calloc(t->worker_cnt + 1, sizeof(*moved));
	bool *concerned = calloc(t->worker_cnt + 1, sizeof(*concerned));
	int err = workers && moved && concerned ? 0 : -ENOMEM;
	size_t cnt = t->worker_cnt;

	if (!err) {
		mark_concerned(t, concerned);
		t->worker_cnt = move_workers(t, concerned, workers, moved);
		rows__move_workers(report->rows, moved, cnt);
		free(t->workers);
		t->workers = workers;
	} else {
		free(workers);
	}
	free(moved);
	free(concerned);
	return err;
}

static int add_note(struct report *report, const char *name, uint64_t before)
{
	char **notes = reallocarray(report->notes, report->note_cnt + 1, sizeof(*notes));

	if (!notes)
		return -ENOMEM;
	report->notes = notes;
	if (asprintf(&notes[report->note_cnt],
		     "only listener %s: %" PRIu64 " of %" PRIu64
		     " connections; workers that these did not concern are left out",
		     name, report->totals.summary.connections, before) < 0)
		return -ENOMEM;
	report->note_cnt++;
	return 0;
}

int report__restrict(struct report *report, const char *name)
{
	uint64_t before = report->totals.summary.connections;
	size_t cnt = report->totals.listener_cnt;
	bool *only = calloc(cnt + 1, sizeof(*only));
	struct totals totals = {0};
	int err, meant = 0;

	if (!only)
		return -ENOMEM;
	for (size_t i = 0; i < cnt; i++)
		meant += only[i] = listener__is_called(&report->totals.listeners[i], name);
	rows__restrict(report->rows, only, cnt);
	err = begin(&totals, &report->totals, only);
	if (!err)
		err = rows__each(report->rows, count, &totals);
	if (err) {
		free(totals.listeners);
		free(totals.workers);
		pools__drop(&totals.pools);
		return err;
	}
	finish(&totals, &report->totals);
	err = leave_out_others(report);
	if (!err)
		err = add_note(report, name, before);
	return err ? err : meant;
}
