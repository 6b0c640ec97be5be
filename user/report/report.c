/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#include <stdlib.h>

#include "report/report.h"

static void free_strings(char **strings, size_t cnt)
{
	/* The count may be set before the array is there, when building one failed half-way. */
	for (size_t i = 0; strings && i < cnt; i++)
		free(strings[i]);
	free(strings);
}

static void free_hooks(struct report_hook *hooks, size_t cnt)
{
	for (size_t i = 0; hooks && i < cnt; i++) {
		free(hooks[i].function);
		free(hooks[i].how);
	}
	free(hooks);
}

static void free_listeners(struct report_listener *listeners, size_t cnt)
{
	for (size_t i = 0; listeners && i < cnt; i++) {
		free(listeners[i].address);
		free(listeners[i].protocol);
	}
	free(listeners);
}

static void free_workers(struct report_worker *workers, size_t cnt)
{
	for (size_t i = 0; workers && i < cnt; i++)
		free(workers[i].comm);
	free(workers);
}

static void free_connections(struct report_connection *connections, size_t cnt)
{
	for (size_t i = 0; connections && i < cnt; i++) {
		free(connections[i].peer);
		free(connections[i].wakes);
	}
	free(connections);
}

void report__free(struct report *report)
{
	if (!report)
		return;
	free(report->kernel_release);
	free(report->kernel_arch);
	free(report->attach_mode);
	free_hooks(report->hooks, report->hook_cnt);
	free_strings(report->command, report->command_cnt);
	free_strings(report->notes, report->note_cnt);
	free(report->server_exit);
	free_listeners(report->listeners, report->listener_cnt);
	free_workers(report->workers, report->worker_cnt);
	free_connections(report->connections, report->connection_cnt);
	free(report->loss.reason);
	free(report->herd.reason);
	free(report->skew.reason);
	free(report->stranding.reason);
	free(report->advice);
	free(report);
}

const char *wake_cause__name(enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_ACCEPT: return "accept";
	case CAUSE_EPOLL: return "epoll";
	case CAUSE_POLL: return "poll";
	case CAUSE_IO_URING: return "io_uring";
	case CAUSE_CHAIN: return "chain";
	case CAUSE_LOCK: return "lock";
	case CAUSE_OTHER: return "other";
	case CAUSE_CNT: break;
	}
	return "unknown";
}

const char *wake_outcome__name(enum wake_outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ACCEPTED: return "accepted";
	case OUTCOME_EAGAIN: return "eagain";
	case OUTCOME_SWALLOWED: return "swallowed";
	case OUTCOME_IDLE: return "idle";
	case OUTCOME_EXITED: return "exited";
	case OUTCOME_PENDING: return "pending";
	case OUTCOME_CNT: break;
	}
	return "unknown";
}

const char *verdict__name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_INCONCLUSIVE: return "inconclusive";
	case VERDICT_PROVED: return "proved";
	case VERDICT_REFUTED: return "refuted";
	}
	return "unknown";
}
