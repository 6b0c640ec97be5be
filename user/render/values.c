// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/values.h"

#include "print/json.h"
#include "report/words.h"

json_t *values__wakes_by_cause(const struct cause_counts *counts)
{
	json_t *object = json_object();

	for (unsigned cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++)
		if (cause != CAUSE_OTHER)
			set(&object, wake_cause__name(cause), number(counts->of[cause]));
	return object;
}
