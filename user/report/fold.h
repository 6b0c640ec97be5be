/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Totals of a run of hours: what its many workers and listeners that are gone have left behind is put together, so that
 * totals grow with what is there, and not with what has been.
 *
 * Whoever owns numbers of rows marks those that are needed still. The others go; what follows them moves up, and
 * where each has gone is told: FOLD_GONE, or its new number.
 */
#ifndef HERDTRACE_REPORT_FOLD_H
#define HERDTRACE_REPORT_FOLD_H

#include "report/totals.h"

#define FOLD_GONE UINT32_MAX

/*
 * What is known of so many workers of one pool that went is enough to know that too many did. Of closed listeners,
 * the pools of so many are kept with their draws.
 */
#ifndef FOLD_MEMBERS
#define FOLD_MEMBERS 16384
#endif
#ifndef FOLD_POOLS
#define FOLD_POOLS 1024
#endif

/*
 * Forgets the draws of pools in which too much came and went, and pools of closed listeners: those in which there was
 * nothing to win, and all but the newest. needed: as above; a pool that is open is needed anyway. Returns 0 or -ENOMEM.
 */
int fold__pools(struct totals *totals, uint32_t *needed);

/* Adds up the workers that are not needed: those of a pool are. The same for listeners. */
int fold__workers(struct totals *totals, uint32_t *needed);
void fold__listeners(struct totals *totals, uint32_t *needed);

#endif
