// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The rows of the JSON document: a connection with its wakes. There may be millions. */
#include "render/json_rows.h"

#include "report/words.h"

static void put_wake(struct json_text *to, const struct report_wake *wake)
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
	json_text__close(to, '}');
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
		put_wake(to, &connection->wakes[i]);
	json_text__close(to, ']');
	json_text__number_or_null(to, "accepted_by", connection->accepted_by);
	json_text__time_or_null(to, "arrival_to_accept_ns", connection->arrival_to_accept_ns);
	json_text__string(to, "outcome", connection_end__name(connection->end));
	json_text__boolean(to, "waiters_truncated", connection->waiters_truncated);
	json_text__boolean(to, "stranded", connection->stranded);
	json_text__number(to, "wasted", connection->wasted);
	put_reuseport(to, report, connection);
	json_text__number_or_null(to, "migrated_from", connection->migrated_from);
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
