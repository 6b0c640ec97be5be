// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The rows of the JSON document: a connection with its wakes. There may be millions. */
#include "render/json_rows.h"

#include "report/words.h"

static const char *waker_word(enum waker_context context)
{
	switch (context) {
	case WAKER_SOFTIRQ: return "true";
	case WAKER_TASK: return "false";
	default: return "null";
	}
}

/* Where a picture was asked for. */
static void put_moments(struct json_text *to, const struct report_wake *wake)
{
	json_text__time_or_null(to, "woken_ns", wake->woken_ns);
	json_text__time_or_null(to, "ran_ns", wake->ran_ns);
	json_text__time_or_null(to, "returned_ns", wake->returned_ns);
	json_text__time_or_null(to, "accept_ns", wake->accept_ns);
	json_text__time_or_null(to, "slept_ns", wake->slept_ns);
	json_text__time_or_null(to, "ended_ns", wake->ended_ns);
	json_text__time_or_null(to, "waker_cpu", wake->waker_cpu);
	json_text__word(to, "waker_softirq", waker_word(wake->waker_context));
	if (wake->stack_id >= 0)
		json_text__number(to, "stack_id", wake->stack_id);
}

static void put_wake(struct json_text *to, const struct report_wake *wake, bool has_story)
{
	json_text__open(to, NULL, '{');
	json_text__number(to, "tid", wake->tid);
	json_text__number(to, "pid", wake->pid);
	json_text__string(to, "cause", wake_cause__name(wake->cause));
	json_text__string(to, "outcome", wake_outcome__name(wake->outcome));
	json_text__time_or_null(to, "wake_to_run_ns", wake->wake_to_run_ns);
	json_text__number(to, "waker_tid", wake->waker_tid);
	json_text__number_or_null(to, "accepted_connection", wake->accepted_connection);
	json_text__time_or_null(to, "cpu_ns", wake->cpu_ns);
	if (has_story)
		put_moments(to, wake);
	json_text__close(to, '}');
}

static const char *exclusive_word(const struct report_waiter *waiter)
{
	if (!waiter->known)
		return "null";
	return waiter->exclusive ? "true" : "false";
}

static const char *reached_word(enum reached reached)
{
	if (reached == REACHED_UNKNOWN)
		return "null";
	return reached == REACHED_YES ? "true" : "false";
}

static void put_waiter(struct json_text *to, const struct report_waiter *waiter)
{
	json_text__open(to, NULL, '{');
	json_text__number(to, "tid", waiter->tid);
	json_text__number(to, "pid", waiter->pid);
	json_text__string(to, "cause", wake_cause__name(waiter->cause));
	json_text__number_or_null(to, "place", waiter->place);
	json_text__number_or_null(to, "entry", waiter->entry);
	json_text__word(to, "exclusive", exclusive_word(waiter));
	json_text__boolean(to, "elsewhere", waiter->elsewhere);
	json_text__word(to, "reached", reached_word(waiter->reached));
	json_text__close(to, '}');
}

static void put_story(struct json_text *to, const struct report_connection *connection)
{
	json_text__time_or_null(to, "syn_to_arrival_ns", connection->syn_to_arrival_ns);
	json_text__time_or_null(to, "accepted_ns", connection->accepted_ns);
	json_text__open(to, "waiters_listed", '[');
	for (size_t i = 0; i < connection->waiter_cnt; i++)
		put_waiter(to, &connection->waiter_list[i]);
	json_text__close(to, ']');
}

static unsigned reuseport_group(const struct report *report, unsigned listener)
{
	const struct report_listener *listeners = report->totals.listeners;

	/* Numbers follow the order, as a rule. */
	if (listener && listener <= report->totals.listener_cnt &&
	    listeners[listener - 1].id == listener)
		return listeners[listener - 1].reuseport_group;
	for (size_t i = 0; i < report->totals.listener_cnt; i++)
		if (listeners[i].id == listener)
			return listeners[i].reuseport_group;
	return 0;
}

static const char *predicted_word(const struct report_selection *selection)
{
	if (!report_selection__is_predicted(selection))
		return "null";
	return report_selection__as_predicted(selection) ? "true" : "false";
}

static void put_reuseport(struct json_text *to, const struct report *report,
			  const struct report_connection *connection)
{
	const struct report_selection *selection = &connection->selection;

	if (!selection->present) {
		json_text__word(to, "reuseport", "null");
		return;
	}
	json_text__open(to, "reuseport", '{');
	json_text__number_or_null(to, "group", reuseport_group(report, connection->listener));
	json_text__number(to, "hash", selection->hash);
	json_text__number(to, "sockets", selection->socks);
	json_text__time_or_null(
		to, "index", selection->index == RECORD_NO_INDEX ? -1 : (int64_t)selection->index);
	json_text__number(to, "predicted_index", selection->predicted);
	json_text__word(to, "as_predicted", predicted_word(selection));
	json_text__boolean(to, "by_program", selection->program);
	json_text__time_or_null(to, "cpu", selection->cpu);
	json_text__close(to, '}');
}

static void put_connection(struct json_text *to, const struct report *report,
			   const struct report_connection *connection)
{
	json_text__open(to, NULL, '{');
	json_text__number(to, "id", connection->id);
	json_text__time_or_null(to, "time_ns", connection->time_ns);
	json_text__number(to, "listener", connection->listener);
	json_text__string(to, "peer", connection->peer);
	json_text__number(to, "waiters", connection->waiters);
	json_text__number(to, "offers", connection->offers);
	json_text__open(to, "wakes", '[');
	for (size_t i = 0; i < connection->wake_cnt; i++)
		put_wake(to, &connection->wakes[i], connection->has_story);
	json_text__close(to, ']');
	json_text__number_or_null(to, "accepted_by", connection->accepted_by);
	json_text__time_or_null(to, "arrival_to_accept_ns", connection->arrival_to_accept_ns);
	json_text__string(to, "outcome", connection_end__name(connection->end));
	json_text__number(to, "waiters_named", connection->waiters_named);
	json_text__boolean(to, "waiters_truncated", connection->waiters_truncated);
	json_text__boolean(to, "stranded", connection->stranded);
	json_text__number(to, "wasted", connection->wasted);
	put_reuseport(to, report, connection);
	json_text__number_or_null(to, "migrated_from", connection->migrated_from);
	if (connection->has_story)
		put_story(to, connection);
	json_text__close(to, '}');
}

int json_rows__write(FILE *out, const struct report *report, bool rows)
{
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	struct json_text to;
	int err = 0;

	json_text__begin(&to, out, 1, true);
	json_text__open(&to, "connections", '[');
	while (rows && !to.err && (connection = report__next(report, &cursor, &err)))
		put_connection(&to, report, connection);
	report_cursor__end(&cursor);
	if (err)
		return err;
	json_text__close(&to, ']');
	return json_text__end(&to);
}
