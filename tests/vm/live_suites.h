/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The live tests, by subject. */
#ifndef HERDTRACE_LIVE_SUITES_H
#define HERDTRACE_LIVE_SUITES_H

#include "live.h"

void live__suite_counts(void);    /* live_counts.c: one connection after another */
void live__suite_crowds(void);    /* live_crowds.c: connections that overlap */
void live__suite_many(void);      /* live_many.c: more waiters than are listed */
void live__suite_load(void);      /* live_load.c: thousands of connections, many workers */
void live__suite_churn(void);     /* live_churn.c: what is remembered in a long run */
void live__suite_verdicts(void);  /* live_verdicts.c: what is said of a run */
void live__suite_whom(void);      /* live_whom.c: ways to name a server that runs */
void live__suite_early(void);     /* live_early.c: calls that began before the trace */
void live__suite_places(void);    /* live_places.c: units of systemd, containers of podman */
void live__suite_services(void);  /* live_services.c: the unit of metrics, with systemd */
void live__suite_metrics(void);   /* live_metrics.c: what Prometheus gets */
void live__suite_groups(void);    /* live_group.c: SO_REUSEPORT */
void live__suite_topology(void);  /* live_topology.c: several listeners, tasks of others */
void live__suite_unix(void);      /* live_unix.c: AF_UNIX */
void live__suite_uring(void);     /* live_uring.c: io_uring */
void live__suite_verify(void);    /* live_verify.c: the catalogue of claims */
void live__suite_wrong(void);     /* live_wrong.c: each claim with a wrong server */
void live__suite_starts(void);    /* live_starts.c: the same start again and again */
void live__suite_behaviour(void); /* live_behaviour.c: trees, signals, loss, recordings */
void live__suite_doctor(void);    /* live_doctor.c: what it says where everything works */
void live__suite_top(void);       /* live_top.c: a screen, and lines */
void live__suite_learn(void);     /* live_learn.c: lessons */
void live__suite_misuse(void);    /* live_misuse.c: wrong use */

/* live_uring.c: nobody sees what a ring accepts: the wakes count, and no more is said. A part of "counts",
 * whose kprobes are attached already: that takes longer than all of the runs. */
void live__uring_with_kprobes(void);

#endif
