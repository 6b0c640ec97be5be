/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reports built by hand, and what a renderer makes of them. To be included after cmocka.h. */
#ifndef HERDTRACE_REPORT_FIXTURE_H
#define HERDTRACE_REPORT_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "report/words.h"

#define EVIL_COMM "\033[31mw\xc3\xb6`\xff"
#define SAFE_COMM "\\x1b[31mw\xc3\xb6`\\xff"

static inline void *array(size_t cnt, size_t size)
{
	void *memory = calloc(cnt, size);

	assert_non_null(memory);
	return memory;
}

static inline void add_workers(struct report *report)
{
	report->totals.worker_cnt = 2;
	report->totals.workers = array(2, sizeof(*report->totals.workers));
	for (unsigned i = 0; i < 2; i++) {
		struct report_worker *worker = &report->totals.workers[i];

		worker->id = i + 1;
		worker->pid = worker->tid = 71 + i;
		strcpy(worker->comm, i == 0 ? "epoll-server" : EVIL_COMM);
		worker->wakes = 2;
		worker->accepted = i;
		worker->outcome[OUTCOME_ACCEPTED] = i;
		worker->outcome[OUTCOME_EAGAIN] = 1;
		worker->outcome[OUTCOME_SWALLOWED] = 1 - i;
		worker->wasted_cpu_ns = i == 0 ? 61500 : 1200;
	}
}

/* Both workers woken, the second accepts; the first goes to sleep unheard. */
static inline void add_accepted(struct report_connection *connection)
{
	connection->id = 1;
	connection->listener = 1;
	strcpy(connection->peer, "127.0.0.1:40502");
	connection->waiters = connection->offers = 2;
	connection->wake_cnt = 2;
	connection->wakes = array(2, sizeof(*connection->wakes));
	connection->wakes[0] = (struct report_wake){.tid = 72,
						    .pid = 72,
						    .worker = 2,
						    .cause = CAUSE_EPOLL,
						    .outcome = OUTCOME_ACCEPTED,
						    .accepted_connection = 1,
						    .wake_to_run_ns = 41000,
						    .cpu_ns = 52000};
	connection->wakes[1] = (struct report_wake){.tid = 71,
						    .pid = 71,
						    .worker = 1,
						    .waker_tid = 72,
						    .cause = CAUSE_CHAIN,
						    .outcome = OUTCOME_SWALLOWED,
						    .wake_to_run_ns = REPORT_UNKNOWN_NS,
						    .cpu_ns = REPORT_UNKNOWN_NS};
	connection->woken = 2;
	connection->wasted = 1;
	connection->end = CONNECTION_ACCEPTED;
	connection->accepted_by = 72;
	connection->accepted_worker = 2;
	connection->arrival_to_accept_ns = 87600;
}

/* More waiters than the snapshot holds, nothing accepted it, a lock hand-over beside the wakes. */
static inline void add_lost(struct report_connection *connection)
{
	connection->id = 2;
	connection->time_ns = 2000000;
	connection->listener = 1;
	strcpy(connection->peer, "127.0.0.1:40504");
	connection->waiters = 512;
	connection->waiters_truncated = true;
	connection->offers = 2;
	connection->wake_cnt = 2;
	connection->wakes = array(2, sizeof(*connection->wakes));
	connection->wakes[0].cause = CAUSE_EPOLL;
	connection->wakes[0].outcome = OUTCOME_EAGAIN;
	connection->wakes[1].cause = CAUSE_LOCK;
	connection->wakes[1].outcome = OUTCOME_IDLE;
	connection->woken = 1;
	connection->wasted = 1;
	connection->end = CONNECTION_LOST;
	connection->arrival_to_accept_ns = REPORT_UNKNOWN_NS;
	connection->stranded = true;
}

static inline void add_summary(struct report_summary *summary)
{
	summary->connections = 2;
	summary->accepted = 1;
	summary->lost = 1;
	summary->accepted_untracked = 1;
	summary->offers = 4;
	summary->wakes = 3;
	summary->wasted = 2;
	summary->wakes_by_cause.of[CAUSE_EPOLL] = 2;
	summary->wakes_by_cause.of[CAUSE_CHAIN] = 1;
	summary->wakes_by_cause.of[CAUSE_LOCK] = 1;
	summary->outcome[OUTCOME_ACCEPTED] = 1;
	summary->outcome[OUTCOME_EAGAIN] = 1;
	summary->outcome[OUTCOME_SWALLOWED] = 1;
	summary->wasted_cpu_ns = 62700;
}

