/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the kernel side of the herdtrace that runs has in its maps. */
#ifndef HERDTRACE_LIVE_MAPS_H
#define HERDTRACE_LIVE_MAPS_H

/* How many entries, -1: there is no such map. */
int live__count_entries(const char *map);

/* Waits until there are least to most of them. Returns how many there are after a time in which there would be. */
int live__await_entries(const char *map, int least, int most);

#endif
