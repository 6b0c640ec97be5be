/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What all renderers say in the same words. */
#include "report/words.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

const char *wake_cause__name(enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_ACCEPT: return "accept";
	case CAUSE_EPOLL: return "epoll";
	case CAUSE_POLL: return "poll";
	case CAUSE_IO_URING: return "io_uring";
	case CAUSE_CHAIN: return "chain";
	case CAUSE_LOCK: return "lock";
	case CAUSE_SIGNAL: return "signal";
	case CAUSE_OTHER: return "other";
	case CAUSE_CNT: break;
	}
	return "unknown";
}

const char *wake_outcome__name(enum wake_outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ACCEPTED: return "accepted";
	case OUTCOME_HANDED_ON: return "handed_on";
	case OUTCOME_EAGAIN: return "eagain";
	case OUTCOME_SWALLOWED: return "swallowed";
	case OUTCOME_IDLE: return "idle";
	case OUTCOME_EXITED: return "exited";
	case OUTCOME_PENDING: return "pending";
	case OUTCOME_CNT: break;
	}
	return "unknown";
}

const char *connection_end__name(enum connection_end end)
{
	switch (end) {
	case CONNECTION_ACCEPTED: return "accepted";
	case CONNECTION_WAITING: return "waiting";
	case CONNECTION_LOST: return "lost";
	}
	return "unknown";
}

const char *epoll_flags__take(uint32_t *events)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} flags[] = {
		{EPOLLIN, "EPOLLIN"},           {EPOLLPRI, "EPOLLPRI"},
		{EPOLLOUT, "EPOLLOUT"},         {EPOLLRDNORM, "EPOLLRDNORM"},
		{EPOLLRDBAND, "EPOLLRDBAND"},   {EPOLLWRNORM, "EPOLLWRNORM"},
		{EPOLLWRBAND, "EPOLLWRBAND"},   {EPOLLMSG, "EPOLLMSG"},
		{EPOLLRDHUP, "EPOLLRDHUP"},     {EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
		{EPOLLWAKEUP, "EPOLLWAKEUP"},   {EPOLLONESHOT, "EPOLLONESHOT"},
		{(uint32_t)EPOLLET, "EPOLLET"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!(*events & flags[i].flag))
			continue;
		*events &= ~flags[i].flag;
		return flags[i].name;
	}
	return NULL;
}

void report_connection__causes(char to[WORDS_CAUSES_SIZE],
			       const struct report_connection *connection)
{
	bool seen[CAUSE_CNT] = {false};
	size_t used = 0;

	for (size_t i = 0; i < connection->wake_cnt; i++) {
		if ((unsigned)connection->wakes[i].cause < CAUSE_CNT)
			seen[connection->wakes[i].cause] = true;
	}
	to[0] = '\0';
	for (unsigned cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++) {
		if (!seen[cause])
			continue;
		used += (size_t)snprintf(to + used, WORDS_CAUSES_SIZE - used, "%s%s",
					 used > 0 ? "+" : "", wake_cause__name(cause));
	}
}

void endpoint__text(char to[ENDPOINT_TEXT_SIZE], const struct record_endpoint *e)
{
	char address[INET6_ADDRSTRLEN] = "";
	uint32_t pid;

	if (e->family == AF_UNIX) {
		memcpy(&pid, e->address, sizeof(pid));
		snprintf(to, ENDPOINT_TEXT_SIZE, pid ? "pid %u" : "pid ?", pid);
		return;
	}
	inet_ntop(e->family, e->address, address, sizeof(address));
	snprintf(to, ENDPOINT_TEXT_SIZE, e->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
		 e->port);
}
