// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/closed.h"

bool wake_outcome__is_wasted(enum wake_outcome outcome)
{
	return outcome != OUTCOME_ACCEPTED && outcome != OUTCOME_HANDED_ON &&
	       outcome != OUTCOME_PENDING;
}

unsigned closed_connection__woken(const struct closed_connection *c)
{
	unsigned woken = 0;

	for (size_t i = 0; i < c->wake_cnt; i++)
		woken += c->wakes[i].cause != CAUSE_LOCK;
	return woken;
}

unsigned closed_connection__wasted(const struct closed_connection *c)
{
	unsigned wasted = 0;

	for (size_t i = 0; i < c->wake_cnt; i++)
		wasted += c->wakes[i].cause != CAUSE_LOCK &&
			  wake_outcome__is_wasted(c->wakes[i].outcome);
	return wasted;
}

bool report_selection__is_predicted(const struct report_selection *selection)
{
	return !selection->program && selection->index != RECORD_NO_INDEX;
}

bool report_selection__as_predicted(const struct report_selection *selection)
{
	return report_selection__is_predicted(selection) &&
	       selection->index == selection->predicted;
}