static inline struct report *new_report(void)
{
	struct report *report = array(1, sizeof(*report));

	report->kernel_release = strdup("6.1.0-56-amd64");
	report->kernel_arch = strdup("x86_64");
	report->attach_mode = strdup("fentry");
	report->hook_cnt = 2;
	report->hooks = array(2, sizeof(*report->hooks));
	report->hooks[0].function = strdup("__wake_up_common");
	report->hooks[0].how = strdup("fentry");
	report->hooks[1].function = strdup("do_epoll_wait");
	report->hooks[1].how = strdup("kprobe");
	report->command_cnt = 2;
	report->command = array(2, sizeof(*report->command));
	report->command[0] = strdup("./epoll-server");
	report->command[1] = strdup("a\\b\x07");
	report->note_cnt = 1;
	report->notes = array(1, sizeof(*report->notes));
	report->notes[0] = strdup("two\nlines");
	report->server_exit = strdup("killed by signal 15");
	report->shortfall = strdup("");
	report->totals.listener_cnt = 1;
	report->totals.listeners = array(1, sizeof(*report->totals.listeners));
	report->totals.listeners[0].id = 1;
	report->totals.listeners[0].address = strdup("127.0.0.1:8888");
	report->totals.listeners[0].protocol = strdup("tcp");
	report->totals.listeners[0].connections = 2;
	report->totals.listeners[0].accepted = 1;
	add_workers(report);
	report->connection_cnt = 2;
	report->connections = array(2, sizeof(*report->connections));
	add_accepted(&report->connections[0]);
	add_lost(&report->connections[1]);
	add_summary(&report->totals.summary);
	report->totals.stranding.of[STRANDING_LOST] = 1;
	histogram__add(&report->totals.waits_us, 87);
	histogram__add(&report->totals.wakes, 2);
	histogram__add(&report->totals.wakes, 1);
	report->loss.reason = strdup("");
	report->verdicts.herd =
		(struct report_verdict){VERDICT_PROVED, strdup("1 of 2, \"really\"")};
	report->verdicts.skew = (struct report_verdict){VERDICT_REFUTED, strdup("even")};
	report->verdicts.stranding = (struct report_verdict){VERDICT_INCONCLUSIVE, strdup("@home")};
	report->verdicts.advice = strdup("EPOLLEXCLUSIVE");
	return report;
}

/* A reuseport group of two listeners; one choice as predicted, one by a program and not found. */
static inline struct report *new_reuseport_report(void)
{
	struct report *report = new_report();
	struct report_listener *listeners;

	listeners = realloc(report->totals.listeners, 2 * sizeof(*listeners));
	assert_non_null(listeners);
	report->totals.listeners = listeners;
	listeners[1] = listeners[0];
	listeners[1].id = 2;
	listeners[1].address = strdup("127.0.0.1:8888");
	listeners[1].protocol = strdup("tcp");
	listeners[0].reuseport_group = listeners[1].reuseport_group = 1;
	report->totals.listener_cnt = 2;
	report->connections[0].selection = (struct report_selection){.present = true,
								     .hash = 3000000000u,
								     .socks = 2,
								     .index = 1,
								     .predicted = 1,
								     .cpu = -1};
	report->connections[1].selection = (struct report_selection){.present = true,
								     .hash = 5,
								     .socks = 2,
								     .index = RECORD_NO_INDEX,
								     .program = true,
								     .cpu = 3};
	report->totals.summary.selections = 2;
	report->totals.summary.selections_predicted = 1;
	report->totals.summary.selections_by_program = 1;
	report->totals.summary.selections_unpredicted = 1;
	return report;
}

/* The second connection came from the first listener, an AF_UNIX one, to the second. */
static inline struct report *new_migrated_report(void)
{
	struct report *report = new_reuseport_report();

	free(report->totals.listeners[0].address);
	free(report->totals.listeners[0].protocol);
	report->totals.listeners[0].address = strdup("@\033[31m\xff");
	report->totals.listeners[0].protocol = strdup("unix");
	report->totals.listeners[0].reuseport_group = 0;
	strcpy(report->connections[0].peer, "pid 712");
	report->connections[1].listener = 2;
	report->connections[1].migrated_from = 1;
	report->totals.summary.migrated = 1;
	return report;
}

static inline char *render(const struct report *report, struct render_options options)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(render__report(out, report, &options), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

#endif
