// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The end of the model: what is open now, and the identities that must hold in what was counted. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

/* ---- the books ---- */

/* What the kernel side counted on its own, where the stream got that far. */
static uint64_t count_missed_totals(const struct report_summary *s, const struct model *m)
{
	if (!m->ended)
		return 0;
	return (m->end.wakes != m->wake_cnt + m->untold_wakes) + (m->end.arrivals != m->arrivals) +
	       (m->end.accepts != s->accepted + s->accepted_untracked);
}

struct worker_sums {
	uint64_t wakes, locks, accepted;
	uint64_t outcome[OUTCOME_CNT];
};

static struct worker_sums sum_workers(const struct totals *t)
{
	const struct report_worker *gone = &t->folded.sum;
	struct worker_sums sums = {gone->wakes, gone->lock_wakes, gone->accepted, {0}};

	memcpy(sums.outcome, gone->outcome, sizeof(sums.outcome));
	for (size_t i = 0; i < t->worker_cnt; i++) {
		sums.wakes += t->workers[i].wakes;
		sums.locks += t->workers[i].lock_wakes;
		sums.accepted += t->workers[i].accepted;
		for (int o = 0; o < OUTCOME_CNT; o++)
			sums.outcome[o] += t->workers[i].outcome[o];
	}
	return sums;
}

/*
 * Every wake has one cause, one arrival, one task and one outcome. Wakes are counted for their task when
 * they are decided, and for their arrival when its connection is over: both come to the same, outcome by
 * outcome, every wake that was opened is among them, and they equal what the kernel side counted. Each
 * way in which they do not counts as one.
 */
static uint64_t count_unbalanced(const struct model *m)
{
	const struct report_summary *s = &m->totals.summary;
	struct worker_sums workers = sum_workers(&m->totals);
	uint64_t bad = 0;

	bad += workers.wakes != s->wakes;
	bad += workers.wakes == s->wakes &&
	       memcmp(workers.outcome, s->outcome, sizeof(workers.outcome));
	bad += workers.wakes + workers.locks != m->wake_cnt;
	bad += workers.accepted != s->accepted;
	bad += s->connections + m->refused != m->arrivals;
	/* More were accepted than had been queued before the trace: an arrival was missed. */
	bad += m->late_untracked > m->queued;
	bad += m->unknown_causes + m->unknown_accepts;
	return bad + count_missed_totals(s, m) + m->contradictions;
}

static const char *loss_reason(const struct model *m, const struct report_loss *l)
{
	if (l->ring_drops)
		return "records were dropped because the ring buffer was full: make it larger with "
		       "--buffer";
	if (l->map_full)
		return "a table in the kernel was full: too many tasks, listeners or sockets";
	if (l->missed_probes)
		return "the kernel skipped some of the hooks";
	if (l->long_lists)
		return "an epoll instance had more ready items than can be searched for a listener";
	if (l->early_calls)
		return "a task outside of the server has waited on the listener since before the "
		       "trace, and nothing saw what came of its wake";
	if (m->unknown_causes)
		return "a task was woken by a wait queue function that is not known";
	if (m->unknown_accepts)
		return "accept() failed after it had taken a connection, and with kprobes it is "
		       "not told which";
	if (l->unbalanced)
		return "the sums do not balance: the records contradict each other";
	return "";
}

static void take_losses(struct report_loss *l, const struct record_end *counted)
{
	l->ring_drops = counted->ring_drops;
	l->map_full = counted->map_full;
	l->missed_probes = counted->missed_probes;
	l->long_lists = counted->long_lists;
	l->early_calls = counted->early_calls;
}

void model__losses(const struct model *m, const struct record_end *so_far, struct report_loss *l)
{
	*l = (struct report_loss){
		.unbalanced = m->contradictions + m->unknown_causes + m->unknown_accepts,
	};
	take_losses(l, so_far);
	l->reason = (char *)loss_reason(m, l);
	l->incomplete = *l->reason;
}

static int make_loss(struct report *r, const struct model *m)
{
	struct report_loss *l = &r->loss;

	take_losses(l, &m->end);
	l->unbalanced = count_unbalanced(m);
	l->reason = strdup(m->ended ? loss_reason(m, l) : "the stream of records has no end");
	l->incomplete = l->reason && *l->reason;
	return l->reason ? 0 : -ENOMEM;
}

/* ---- together ---- */

static char *take_text(char **from)
{
	char *text = *from ? *from : strdup("");

	*from = NULL;
	return text;
}

static int make_head(struct report *r, struct model *m)
{
	r->kernel_release = take_text(&m->release);
	r->kernel_arch = take_text(&m->arch);
	r->attach_mode = take_text(&m->mode);
	r->server_exit = take_text(&m->server_exit);
	r->hooks = m->hooks.at;
	r->hook_cnt = m->hooks.cnt;
	r->command = m->command.at;
	r->command_cnt = m->command.cnt;
	r->notes = m->notes.at;
	r->note_cnt = m->notes.cnt;
	r->asked = m->asked;
	r->shortfall = take_text(&m->shortfall);
	r->version = take_text(&m->version);
	r->host = take_text(&m->host);
	r->wall_begun_ns = m->begun_ns;
	r->wall_ended_ns = m->ended_ns;
	r->ended_ns = m->end.header.time_ns;
	memset(&m->hooks, 0, sizeof(m->hooks));
	memset(&m->command, 0, sizeof(m->command));
	memset(&m->notes, 0, sizeof(m->notes));
	return r->kernel_release && r->kernel_arch && r->attach_mode && r->server_exit &&
			       r->shortfall && r->version && r->host
		       ? 0
		       : -ENOMEM;
}

/* What has not come to its end is over now. */
static void retire_all(struct model *m)
{
	struct model_connection *c, *next;

	model__close_open_wakes(m);
	model__lose_late(m);
	m->oldest_recent = m->newest_recent = NULL;
	HASH_ITER(by_arrival, m->by_arrival, c, next)
	{
		model__retire(m, c);
	}
}

/* The totals go over to the report, whose rows need to know where the workers went. */
static int make_totals(struct report *r, struct model *m)
{
	uint32_t *row_of = calloc(m->totals.worker_cnt + 1, sizeof(*row_of));
	int err = row_of ? totals__number_groups(&m->totals) : -ENOMEM;

	if (err) {
		free(row_of);
		return err;
	}
	totals__sort_workers(&m->totals, row_of);
	r->totals = m->totals;
	memset(&m->totals, 0, sizeof(m->totals));
	if (r->rows)
		return rows__finish(r->rows, &r->totals, row_of, !r->loss.incomplete);
	free(row_of);
	return 0;
}

struct report *model__finish(struct model *m, struct rows *rows)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r) {
		rows__free(rows);
		return NULL;
	}
	r->rows = rows;
	retire_all(m);
	if (!m->error)
		m->error = model__add_never_waited(m);
	m->totals.summary.accepted_untracked = m->accepted_untracked;
	if (m->error || make_head(r, m) || make_loss(r, m) || model__take_stacks(m, r) ||
	    make_totals(r, m)) {
		report__free(r);
		return NULL;
	}
	return r;
}
