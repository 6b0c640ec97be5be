// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A row for each listener, and one for each worker. */
#include <string.h>

#include "render/page.h"

#define COMMAND_CELLS 7
#define UNIT_CELLS    12

void page__listeners(struct page *page)
{
	enum { LISTENER, ADDRESS, PROTOCOL, GROUP, CONNECTIONS, ACCEPTED };
	const struct report *report = page->report;
	struct grid *grid = page__grid(page);
	bool groups = false;

	if (!grid)
		return;
	for (size_t i = 0; i < report->totals.listener_cnt; i++)
		groups |= report->totals.listeners[i].reuseport_group != 0;
	grid__column(grid, "listener", GRID_RIGHT, true);
	grid__cut_column(grid, "address", GRID_LEFT, true, ENDPOINT_CELLS);
	grid__column(grid, "protocol", GRID_LEFT, true);
	grid__column(grid, "group", GRID_RIGHT, groups);
	grid__column(grid, "connections", GRID_RIGHT, true);
	grid__column(grid, "accepted", GRID_RIGHT, true);
	for (size_t i = 0; i < report->totals.listener_cnt; i++) {
		const struct report_listener *listener = &report->totals.listeners[i];

		grid__line(grid);
		grid__number(grid, LISTENER, listener->id);
		grid__text(grid, ADDRESS, listener->address);
		grid__text(grid, PROTOCOL, listener->protocol);
		if (listener->reuseport_group != 0)
			grid__number(grid, GROUP, listener->reuseport_group);
		grid__number(grid, CONNECTIONS, listener->connections);
		grid__number(grid, ACCEPTED, listener->accepted);
	}
	page__finish_grid(page, grid);
}

enum worker_column {
	WORKER,
	PID,
	TID,
	NS_PID,
	NS_TID,
	COMMAND,
	WAKES,
	ACCEPTED,
	HANDED_ON,
	EAGAIN_CNT,
	SWALLOWED,
	IDLE,
	EXITED,
	PENDING,
	LOCK,
	WASTED_CPU,
	UNIT,
	CONTAINER,
};

/* Some numbers are rare: they take a column only where there is one. */
static void add_worker_columns(struct grid *grid, const struct report *report)
{
	bool threads = false, handed = false, exited = false, pending = false, lock = false;
	bool inside = false;

	for (size_t i = 0; i < report->totals.worker_cnt; i++) {
		const struct report_worker *worker = &report->totals.workers[i];

		threads |= worker->tid != worker->pid;
		inside |= worker->ns_tid != 0;
		handed |= worker->outcome[OUTCOME_HANDED_ON] != 0;
		exited |= worker->outcome[OUTCOME_EXITED] != 0;
		pending |= worker->outcome[OUTCOME_PENDING] != 0;
		lock |= worker->lock_wakes != 0;
	}
	grid__column(grid, "worker", GRID_RIGHT, true);
	grid__column(grid, "pid", GRID_RIGHT, true);
	grid__column(grid, "tid", GRID_RIGHT, threads);
	grid__column(grid, "pid inside", GRID_RIGHT, inside);
	grid__column(grid, "tid inside", GRID_RIGHT, inside && threads);
	grid__cut_column(grid, "command", GRID_LEFT, true, COMMAND_CELLS);
	grid__column(grid, "wakes", GRID_RIGHT, true);
	grid__column(grid, "accepted", GRID_RIGHT, true);
	grid__column(grid, "handed on", GRID_RIGHT, handed);
	grid__column(grid, "eagain", GRID_RIGHT, true);
	grid__column(grid, "swallowed", GRID_RIGHT, true);
	grid__column(grid, "idle", GRID_RIGHT, true);
	grid__column(grid, "exited", GRID_RIGHT, exited);
	grid__column(grid, "pending", GRID_RIGHT, pending);
	grid__column(grid, "lock", GRID_RIGHT, lock);
	grid__column(grid, "wasted CPU", GRID_RIGHT, true);
}

/* What is the same of all is said in a sentence. */
static void add_place_columns(struct grid *grid, const struct report *report)
{
	bool units = false, containers = false, is_said = page__common_place(report);

	for (size_t i = 0; i < report->totals.worker_cnt && !is_said; i++) {
		const struct report_place *place =
			totals__place_of(&report->totals, &report->totals.workers[i]);

		units |= place && *place->unit;
		containers |= place && *place->container;
	}
	grid__cut_column(grid, "unit", GRID_LEFT, units, UNIT_CELLS);
	grid__column(grid, "container", GRID_LEFT, containers);
}

static void put_place(struct grid *grid, const struct report_worker *worker,
		      const struct report_place *place)
{
	char container[CONTAINER_DIGITS + 1] = "";

	if (worker->ns_tid) {
		grid__number(grid, NS_PID, worker->ns_pid);
		grid__number(grid, NS_TID, worker->ns_tid);
	}
	if (!place)
		return;
	strncpy(container, place->container, CONTAINER_DIGITS);
	grid__text(grid, UNIT, place->unit);
	grid__text(grid, CONTAINER, container);
}

static void put_worker(struct grid *grid, const struct report_worker *worker)
{
	grid__line(grid);
	grid__number(grid, WORKER, worker->id);
	grid__number(grid, PID, worker->pid);
	grid__number(grid, TID, worker->tid);
	grid__text(grid, COMMAND, worker->comm);
	grid__number(grid, WAKES, worker->wakes);
	grid__number(grid, ACCEPTED, worker->accepted);
	grid__number(grid, HANDED_ON, worker->outcome[OUTCOME_HANDED_ON]);
	grid__number(grid, EAGAIN_CNT, worker->outcome[OUTCOME_EAGAIN]);
	grid__number(grid, SWALLOWED, worker->outcome[OUTCOME_SWALLOWED]);
	grid__number(grid, IDLE, worker->outcome[OUTCOME_IDLE]);
	grid__number(grid, EXITED, worker->outcome[OUTCOME_EXITED]);
	grid__number(grid, PENDING, worker->outcome[OUTCOME_PENDING]);
	grid__number(grid, LOCK, worker->lock_wakes);
	grid__duration(grid, WASTED_CPU, (int64_t)worker->wasted_cpu_ns);
	if (worker->wasted_cpu_ns > 0)
		grid__color(grid, WASTED_CPU, RED);
}

/* Outcomes that no worker has go first, then what is least missed. */
static void narrow(struct grid *grid, const struct report *report)
{
	static const struct {
		enum worker_column column;
		enum wake_outcome outcome;
	} outcomes[] = {
		{IDLE, OUTCOME_IDLE}, {EAGAIN_CNT, OUTCOME_EAGAIN}, {SWALLOWED, OUTCOME_SWALLOWED}};
	static const unsigned dispensable[] = {COMMAND, LOCK, PENDING, EXITED, UNIT, CONTAINER};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (!grid__fits(grid) && !report->totals.summary.outcome[outcomes[i].outcome])
			grid__show(grid, outcomes[i].column, false);
	page__narrow(grid, dispensable, sizeof(dispensable) / sizeof(dispensable[0]));
}

void page__workers(struct page *page)
{
	const struct report *report = page->report;
	struct grid *grid = page__grid(page);

	if (!grid)
		return;
	add_worker_columns(grid, report);
	add_place_columns(grid, report);
	for (size_t i = 0; i < report->totals.worker_cnt; i++) {
		const struct report_worker *worker = &report->totals.workers[i];

		put_worker(grid, worker);
		put_place(grid, worker, totals__place_of(&report->totals, worker));
	}
	narrow(grid, report);
	page__finish_grid(page, grid);
}
