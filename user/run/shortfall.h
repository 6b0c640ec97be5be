/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Where a run shows less than was asked for: the sentence that says so, and why. */
#ifndef HERDTRACE_RUN_SHORTFALL_H
#define HERDTRACE_RUN_SHORTFALL_H

#include <stdbool.h>
#include <stddef.h>

/* Why a run went no further. */
enum run_end {
	RUN_DONE, /* what the client had to do */
	RUN_SERVER_GONE,
	RUN_NOT_LISTENING, /* for as long as it may take */
	RUN_NOT_NAMED,     /* it listens, but where it was to listen it does not, likewise */
	RUN_DURATION,
	RUN_INTERRUPTED,
};

/* The user ended it, who knows that there might have been more. */
bool run_end__by_user(enum run_end end);

struct shortfall {
	enum run_end end;
	const char *command;    /* what was started; NULL: what runs already was traced */
	const char *running;    /* the name of that: "process 17" */
	double wait_sec;        /* what it had to listen, 0: it was to listen already */
	bool has_udp;           /* sockets, which are none to be traced */
	const char *server_end; /* how the command ended, in words; "" where that is not known */
	bool killed;            /* by a signal, then */
	unsigned asked, arrived, failed; /* connections */
	int error;                       /* positive: what the last of those failed with */
};

/* Nothing listened. */
void shortfall__describe_silence(const struct shortfall *s, char *text, size_t size);

/* There were fewer connections than asked for. */
void shortfall__describe_connections(const struct shortfall *s, char *text, size_t size);

#endif
