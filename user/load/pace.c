// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "load/pace.h"

#include "base/clock.h"
#include "base/procfs.h"

/* A server that has not come to rest after this long is not going to: go on without. */
#define SETTLE_LIMIT_NS (2000 * NS_PER_MS)
/* In PACE_AFTER. */
#define REST_LIMIT_NS (20000 * NS_PER_MS)
/* How far two looks at the tasks lie apart that must both find them asleep. */
#define LOOK_AGAIN_NS (4 * NS_PER_MS)
/* A woken task that sleeps elsewhere (for a lock, for a signal) is none to wait for. */
#define LOOK_LONGER_NS (40 * NS_PER_MS)
/* While workers are being made: look longer. */
#define FIRST_LOOK_NS (50 * NS_PER_MS)

void pace__begin(struct pace *pace, enum pace_phase phase, uint64_t now_ns)
{
	*pace = (struct pace){.phase = phase, .since_ns = now_ns};
}

struct rest {
	bool all, nap_matters;
};

static void look_at_task(void *arg, uint32_t tid, uint32_t pid, bool woken)
{
	struct rest *rest = arg;
	enum task_rest state = procfs__rest(pid, tid);

	/* A worker naps on its way to accept; a master that naps between its rounds does not
	 * matter, once the workers have been seen to work. */
	if (state == TASK_RUNS || (state == TASK_NAPS && (woken || rest->nap_matters)))
		rest->all = false;
}

/* Have all tasks of the tree been asleep for so long? */
static bool all_asleep(struct pace *pace, const struct model *model, uint64_t now_ns,
		       uint64_t for_ns)
{
	struct rest rest = {.all = true, .nap_matters = pace->phase == PACE_BEFORE};

	model__each_task(model, look_at_task, &rest);
	if (!rest.all) {
		pace->asleep_since = 0;
		return false;
	}
	if (!pace->asleep_since)
		pace->asleep_since = now_ns;
	return now_ns - pace->asleep_since >= for_ns;
}

static uint64_t look_again_ns(const struct pace *pace, const struct model *model)
{
	struct model_progress p;

	if (pace->phase != PACE_BETWEEN)
		return FIRST_LOOK_NS;
	model__progress(model, &p);
	return p.open_wakes ? LOOK_LONGER_NS : LOOK_AGAIN_NS;
}

bool pace__settled(struct pace *pace, const struct model *model, bool in_flight, uint64_t now_ns)
{
	uint64_t limit_ns = pace->phase == PACE_AFTER ? REST_LIMIT_NS : SETTLE_LIMIT_NS;

	if (now_ns - pace->since_ns > limit_ns)
		return true;
	if (in_flight) {
		pace->asleep_since = 0;
		return false;
	}
	return all_asleep(pace, model, now_ns, look_again_ns(pace, model));
}
