// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "explain/names.h"

#include <stdlib.h>
#include <string.h>

/* A recording has no more of its kernel than the release: ep_scan_ready_list() was taken apart in 5.12 (57804b1cc461). */
static bool is_before_512(const struct drawing *d)
{
	const char *release = d->report->kernel_release;
	char *end = NULL;
	long major = release ? strtol(release, &end, 10) : 0;
	long minor = end && *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return major > 0 && (major < 5 || (major == 5 && minor < 12));
}

const char *names__harvest(const struct drawing *d)
{
	return is_before_512(d) ? "ep_scan_ready_list" : "ep_done_scan";
}

/* ep_poll() is inlined in most kernels: what was really hooked is said. */
static const char *epoll_call(const struct drawing *d)
{
	for (size_t i = 0; i < d->report->hook_cnt; i++)
		if (!strcmp(d->report->hooks[i].function, "ep_poll"))
			return "ep_poll";
	return "do_epoll_wait";
}

/* The second is what it calls for who sleeps in the instance: not in a line that would have to cut it. */
static const char *epoll_wake(const struct drawing *d)
{
	return d->terminal->width && d->terminal->width < 96
		       ? "ep_poll_callback"
		       : "ep_poll_callback > ep_autoremove_wake_function";
}

const char *names__wake(const struct drawing *d, const struct report_wake *wake)
{
	switch (wake->cause) {
	case CAUSE_ACCEPT:
		return drawing__is_unix(d) ? "receiver_wake_function" : "autoremove_wake_function";
	case CAUSE_EPOLL: return epoll_wake(d);
	case CAUSE_POLL: return "pollwake";
	case CAUSE_IO_URING: return "io_poll_wake";
	case CAUSE_CHAIN:
		return wake->rearmed ? "epoll_ctl: ep_insert or ep_modify" : names__harvest(d);
	case CAUSE_LOCK: return "release_sock";
	case CAUSE_SIGNAL: return "sock_wake_async";
	default: return "";
	}
}

const char *names__return(const struct drawing *d, enum wake_cause cause)
{
	switch (cause) {
	case CAUSE_EPOLL:
	case CAUSE_CHAIN: return epoll_call(d);
	case CAUSE_POLL: return "do_sys_poll or do_select";
	case CAUSE_ACCEPT: return names__accept(d);
	case CAUSE_IO_URING: return "io_uring_enter";
	default: return "";
	}
}

const char *names__syn(const struct drawing *d)
{
	return d->row->selection.present ? "reuseport_select_sock" : "tcp_conn_request";
}

const char *names__arrival(const struct drawing *d)
{
	if (drawing__is_unix(d))
		return "unix_stream_connect";
	return "inet_csk_complete_hashdance";
}

const char *names__accept(const struct drawing *d)
{
	return drawing__is_unix(d) ? "unix_accept" : "inet_csk_accept";
}
