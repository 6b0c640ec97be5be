/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Who draws from one lot of connections: the workers of a listener, or of a reuseport group, are a pool. What is
 * kept of its draws grows with workers that come and go, not with connections: their number in each stage, from
 * one coming or going to the next, and what each member has won. Time is counted in draws of the run.
 */
#ifndef HERDTRACE_REPORT_POOLS_H
#define HERDTRACE_REPORT_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Out of memory is an error to report, not a reason to exit. */
#ifndef HASH_NONFATAL_OOM
#define HASH_NONFATAL_OOM 1
#endif
#include <uthash.h>

#include "base/vector.h"
#include "bpf/record.h"

/* A number of things by cause; the index is enum wake_cause. In a complete run [CAUSE_OTHER] stays 0. */
struct cause_counts {
	uint64_t of[CAUSE_CNT];
};

/* What a verdict on a herd rests on. */
struct herd_sample {
	uint64_t possible; /* arrivals that found two or more tasks which could have taken them */
	uint64_t many;     /* of them: woke more than one */
	uint64_t herds;    /* of these: at least one for nothing */
	uint64_t
		undecided; /* of .many: not a herd so far, but the trace ended before all was known */
	uint64_t wasted;   /* wakes for nothing, at herds */
	unsigned most;     /* tasks that one arrival woke */
	unsigned most_waiters;
	struct cause_counts extra; /* every wake but the first, at herds */
	uint64_t rearmed; /* of .extra chain: by a task that armed a ready item again (epoll_ctl) */
};

#define STILL_THERE UINT64_MAX

/* A time in which a member neither waited nor accepted, from the first draw that others won to the last. */
struct pool_absence {
	uint64_t ns, draws;
};

/* Of pools with more living members nobody knows who was absent. */
#define POOL_WATCHED 64

struct pool_member {
	struct {
		uint32_t pool, worker;
	} key;                /* indexes in the totals */
	uint64_t from, until; /* draws of the run when it came, and when it went */
	uint64_t seen;        /* ... and when it last waited or accepted */
	uint64_t wins;        /* draws */
	bool is_watched; /* it was there from the beginning, or was seen: what it misses is counted ... */
	bool is_spared; /* ... but for the next draw, of the connection at which it was seen to wait */
	uint64_t shown;              /* draws of the pool when it was last seen so */
	uint64_t missed_ns;          /* when another one won the first of those since; 0: none */
	struct pool_absence absence; /* the longest that is over */
	bool is_gone;                /* about to be forgotten */
	bool holds;                  /* it had the listener open when the trace ended */
	struct pool_member *next_of_pool, *next_of_worker;
	UT_hash_handle hh;
};

/* Draws during which nobody came or went. */
struct pool_stage {
	uint64_t from, draws;
};

struct pool {
	uint32_t listener;           /* index of its first one: where it listens */
	bool group;                  /* of listeners with SO_REUSEPORT */
	unsigned open, most_open;    /* listeners; AF_UNIX and without SO_REUSEPORT: one */
	uint64_t draws, connections; /* accepted, those that were told */
	uint64_t first_draw_ns, last_draw_ns;
	bool is_cut; /* not all that waited were told */
	/* Of the draws: no task was asleep; one was; two or more were, in a known order; the first of them
	 * won; a program chose the listener. */
	uint64_t all_busy, alone, ordered, first, by_program;
	uint64_t exclusive,
		shared_wait; /* waiters by whether they wait exclusively, where it is known */
	struct herd_sample herd;
	uint64_t holders; /* that were told when the trace ended */
	VECTOR(struct pool_stage) stages;
	bool stage_is_over;
	bool is_crowded; /* too much came and went: no stages are kept ... */
	size_t left;     /* ... nor members that have left: so many that were in the draw */
	struct pool_member *members; /* linked by .next_of_pool, the last that came first */
	size_t live;                 /* of them, still there */
};

struct pools {
	VECTOR(struct pool) all;
	struct pool_name *names;     /* of groups, by where they listen */
	struct pool_member *members; /* by pool and worker */
	uint64_t draws;
	size_t untold; /* pools of closed listeners that are forgotten, though they had draws */
};

/* Members times stages: beyond, too much came and went to be held against a fair split. */
#define POOL_TURNS_MAX 4e6

void pools__drop(struct pools *pools);

/* The index of the pool of a group that listens there, or of a new one. Negative errno. */
int64_t pools__of_group(struct pools *pools, const struct record_endpoint *local,
			uint32_t listener);
int64_t pools__new(struct pools *pools, uint32_t listener);

/*
 * The worker takes part, from when it was made on (.draws by then), or has for long. first: its list of
 * memberships. NULL when out of memory.
 */
struct pool_member *pools__join(struct pools *pools, uint32_t pool, uint32_t worker, uint64_t since,
				struct pool_member **first);

/* The worker has ended. */
void pools__leave(struct pools *pools, struct pool_member *first);

/* It has won a draw. Returns 0 or -ENOMEM. */
int pools__draw(struct pools *pools, struct pool_member *winner, uint64_t time_ns);

/* It waits, or takes one more of what it has drawn: it is not absent. */
void pools__show(struct pools *pools, struct pool_member *member);

/* The trace is over: who lives, but has the listener no more, has left when it was last seen. */
void pools__close(struct pools *pools);

/* Only these, by index, keep their draws; what connections say of them is to be counted anew. */
void pools__restrict(struct pools *pools, const bool *kept);

/* Pools and workers have other indexes now; NULL: the same ones. Returns 0 or -ENOMEM. */
int pools__renumber(struct pools *pools, const uint32_t *pool_places,
		    const uint32_t *worker_places);

/* The longest absence of a member. */
struct pool_absence pool_member__absence(const struct pool *pool, const struct pool_member *member);

/* Did the member take part in this stage? */
bool pool_member__was_in(const struct pool_member *member, const struct pool_stage *stage);

#endif
