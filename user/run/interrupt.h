/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The signals that end a run early: Ctrl-C and its kin. The only mutable globals of the program. */
#ifndef HERDTRACE_RUN_INTERRUPT_H
#define HERDTRACE_RUN_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are only remembered, and SIGPIPE is ignored. */
void interrupt__catch(void);

/* Has one of them come? */
bool interrupt__seen(void);

/* Readable from then on, for who waits; -1 where none is caught. */
int interrupt__fd(void);

#endif
