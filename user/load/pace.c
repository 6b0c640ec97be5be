// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "load/pace.h"

#include "base/clock.h"
#include "base/procfs.h"

/* A server that has not come to rest after this long is not going to: go on without. */
#define SETTLE_LIMIT_NS (2000 * NS_PER_MS)
/* In PACE_AFTER, and as long as it makes workers. */
#define REST_LIMIT_NS (20000 * NS_PER_MS)
/* How far two looks at the tasks lie apart that must both find them asleep. */
#define LOOK_AGAIN_NS (4 * NS_PER_MS)
/* A woken task that sleeps elsewhere (for a lock, for a signal) is none to wait for; and one that ends
 * is not seen any more, before its parent hears of it. */
#define LOOK_LONGER_NS (40 * NS_PER_MS)
/* On the way there, a look in between; and from one that found a task awake to the next. */
#define LOOK_STEP_NS (10 * NS_PER_MS)
#define LOOK_SOON_NS (2 * NS_PER_MS)
/* While workers are being made: look longer. */
#define FIRST_LOOK_NS (50 * NS_PER_MS)

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_ns(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void pace__begin(struct pace *pace, enum pace_phase phase, uint64_t now_ns)
{
	*pace = (struct pace){.phase = phase, .since_ns = now_ns};
}

struct rest {
	bool all, nap_matters;
};

static bool is_awake(uint32_t tid, uint32_t pid, bool nap_matters)
{
	enum task_rest rest;

	if (!nap_matters)
		return procfs__runs(pid, tid);
	rest = procfs__rest(pid, tid);
	return rest == TASK_RUNS || rest == TASK_NAPS;
}

/* A worker naps on its way to accept; a master that naps between its rounds does not matter, once
 * the workers have been seen to work. */
static void look_at_task(void *arg, uint32_t tid, uint32_t pid, bool woken)
{
	struct rest *rest = arg;

	rest->all = rest->all && !is_awake(tid, pid, woken || rest->nap_matters);
}

static void look(struct pace *pace, const struct model *model, uint64_t now_ns)
{
	struct rest rest = {.all = true, .nap_matters = pace->phase == PACE_BEFORE};

	model__each_task(model, look_at_task, &rest);
	if (!rest.all || !pace->asleep)
		pace->asleep_ns = 0;
	else /* a machine that stood still in between has shown nothing of its tasks */
		pace->asleep_ns += min_ns(now_ns - pace->looked_ns, LOOK_STEP_NS);
	pace->asleep = rest.all;
	pace->looked_ns = now_ns;
}

/* How long every look must have found all tasks asleep. */
static uint64_t asleep_for_ns(const struct pace *pace)
{
	if (pace->phase != PACE_BETWEEN)
		return FIRST_LOOK_NS;
	return pace->open_wakes || pace->restless ? LOOK_LONGER_NS : LOOK_AGAIN_NS;
}

/* A server that has been busy for long is not looked at as often: a quarter longer at most. */
static uint64_t next_look_ns(const struct pace *pace)
{
	uint64_t patience_ns = (pace->looked_ns - pace->since_ns) / 4;
	uint64_t for_ns = asleep_for_ns(pace);

	if (!pace->looked_ns)
		return 0;
	if (pace->asleep)
		return pace->looked_ns +
		       min_ns(for_ns - min_ns(for_ns, pace->asleep_ns), LOOK_STEP_NS);
	return pace->looked_ns + max_ns(LOOK_SOON_NS, min_ns(patience_ns, LOOK_STEP_NS));
}

/* Tasks whose wakes are being decided are awake, unless nothing is decided any more. */
static bool may_rest(struct pace *pace, size_t open_wakes, uint64_t now_ns)
{
	if (pace->open_wakes != open_wakes)
		pace->steady_since = now_ns;
	pace->open_wakes = open_wakes;
	return !open_wakes || now_ns - pace->steady_since >= LOOK_AGAIN_NS;
}

static void count_tasks(struct pace *pace, size_t live_tasks, uint64_t now_ns)
{
	if (pace->counted && live_tasks > pace->live_tasks)
		pace->grown_ns = now_ns;
	if (pace->counted && pace->live_tasks > live_tasks) {
		pace->restless = true;
		pace->asleep = false;
	}
	pace->live_tasks = live_tasks;
	pace->counted = true;
}

/* A server of hundreds of workers takes longer to make them than one that never rests is given. */
static uint64_t hope_ends_ns(const struct pace *pace)
{
	if (pace->phase == PACE_AFTER)
		return pace->since_ns + REST_LIMIT_NS;
	if (pace->phase == PACE_BEFORE && pace->grown_ns)
		return min_ns(pace->grown_ns + SETTLE_LIMIT_NS, pace->since_ns + REST_LIMIT_NS);
	return pace->since_ns + SETTLE_LIMIT_NS;
}

bool pace__settled(struct pace *pace, const struct model *model, bool in_flight, uint64_t now_ns)
{
	struct model_progress p;

	if (now_ns > hope_ends_ns(pace))
		return true;
	model__progress(model, &p);
	count_tasks(pace, p.live_tasks, now_ns);
	pace->in_flight = in_flight;
	if (in_flight) {
		pace->asleep = false;
		pace->looked_ns = 0;
		return false;
	}
	if (!may_rest(pace, p.open_wakes, now_ns) || now_ns < next_look_ns(pace))
		return false;
	look(pace, model, now_ns);
	return pace->asleep && pace->asleep_ns >= asleep_for_ns(pace);
}

uint64_t pace__next_ns(const struct pace *pace)
{
	uint64_t steady_ns = pace->open_wakes ? pace->steady_since + LOOK_AGAIN_NS : 0;
	uint64_t done_ns = hope_ends_ns(pace) + 1;

	if (pace->in_flight)
		return done_ns;
	return min_ns(done_ns, max_ns(steady_ns, next_look_ns(pace)));
}
