/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What all renderers say in the same words. */
#include <stdio.h>

#include "report/words.h"

const char *connection_end__name(enum connection_end end)
{
	switch (end) {
	case CONNECTION_ACCEPTED: return "accepted";
	case CONNECTION_WAITING: return "waiting";
	case CONNECTION_LOST: return "lost";
	}
	return "unknown";
}

void render__causes(char to[RENDER_CAUSES_SIZE], const struct report_connection *connection)
{
	bool seen[CAUSE_CNT] = {false};
	size_t used = 0;

	for (size_t i = 0; i < connection->wake_cnt; i++) {
		if ((unsigned)connection->wakes[i].cause < CAUSE_CNT)
			seen[connection->wakes[i].cause] = true;
	}
	to[0] = '\0';
	for (unsigned cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++) {
		if (!seen[cause])
			continue;
		used += (size_t)snprintf(to + used, RENDER_CAUSES_SIZE - used, "%s%s",
					 used > 0 ? "+" : "", wake_cause__name(cause));
	}
}

bool render__as_predicted(const struct report_selection *selection)
{
	return selection->index != RECORD_NO_INDEX && selection->index == selection->predicted;
}
